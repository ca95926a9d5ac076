"""Writes a version into a repository: whole, or not at all."""

import os
import re
import shutil
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from server.config.read import OWN_FILE, TRITON_FILE
from server.making.error import CommandError

_VERSION = re.compile(r"[1-9][0-9]{0,17}")


@dataclass(frozen=True)
class Written:
    """Where the version is; `configured`: a model.yaml was written beside it."""

    folder: Path
    configured: bool


def check_output(output: Path) -> None:
    """Raises CommandError before any work is done."""
    if output.exists() and not output.is_dir():
        raise CommandError(f"{output}: --output is REPO/NAME, a model's folder; this is a file")
    if output.suffix == ".onnx" or _VERSION.fullmatch(output.name):
        raise CommandError(
            f"{output}: --output is REPO/NAME, a model's folder; the version folder and "
            "model.onnx are made in it"
        )
    near = next(each for each in (output, *output.absolute().parents) if each.exists())
    if not near.is_dir() or not os.access(near, os.W_OK):
        raise CommandError(f"{output}: cannot be written: {near} is not a writable folder")


def write_version(output: Path, model: Path, extra: Mapping[str, bytes], yaml: str) -> Written:
    """The next version of REPO/NAME. A model that has no configuration and no versions gets
    `yaml`. Everything is made in a hidden folder, which a rename turns into the version."""
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix=f".{output.name}-", dir=output.parent))
    except OSError as error:
        raise CommandError(f"{output}: cannot be written: {error.strerror}") from None
    try:
        made.chmod(0o755)
        new = _fill(made / "1", model, extra)
        if _is_new(output):
            (made / OWN_FILE).write_text(yaml, encoding="utf-8")
            if _create(made, output):
                return Written(output / new.name, True)
        return Written(_place(new, output), False)
    except OSError as error:
        raise CommandError(f"{output}: cannot be written: {error.strerror}") from None
    finally:
        shutil.rmtree(made, ignore_errors=True)


def configuration_file(output: Path) -> Path | None:
    """The one that a model has already."""
    return next(
        (output / name for name in (OWN_FILE, TRITON_FILE) if (output / name).exists()), None
    )


def _is_new(output: Path) -> bool:
    return not output.exists() or not any(output.iterdir())


def _create(made: Path, output: Path) -> bool:
    """False if another process made the model meanwhile."""
    try:
        with suppress(FileNotFoundError):
            output.rmdir()
        made.rename(output)
    except OSError:
        if _is_new(output):
            raise
        return False
    return True


def _fill(folder: Path, model: Path, extra: Mapping[str, bytes]) -> Path:
    folder.mkdir()
    shutil.copyfile(model, folder / "model.onnx")
    for name, content in extra.items():
        (folder / name).write_bytes(content)
    return folder


def _place(new: Path, output: Path) -> Path:
    """Renames to the next free number, also when another process takes one meanwhile."""
    while True:
        taken = [int(each.name) for each in output.iterdir() if _VERSION.fullmatch(each.name)]
        wanted = output / str(max(taken, default=0) + 1)
        try:
            new.rename(wanted)
        except OSError:
            if not wanted.exists():
                raise
        else:
            return wanted
