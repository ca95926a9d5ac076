"""The rows to compare answers on, as scikit-learn takes them."""

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from server.config.problem import suggestion
from server.importing.source import Source
from server.importing.steps import none_columns, text_columns
from server.making.error import CommandError
from server.making.text import first_line

_FORMS = ".csv, .parquet, .npz or .npy"


@dataclass(frozen=True)
class Samples:
    """A DataFrame with the model's columns in their order, or a matrix."""

    data: Any
    notes: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        return len(self.data)


def read_samples(path: Path, source: Source) -> Samples:
    """Raises CommandError with the file, the column and what was expected."""
    text = text_columns(source.model)
    found = _read(path, text)
    if len(found) == 0:
        raise CommandError(f"{path}: there are no samples in it")
    if source.columns is None:
        return Samples(_matrix(path, found, source.features))
    if not isinstance(found, pd.DataFrame):
        wanted = f"{len(source.columns)} named columns, the first {_quoted(source.columns[:3])}"
        raise CommandError(f"{path}: the model takes {wanted}: give a .csv, .parquet or .npz")
    _need_columns(path, found, source.columns)
    chosen = found[list(source.columns)]
    _need_text(path, chosen, text)
    further = [name for name in found.columns if name not in source.columns]
    notes = [f"columns that the model does not take: {_quoted(further)}"] if further else []
    return Samples(_as_learnt(chosen, none_columns(source.model) & text), tuple(notes))


def _read(path: Path, text: set[str]) -> Any:
    """A DataFrame, or of an .npy the array in it."""
    readers = {".csv": _csv, ".parquet": _parquet, ".npz": _npz, ".npy": _npy}
    reader = readers.get(path.suffix)
    if reader is None:
        raise CommandError(f"{path}: samples are a {_FORMS} file")
    try:
        return reader(path, text)
    except OSError as error:
        raise CommandError(f"{path}: cannot be read: {error.strerror or error}") from None
    except (ValueError, EOFError, zipfile.BadZipFile) as error:  # pandas' and pyarrow's are such
        raise CommandError(
            f"{path}: cannot be read as {path.suffix}: {first_line(error)}"
        ) from None


def _csv(path: Path, text: set[str]) -> Any:
    return pd.read_csv(path, dtype=dict.fromkeys(text, str))


def _parquet(path: Path, text: set[str]) -> Any:
    return pd.read_parquet(path)


def _npz(path: Path, text: set[str]) -> Any:
    with np.load(path, allow_pickle=False) as kept:
        arrays = {name: _flat(name, kept[name]) for name in kept.files}
    if len({len(each) for each in arrays.values()}) > 1:
        counts = ", ".join(f'"{name}" has {len(each)}' for name, each in arrays.items())
        raise ValueError(f"columns differ in their number of rows: {counts}")
    return pd.DataFrame(arrays)


def _flat(name: str, array: Any) -> Any:
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim != 1:
        raise ValueError(f'"{name}" is {list(array.shape)}; a column is [rows] or [rows, 1]')
    # Strings of one column differ in length: to pandas they are objects.
    return array.astype(str).astype(object) if array.dtype.kind in "US" else array


def _npy(path: Path, text: set[str]) -> Any:
    array = np.load(path, allow_pickle=False)
    if array.ndim != 2:
        raise ValueError(f"it is {list(array.shape)}; a matrix is [samples, features]")
    return array


def _matrix(path: Path, found: Any, features: int) -> Any:
    values = found.to_numpy() if isinstance(found, pd.DataFrame) else found
    if values.dtype.kind not in "fiubUS":
        raise CommandError(
            f"{path}: the model takes a matrix of {features} features, all numbers or all strings; "
            f"these are mixed: {', '.join(map(str, sorted(set(found.dtypes.astype(str)))))}"
        )
    if values.shape[1] != features:
        got = f"got {values.shape[1]}"
        if isinstance(found, pd.DataFrame):
            got += f": {_quoted(found.columns)}"
        raise CommandError(f"{path}: the model takes {features} columns, {got}")
    return values


def _need_columns(path: Path, found: Any, wanted: Sequence[str]) -> None:
    missing = [name for name in wanted if name not in found.columns]
    if missing:
        hint = suggestion(missing[0], map(str, found.columns))
        have = _quoted(found.columns)
        which = "columns are" if len(missing) > 1 else "column is"
        raise CommandError(f"{path}: {which} missing: {_quoted(missing)}.{hint} It has {have}")


def _need_text(path: Path, chosen: Any, text: set[str]) -> None:
    """Numbers where strings were learnt would be unknown categories to both sides."""
    for name in chosen.columns:
        values = chosen[name].dropna()
        if name in text and len(values) and not isinstance(values.iloc[0], str):
            kind = type(values.iloc[0]).__name__
            raise CommandError(
                f'{path}: column "{name}" holds {kind}, but the model was fitted on strings there'
            )


def _as_learnt(chosen: Any, names: set[str]) -> Any:
    """Files do not tell None from NaN, but scikit-learn does: what `names` lack becomes None."""
    for name in names:
        column = chosen[name].astype(object)
        chosen = chosen.assign(**{name: column.where(column.notna(), None)})
    return chosen


def _quoted(names: Any) -> str:
    return ", ".join(f'"{name}"' for name in names)
