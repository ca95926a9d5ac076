"""Finds models in Triton's layout: <repository>/<model>/<version>/model.onnx."""

import re
from dataclasses import dataclass
from pathlib import Path

from server.config.problem import Problem

# A positive integer without leading zeros; other folders are not versions.
_VERSION = re.compile(r"[1-9][0-9]{0,17}")


@dataclass(frozen=True)
class ModelFolder:
    """One folder of the repository and its version numbers, ascending."""

    name: str
    path: Path
    versions: tuple[int, ...]


@dataclass(frozen=True)
class Repository:
    """What a scan found: models, and what looks like a model but cannot be one."""

    models: tuple[ModelFolder, ...]
    problems: tuple[Problem, ...] = ()


class RepositoryError(Exception):
    """The repository itself cannot be read."""


def scan(root: Path) -> Repository:
    """Reads the folder names under `root`; opens no model."""
    if not root.is_dir():
        found = "a file" if root.exists() else "missing"
        raise RepositoryError(f"the model repository must be a folder; {root} is {found}")
    models, problems = [], []
    try:
        entries = sorted(root.iterdir())
    except OSError as error:
        raise RepositoryError(f"{root} cannot be read: {error.strerror}") from None
    for entry in entries:
        if entry.is_dir() and not entry.name.startswith("."):
            try:
                models.append(_model(entry))
            except OSError as error:
                problems.append(Problem(entry, f"cannot be read: {error.strerror}"))
            except UnicodeEncodeError:
                problems.append(Problem(Path(repr(entry.name)), "the name is not UTF-8; rename it"))
        elif entry.suffix == ".onnx":
            fix = f"move it to {root / entry.stem / '1' / 'model.onnx'}"
            problems.append(Problem(entry, f"a model needs its own folder: {fix}"))
    return Repository(tuple(models), tuple(problems))


def _model(folder: Path) -> ModelFolder:
    folder.name.encode()  # names travel as UTF-8
    versions = (int(entry.name) for entry in folder.iterdir() if _is_version(entry))
    return ModelFolder(folder.name, folder, tuple(sorted(versions)))


def _is_version(entry: Path) -> bool:
    return _VERSION.fullmatch(entry.name) is not None and entry.is_dir()


def missing_version(model: ModelFolder) -> Problem | None:
    """Why a folder without versions cannot be served, with the fix."""
    if model.versions:
        return None
    loose = sorted(model.path.glob("*.onnx"))
    if loose:
        fix = f"mkdir {model.path / '1'} && mv {loose[0]} {model.path / '1' / 'model.onnx'}"
        return Problem(loose[0], f"a model file must be in a version folder: {fix}")
    wanted = model.path / "1" / "model.onnx"
    fix = "a version is a folder named by a number without leading zeros"
    return Problem(
        model.path, f"there is no version folder: {fix}; the model file belongs at {wanted}"
    )


def model_file(model: ModelFolder, version: int, filename: str) -> Path | Problem:
    """The path of a version's file, or what is there instead."""
    folder = model.path / str(version)
    path = folder / filename
    if path.is_file():
        return path
    if not folder.is_dir():
        have = ", ".join(map(str, model.versions)) or "none"
        return Problem(folder, f"version {version} is asked for; the versions here are: {have}")
    if path.is_dir():
        return Problem(path, "is a folder; the model file itself must have this name")
    others = sorted(entry.name for entry in folder.iterdir())
    have = ", ".join(others[:5]) or "nothing"
    fix = f'rename it to "{filename}" or set default_model_filename (model.yaml: filename)'
    return Problem(path, f"there is no such file; the folder holds {have}; {fix}")
