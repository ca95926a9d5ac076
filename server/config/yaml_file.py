"""Reads model.yaml. Every problem names the line, the key, the value and what is allowed."""

from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from server.config.lines import Lines, Location
from server.config.problem import ConfigError, Problem
from server.config.spec import ModelConfig
from server.config.wording import as_it_is, explain

_MERGE = "tag:yaml.org,2002:merge"


def read_yaml(path: Path, text: str) -> tuple[ModelConfig, Lines]:
    """The configuration in `text`, where its keys stand; raises ConfigError with all problems."""
    lines = Lines()
    value = _parse(path, text, lines)
    if value is None:
        value = {}
    if not isinstance(value, dict):
        raise ConfigError([Problem(path, "expected keys and values (max_batch_size: 8)", 1)])
    try:
        return ModelConfig.model_validate(_friendly(value)), lines
    except ValidationError as error:
        found = explain(error, as_it_is)
        raise ConfigError([Problem(path, text, lines.of(at)) for at, text in found]) from None


def _parse(path: Path, text: str, lines: Lines) -> Any:
    try:
        loader = yaml.SafeLoader(text)
        node = loader.get_single_node()
        if node is None:
            return None
        _Index(path, loader, lines).add(node, ())
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

    def __init__(self, path: Path, loader: yaml.SafeLoader, lines: Lines) -> None:
        self._path = path
        self._loader = loader
        self._lines = lines
        self._seen: set[int] = set()

    def add(self, node: yaml.Node, at: Location) -> None:
        line = node.start_mark.line + 1
        if id(node) in self._seen:
            raise ConfigError([Problem(self._path, "aliases (*name) are not supported", line)])
        self._seen.add(id(node))
        self._lines.add(at, line)
        if isinstance(node, yaml.MappingNode):
            self._add_keys(node, at)
        elif isinstance(node, yaml.SequenceNode):
            for number, item in enumerate(node.value):
                self.add(item, (*at, number))

    def _add_keys(self, node: yaml.MappingNode, at: Location) -> None:
        keys: set[object] = set()
        for node_of_key, value in node.value:
            line = node_of_key.start_mark.line + 1
            if not isinstance(node_of_key, yaml.ScalarNode):
                raise ConfigError([Problem(self._path, "a key must be a single word", line)])
            if node_of_key.tag == _MERGE:
                raise ConfigError([Problem(self._path, "merges (<<) are not supported", line)])
            key = self._loader.construct_object(node_of_key)
            if key in keys:
                raise ConfigError([Problem(self._path, f'key "{key}" is given twice', line)])
            keys.add(key)
            self._lines.add((*at, str(key)), line)
            self.add(value, (*at, str(key)))


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
