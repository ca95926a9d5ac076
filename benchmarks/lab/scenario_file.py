"""Finds and reads scenario files."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import TypeAdapter, ValidationError

from benchmarks.lab.scenario import AnyScenario

FOLDER = Path(__file__).parent / "scenarios"
_ADAPTER: TypeAdapter[AnyScenario] = TypeAdapter(AnyScenario)


class ScenarioError(ValueError):
    """A scenario cannot be read; the message has file, key, value and what is expected."""


def names() -> list[str]:
    """The scenarios that come with the project."""
    return sorted(path.stem for path in FOLDER.glob("*.yaml"))


def find(name: str) -> Path:
    """The file of a scenario of the project, or the path that `name` is."""
    path = Path(name) if name.endswith((".yaml", ".yml")) else FOLDER / f"{name}.yaml"
    if not path.is_file():
        raise ScenarioError(f"no scenario {name!r}: give a .yaml file, or {', '.join(names())}")
    return path


def read(path: Path) -> AnyScenario:
    """Raises ScenarioError with one line per mistake."""
    try:
        content = yaml.safe_load(path.read_text())
        return _ADAPTER.validate_json(json.dumps(content))
    except (yaml.YAMLError, TypeError) as error:
        raise ScenarioError(f"{path}: this is not YAML: {error}") from error
    except ValidationError as error:
        lines = (_describe(problem) for problem in error.errors(include_url=False))
        raise ScenarioError("\n".join(f"{path}: {line}" for line in lines)) from error


def _describe(problem: Mapping[str, Any]) -> str:
    # The discriminators' own values are part of pydantic's location; keys of the file are not.
    tags = {"mlp", "grid", "encoder", *_kinds()}
    parts = [part for part in problem["loc"] if part not in tags]
    key = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts)
    given = problem["input"]
    value = "" if isinstance(given, dict | list) else f": {given!r}"
    return f"{key.lstrip('.') or 'the file'}{value}: {problem['msg']}"


def _kinds() -> set[str]:
    schema = _ADAPTER.json_schema()
    return set(schema["discriminator"]["mapping"])
