"""Reads arrays by name from the forms that data comes in."""

import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from server.making.error import CommandError
from server.quantize.packages import need_quantizer

Array = NDArray[Any]


def read_arrays(path: Path, inputs: Sequence[str]) -> dict[str, Array]:
    """Every array in `path`, samples along the first axis. `inputs`: names of the model's, which
    tell the two kinds of folder apart."""
    if path.is_dir():
        return _folder(path, inputs)
    if not path.exists():
        raise CommandError(f"{path}: there is no such file or folder")
    if path.suffix == ".npz":
        return _npz(path)
    if path.suffix == ".parquet":
        return _parquet(path)
    raise CommandError(f"{path}: data is a .npz, a .parquet or a folder of .npy files")


def _npz(path: Path) -> dict[str, Array]:
    try:
        with np.load(path, allow_pickle=False) as kept:
            return {name: kept[name] for name in kept.files}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise CommandError(f"{path}: cannot be read as .npz: {_line(error)}") from None


def _folder(path: Path, inputs: Sequence[str]) -> dict[str, Array]:
    files = sorted(path.glob("*.npy"))
    if not files:
        raise CommandError(f"{path}: the folder holds no .npy files")
    by_name = {file.stem: file for file in files}
    if len(inputs) > 1 or inputs[0] in by_name:
        return {name: _npy(file) for name, file in by_name.items()}
    samples = [_npy(file) for file in files]
    for file, sample in zip(files, samples, strict=True):
        if (sample.shape, sample.dtype) != (samples[0].shape, samples[0].dtype):
            raise CommandError(
                f"{file}: {sample.dtype.name} {list(sample.shape)} differs from "
                f"{samples[0].dtype.name} {list(samples[0].shape)} in {files[0].name}; "
                "one sample per file, all of one shape"
            )
    return {inputs[0]: np.stack(samples)}


def _npy(path: Path) -> Array:
    try:
        return np.asarray(np.load(path, allow_pickle=False))
    except (OSError, ValueError, EOFError) as error:
        raise CommandError(f"{path}: cannot be read as .npy: {_line(error)}") from None


def _parquet(path: Path) -> dict[str, Array]:
    need_quantizer("pyarrow")
    import pyarrow as pa
    from pyarrow import parquet

    try:
        table = parquet.read_table(path)
    except (OSError, pa.ArrowException) as error:
        raise CommandError(f"{path}: cannot be read as Parquet: {_line(error)}") from None
    return {
        name: _column(path, name, table.column(name).to_pylist()) for name in table.column_names
    }


def _column(path: Path, name: str, values: list[Any]) -> Array:
    try:
        made = np.array(values)
    except ValueError:
        made = np.array(None)
    if made.dtype == object:
        problem = "has missing values or lists of different lengths"
        raise CommandError(f'{path}: column "{name}" {problem}; all samples need one shape')
    return made


def _line(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
