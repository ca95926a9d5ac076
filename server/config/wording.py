"""Findings of the specification's validation, in the words of the configuration file."""

from collections.abc import Callable, Sequence
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from server.config.lines import Location
from server.config.problem import suggestion
from server.config.spec import ModelConfig
from server.config.strict import ConflictError, Strict

Rename = Callable[[Location], Location]
"""From a location of the specification to the one in the file."""

_SHOULD_BE = {
    "bool_type": "true or false",
    "dict_type": "keys and values",
    "finite_number": "a finite number",
    "float_type": "a number",
    "int_from_float": "a whole number",
    "int_parsing_size": "a smaller number",
    "int_type": "a whole number",
    "string_pattern_mismatch": "the name of a file, without folders",
    "string_too_short": "at least one character",
    "string_type": "text",
    "tuple_type": "a list",
    "greater_than_equal": "{ge} or more",
    "less_than_equal": "at most {le}",
    "literal_error": "{expected}",
    "too_short": "at least {min_length}",
}


def explain(error: ValidationError, rename: Rename) -> list[tuple[Location, str]]:
    """Location in the specification and message of every finding; `rename` for the messages."""
    found = []
    for item in error.errors():
        location = _location(item)
        found.append((location, _message(location, rename, item)))
    return found


def as_it_is(location: Location) -> Location:
    """For files whose keys are the specification's."""
    return location


def _location(item: ErrorDetails) -> Location:
    location: Location = item["loc"]
    if location[:1] == ("dynamic_batching",):
        location = (*location[:1], *location[2:])  # without the form that was chosen
    if location[-1:] == ("[key]",):
        location = location[:-1]
    conflict = item.get("ctx", {}).get("error")
    return (*location, *conflict.at) if isinstance(conflict, ConflictError) else location


def _message(location: Location, rename: Rename, item: ErrorDetails) -> str:
    key = _key(rename(location))
    kind, value = item["type"], item["input"]
    if kind == "extra_forbidden":
        return _unknown_key(location)
    if kind == "missing":
        return f"{key} is missing"
    if kind == "value_error":
        cause = item["ctx"]["error"]
        conflict = isinstance(cause, ConflictError)
        return f"{key}: {cause}" if conflict else f"{key}: {_shown(value)}: {cause}"
    if kind == "model_type":
        return f"{key}: {_shown(value)} should be keys and values: {_listed(location)}"
    if kind == "bool_type" and location == ("dynamic_batching",):
        return f"{key}: {_shown(value)} should be true, false, or keys: {_listed(location)}"
    template = "should be " + _SHOULD_BE[kind] if kind in _SHOULD_BE else item["msg"]
    limits = {name: _whole(limit) for name, limit in item.get("ctx", {}).items()}
    reason = template.format(**limits)
    near = _near(item)
    return f"{key}: {_shown(value)} {reason}{near and '.'}{near}"


def _whole(limit: object) -> object:
    return int(limit) if isinstance(limit, float) and limit.is_integer() else limit


def _unknown_key(location: Location) -> str:
    known = _known_keys(location[:-1])
    place = f" in {_key(location[:-1])}" if len(location) > 1 else ""
    hint = suggestion(str(location[-1]), known)
    return f'unknown key "{location[-1]}"{place}.{hint} Allowed: {", ".join(known)}'


def _near(item: ErrorDetails) -> str:
    value = item["input"]
    if item["type"] != "literal_error" or not isinstance(value, str):
        return ""
    expected = str(item["ctx"]["expected"]).replace(" or ", ", ")
    choices = [word.strip("' ") for word in expected.split(",")]
    return suggestion(value.upper(), choices) or suggestion(value, choices)


def _shown(value: object) -> str:
    text = repr(list(value)) if isinstance(value, tuple) else repr(value)
    text = {"None": "null", "True": "true", "False": "false"}.get(text, text)
    return text if len(text) <= 60 else text[:57] + "..."


def _key(location: Location) -> str:
    text = ""
    for part in location:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def _listed(location: Location) -> str:
    return ", ".join(_known_keys(location))


def _known_keys(location: Location) -> list[str]:
    """The keys allowed at `location` of the specification."""
    model: type[BaseModel] = ModelConfig
    for part in location:
        field = model.model_fields.get(part) if isinstance(part, str) else None
        if field is not None:
            model = _nested(field.annotation) or model
    return list(model.model_fields)


def _nested(annotation: Any) -> type[Strict] | None:
    """The specification class inside tuple[X, ...], dict[str, X] or X | None."""
    if isinstance(annotation, type) and issubclass(annotation, Strict):
        return annotation
    inner: Sequence[Any] = getattr(annotation, "__args__", ())
    return next((found for found in map(_nested, inner) if found is not None), None)
