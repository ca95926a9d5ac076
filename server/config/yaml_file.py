"""Reads model.yaml. Every problem names the line, the key, the value and what is allowed."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from server.config.problem import ConfigError, Problem, suggestion
from server.config.spec import ModelConfig, Strict

Location = tuple[str | int, ...]


def read_yaml(path: Path, text: str) -> ModelConfig:
    """The configuration in `text`; raises ConfigError with all problems found."""
    lines: dict[Location, int] = {}
    value = _parse(path, text, lines)
    if value is None:
        value = {}
    if not isinstance(value, dict):
        raise ConfigError([Problem(path, "expected keys and values (max_batch_size: 8)", 1)])
    try:
        return ModelConfig.model_validate(_friendly(value))
    except ValidationError as error:
        problems = [_problem(path, item, lines) for item in error.errors() if not _echo(item)]
        raise ConfigError(problems) from None


def _parse(path: Path, text: str, lines: dict[Location, int]) -> Any:
    try:
        loader = yaml.SafeLoader(text)
        node = loader.get_single_node()
        if node is None:
            return None
        _Index(path, lines).add(node, ())
        return loader.construct_document(node)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        message = f"this is not YAML: {error.problem or error.context}"
        raise ConfigError([Problem(path, message, mark.line + 1 if mark else None)]) from None
    except RecursionError:
        raise ConfigError([Problem(path, "is nested too deeply")]) from None
    except (yaml.YAMLError, ValueError) as error:
        message = f"this is not YAML: {error}".replace("\n", " ")
        raise ConfigError([Problem(path, message)]) from None


class _Index:
    """Notes the line of every key and item; refuses what the specification has no use for."""

    def __init__(self, path: Path, lines: dict[Location, int]) -> None:
        self._path = path
        self._lines = lines
        self._seen: set[int] = set()

    def add(self, node: yaml.Node, at: Location) -> None:
        line = node.start_mark.line + 1
        if id(node) in self._seen:
            raise ConfigError([Problem(self._path, "aliases (*name) are not supported", line)])
        self._seen.add(id(node))
        self._lines.setdefault(at, line)
        if isinstance(node, yaml.MappingNode):
            self._add_keys(node, at)
        elif isinstance(node, yaml.SequenceNode):
            for number, item in enumerate(node.value):
                self.add(item, (*at, number))

    def _add_keys(self, node: yaml.MappingNode, at: Location) -> None:
        keys: set[str] = set()
        for key, value in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                raise ConfigError([Problem(self._path, "a key must be a single word", line)])
            if key.value in keys:
                raise ConfigError([Problem(self._path, f'key "{key.value}" is given twice', line)])
            keys.add(key.value)
            self._lines[(*at, key.value)] = line
            self.add(value, (*at, key.value))


def _friendly(value: dict[Any, Any]) -> dict[Any, Any]:
    """Short forms: `version_policy: all`; numbers and booleans as provider options."""
    changed = dict(value)
    if changed.get("version_policy") == "all":
        changed["version_policy"] = {"all": True}
    options = changed.get("provider_options")
    if isinstance(options, dict):
        changed["provider_options"] = {
            key: _option(option) if isinstance(option, int | float) else option
            for key, option in options.items()
        }
    return _tuples(changed)  # type: ignore[no-any-return]


def _option(value: float | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _tuples(value: Any) -> Any:
    """YAML's lists as the tuples that the strict, frozen specification holds."""
    if isinstance(value, dict):
        return {key: _tuples(item) for key, item in value.items()}
    if isinstance(value, list):
        return tuple(_tuples(item) for item in value)
    return value


def _problem(path: Path, item: ErrorDetails, lines: dict[Location, int]) -> Problem:
    location = tuple(part for part in item["loc"] if _written(part))
    line = next(
        (lines[location[:end]] for end in range(len(location), 0, -1) if location[:end] in lines),
        lines.get((), 1),
    )
    return Problem(path, _message(location, item), line)


def _echo(item: ErrorDetails) -> bool:
    """Whether this is the branch of `dynamic_batching` (keys, true or false) not meant."""
    branch = "DynamicBatching" if item["type"] == "model_type" else "bool"
    return branch in item["loc"] and (
        branch == "DynamicBatching" or isinstance(item["input"], dict)
    )


def _written(part: str | int) -> bool:
    """Union branches ("DynamicBatching", "bool") are pydantic's words, not the file's."""
    return part not in ("DynamicBatching", "bool", "literal[True]")


def _message(location: Location, item: ErrorDetails) -> str:
    key = _key(location)
    if item["type"] == "extra_forbidden":
        known = _known_keys(location[:-1])
        place = f" in {_key(location[:-1])}" if len(location) > 1 else ""
        hint = suggestion(str(location[-1]), known)
        return f'unknown key "{location[-1]}"{place}.{hint} Allowed: {", ".join(known)}'
    if item["type"] == "missing":
        return f"{key} is missing"
    reason = item["msg"].removeprefix("Value error, ").replace("Input should", "should")
    if "bool" in item["loc"]:
        reason = "should be true, false, or keys such as max_queue_delay_microseconds"
    hint = ""
    if item["type"] == "literal_error" and isinstance(item["input"], str):
        hint = suggestion(item["input"].upper(), _choices(item)) or suggestion(
            item["input"], _choices(item)
        )
    return f"{key}: {_shown(item['input'])} {_because(reason)}.{hint}"


def _because(reason: str) -> str:
    return reason if reason.startswith("should") else f"is not allowed: {reason}"


def _choices(item: ErrorDetails) -> list[str]:
    expected = item.get("ctx", {}).get("expected", "")
    return [word.strip("' ") for word in str(expected).replace(" or ", ", ").split(",")]


def _shown(value: object) -> str:
    text = repr(list(value)) if isinstance(value, tuple) else repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _key(location: Location) -> str:
    text = ""
    for part in location:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


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
