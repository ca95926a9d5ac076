"""Reads what a file or keywords declare about one kind of raw data."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from server.config.lines import Location
from server.config.problem import ConfigError, Problem
from server.config.spec import ModelConfig
from server.config.wording import explain
from server.config.yaml_file import read_yaml
from server.engine import CoreError, ExecutionSpec, Runtime
from server.onnxruntime_locator import RuntimeNotFoundError, locate, preload
from server.repository import RepositoryError, model_file, scan

_INPUT = "INPUT"  # stands for the input where only options are given
Config = TypeVar("Config", bound=BaseModel)


class DeclarationError(ValueError):
    """What is wrong with a declaration, and where."""


@dataclass(frozen=True)
class Declaration:
    """How one input is made. dims: of the input, with the batch dimension if the model file, not
    the declaration, gave them."""

    name: str
    kind: str  # a key of `preprocess`: "image"
    config: Any  # of that kind
    datatype: str
    dims: tuple[int, ...]


def check_config(model: type[Config], kind: str, options: Mapping[str, Any]) -> Config:
    """The section of a kind from keywords. Raises DeclarationError."""
    section = {_INPUT: {kind: _tuples(dict(options))}}
    try:
        whole = ModelConfig.model_validate({"preprocess": section})
    except ValidationError as error:
        found = explain(error, _below_kind)
        raise DeclarationError("; ".join(text for _, text in found)) from None
    made = getattr(whole.preprocess[_INPUT], kind)
    assert isinstance(made, model)
    return made


def read_declarations(path: str | os.PathLike[str]) -> tuple[Declaration, ...]:
    """All of a model.yaml, or of a file with only its sections `inputs` and `preprocess`. Inputs
    that it does not declare are looked up in the newest model file beside it. Raises
    DeclarationError."""
    file = Path(path)
    config = _read(file)
    if not config.preprocess:
        raise DeclarationError(f"{file}: declares nothing under preprocess")
    tensors = {each.name: (each.datatype, each.dims) for each in config.inputs}
    if not set(config.preprocess) <= set(tensors):
        tensors |= _tensors_of_model(file, config.filename)
    made = []
    for name, declared in config.preprocess.items():
        if name not in tensors:
            have = ", ".join(f'"{each}"' for each in tensors)
            raise DeclarationError(f'{file}: preprocess: there is no input "{name}", but {have}')
        kind = next(key for key in ("image", "columns", "text") if getattr(declared, key, None))
        datatype, dims = tensors[name]
        made.append(Declaration(name, kind, getattr(declared, kind), datatype, tuple(dims)))
    return tuple(made)


def read_declaration(
    path: str | os.PathLike[str], kind: str, name: str | None = None
) -> Declaration:
    """The one of this kind, or of this input. Raises DeclarationError."""
    found = [each for each in read_declarations(path) if each.kind == kind]
    chosen = [each for each in found if name in (None, each.name)]
    if len(chosen) == 1:
        return chosen[0]
    have = ", ".join(f'"{each.name}"' for each in found) or "none"
    wanted = f'"{name}"' if name is not None else "one; name it"
    raise DeclarationError(f"{path}: inputs with {kind}: {have}; expected {wanted}")


def _read(file: Path) -> ModelConfig:
    try:
        return read_yaml(file, file.read_text(encoding="utf-8"))[0]
    except OSError as error:
        raise DeclarationError(f"{file}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise DeclarationError(f"{file}: is not UTF-8 text") from None
    except ConfigError as error:
        raise DeclarationError(str(error)) from None


def _tensors_of_model(file: Path, filename: str) -> dict[str, tuple[str, Sequence[int]]]:
    """Inputs of the newest version in the folder of `file`."""
    folder = file.resolve().parent
    try:
        found = [each for each in scan(folder.parent).models if each.path == folder]
        versions = found[0].versions if found else ()
        path = model_file(found[0], versions[-1], filename) if versions else None
        if path is None or isinstance(path, Problem):
            why = "has no version folder with one" if path is None else str(path)
            fix = "declare name, datatype and dims of each under inputs"
            raise DeclarationError(f"{file}: inputs come from the model file, but {why}; {fix}")
        library = locate()
        preload(library)
        how = ExecutionSpec(optimization_level=0)
        model = Runtime(str(library.path)).open(str(path), how, 1)
    except (RepositoryError, RuntimeNotFoundError, CoreError) as error:
        raise DeclarationError(f"{file}: {error}") from None
    return {each.name: (each.datatype, each.dims) for each in model.inputs}


def _below_kind(location: Location) -> Location:
    return location[3:] if location[:2] == ("preprocess", _INPUT) else location


def _tuples(value: Any) -> Any:
    """Sequences as the tuples that the strict, frozen specification holds."""
    if isinstance(value, dict):
        return {key: _tuples(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return tuple(_tuples(item) for item in value)
    return value
