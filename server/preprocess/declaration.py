"""Reads what a file declares about how inputs are made."""

import os
from dataclasses import dataclass
from pathlib import Path

from server.config.preprocess_spec import Preprocess
from server.config.problem import ConfigError, Problem
from server.config.spec import ModelConfig
from server.config.yaml_file import read_yaml
from server.engine import CoreError, ExecutionSpec, Runtime
from server.onnxruntime_locator import RuntimeNotFoundError, locate, preload
from server.repository import RepositoryError, model_file, scan

Tensor = tuple[str, tuple[int, ...]]  # datatype, dims
KINDS = ("image", "columns", "text")  # keys of an entry of `preprocess`


class DeclarationError(ValueError):
    """What is wrong with a declaration, and where."""


@dataclass(frozen=True)
class Declaration:
    """How one input is made. dims: of the input, with the batch dimension if the model file, not
    the declaration, gave them."""

    path: Path  # the file
    name: str  # of the input
    declared: Preprocess
    datatype: str
    dims: tuple[int, ...]
    inputs: dict[str, Tensor]  # datatype and dims of all, by name

    @property
    def kind(self) -> str:
        return next(kind for kind in KINDS if getattr(self.declared, kind) is not None)


def read_declarations(path: str | os.PathLike[str]) -> tuple[Declaration, ...]:
    """All of a model.yaml, or of a file with only its sections `inputs` and `preprocess`. Inputs
    that it does not declare are looked up in the newest model file beside it. Raises
    DeclarationError."""
    file = Path(path)
    config = read_sections(file)
    if not config.preprocess:
        raise DeclarationError(f"{file}: declares nothing under preprocess")
    tensors: dict[str, Tensor] = {}
    for each in config.inputs:
        tensors[each.name] = (each.datatype, each.dims)
    if not set(config.preprocess) <= set(tensors):
        tensors |= _tensors_of_model(file, config.filename)
    made = []
    for name, declared in config.preprocess.items():
        if name not in tensors:
            have = ", ".join(f'"{each}"' for each in tensors)
            raise DeclarationError(f'{file}: preprocess: there is no input "{name}", but {have}')
        made.append(Declaration(file, name, declared, *tensors[name], tensors))
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


def read_sections(file: Path) -> ModelConfig:
    """Whatever it says. Raises DeclarationError."""
    try:
        return read_yaml(file, file.read_text(encoding="utf-8"))[0]
    except OSError as error:
        raise DeclarationError(f"{file}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise DeclarationError(f"{file}: is not UTF-8 text") from None
    except ConfigError as error:
        raise DeclarationError(str(error)) from None


def _tensors_of_model(file: Path, filename: str) -> dict[str, Tensor]:
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
    return {each.name: (each.datatype, tuple(each.dims)) for each in model.inputs}
