"""Pictures in files and folders."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from server.engine import CoreError
from server.preprocess.declaration import DeclarationError
from server.preprocess.image import Image

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp"})
_AT_ONCE = 256  # files whose bytes are held together
_ITEM = re.compile(r"item (\d+): ")


def picture_files(folder: Path) -> list[Path]:
    """Those in the folder itself, by name."""
    return sorted(each for each in folder.iterdir() if each.suffix.lower() in SUFFIXES)


def prepare_files(image: Image, paths: Sequence[Path], threads: int | None) -> NDArray[Any]:
    """One row per picture; a folder stands for its pictures. Raises DeclarationError that names
    the file that cannot be prepared, OSError for one that cannot be read."""
    files: list[Path] = []
    for path in paths:
        found = picture_files(path) if path.is_dir() else [path]
        if not found:
            raise DeclarationError(f"{path}: the folder holds no {', '.join(sorted(SUFFIXES))}")
        files += found
    made = [
        _prepare(image, files[start : start + _AT_ONCE], threads)
        for start in range(0, len(files), _AT_ONCE)
    ]
    return np.concatenate(made)


def _prepare(image: Image, files: Sequence[Path], threads: int | None) -> NDArray[Any]:
    try:
        return image([file.read_bytes() for file in files], threads)
    except CoreError as error:
        item = _ITEM.match(error.message)
        if item is None:
            raise
        problem = error.message[item.end() :]
        raise DeclarationError(f"{files[int(item[1])]}: {problem}") from None
