"""Rows of named columns as the server makes a model's input of them."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from pydantic import ValidationError

from server.columns_specification import columns_spec
from server.config.columns_spec import ColumnsConfig
from server.config.dtypes import Datatype
from server.engine import ColumnsInput, CoreError, encode_texts
from server.preprocess.columns_error import ColumnsError
from server.preprocess.tuples import as_tuples

_NUMPY: dict[str, str] = {
    "BOOL": "?",
    "UINT8": "u1",
    "UINT16": "u2",
    "UINT32": "u4",
    "UINT64": "u8",
    "INT8": "i1",
    "INT16": "i2",
    "INT32": "i4",
    "INT64": "i8",
    "FP16": "f2",
    "FP32": "f4",
    "FP64": "f8",
}

Rows = Mapping[str, Any] | Sequence[str | bytes | Mapping[str, Any]]


class Columns:
    """Makes the matrix [rows, width] of rows of named columns.

        columns = Columns(features=[{"name": "age", "datatype": "FP32",
                                     "standardize": {"mean": 40.0, "scale": 12.5}}])
        columns({"age": ages})                      # an array (or a series) per column
        columns([{"age": 39.0}, '{"age": 40}'])     # or a mapping or JSON text per row

    The options are the keys of `columns` in model.yaml. One object may be used by many threads.
    """

    def __init__(
        self, *, datatype: Datatype = "FP32", threads: int | None = None, **options: Any
    ) -> None:
        """`datatype`: of the model's input. `threads`: the most for one call; None: all cores."""
        try:
            self.config = ColumnsConfig.model_validate(as_tuples(options))
            self.native = ColumnsInput(columns_spec(self.config, datatype))
        except ValidationError as error:
            raise ColumnsError(_told(error)) from None
        except CoreError as error:
            raise ColumnsError(error.message) from None
        self._columns = {name: _column(self.config, name) for name in self.config.columns}
        self._dtype = np.dtype(_NUMPY[datatype])
        self._threads = threads or os.cpu_count() or 1

    @classmethod
    def from_sklearn(
        cls,
        transformer: Any,
        feature_names: Sequence[str] | None = None,
        *,
        datatype: Datatype = "FP32",
        threads: int | None = None,
        **rules: Any,
    ) -> Self:
        """What a fitted ColumnTransformer, Pipeline or single transformer does; `rules` as
        server.preprocess.sklearn_columns.options_of has them."""
        from server.preprocess.sklearn_columns import options_of

        options = options_of(transformer, feature_names, **rules)
        return cls(datatype=datatype, threads=threads, **options)

    @property
    def width(self) -> int:
        """Columns of the matrix."""
        return self.native.width

    def to_config(self) -> dict[str, Any]:
        """`columns` for model.yaml, without what has its default."""
        return self.config.model_dump(mode="json", exclude_defaults=True)

    def __call__(self, rows: Rows) -> npt.NDArray[Any]:
        """The matrix. `rows`: arrays by column, or one mapping or JSON text per row."""
        try:
            if isinstance(rows, Mapping) or hasattr(rows, "columns"):
                return self._of_columns(rows)
            return self._of_rows(rows)
        except CoreError as error:
            raise ColumnsError(error.message) from None

    def _of_rows(self, rows: Any) -> npt.NDArray[Any]:
        texts = [_as_json(number, row) for number, row in enumerate(rows)]
        made = np.empty((len(texts), self.width), self._dtype)
        self.native.json(texts, made.data, self._threads)
        return made

    def _of_columns(self, columns: Any) -> npt.NDArray[Any]:
        given = {str(name): columns[name] for name in columns}
        extra = given.keys() - self._columns.keys()
        if extra and self.config.extra == "error":
            there = ", ".join(self._columns)
            raise ColumnsError(f"unknown column {min(extra)!r}; there are {there}")
        count = {name: len(values) for name, values in given.items() if name in self._columns}
        if not count:
            raise ColumnsError(f"no column is there; expected {', '.join(self._columns)}")
        if len(set(count.values())) > 1:
            raise ColumnsError(f"columns differ in length: {count}")
        rows = next(iter(count.values()))
        raw = [column.raw(given.get(name)) for name, column in self._columns.items()]
        made = np.empty((rows, self.width), self._dtype)
        self.native.columns(raw, rows, made.data, self._threads)
        return made


@dataclass(frozen=True)
class _Column:
    """What a column's arrays are turned into: the bytes of a tensor, as a client sends them."""

    name: str
    dtype: np.dtype[Any] | None  # None: texts
    empty_is_category: bool

    def raw(self, values: Any) -> bytes | memoryview | None:
        """None: left out."""
        if values is None:
            return None
        array = np.asarray(values)
        if array.ndim == 2 and array.shape[1] == 1:
            array = array[:, 0]
        if array.ndim != 1:
            raise ColumnsError(
                f"column {self.name!r} has shape {list(array.shape)}; expected [rows]"
            )
        if self.dtype is None:
            return _texts(self.name, array, self.empty_is_category)
        return _numbers(self.name, array, self.dtype).data


def _column(config: ColumnsConfig, name: str) -> _Column:
    datatype = config.columns[name]
    dtype = None if datatype == "BYTES" else np.dtype(_NUMPY[datatype])
    return _Column(name, dtype, config.empty_is_category(name))


def _as_json(number: int, row: Any) -> str | bytes:
    """NumPy's numbers are numbers; NaN is null."""
    if isinstance(row, str | bytes):
        return row
    if not isinstance(row, Mapping):
        raise ColumnsError(f"row {number}: expected a mapping or JSON text, got {row!r}")
    try:
        return json.dumps({key: _plain(value) for key, value in row.items()})
    except TypeError as error:
        raise ColumnsError(f"row {number}: {error}") from None


def _plain(value: Any) -> Any:
    value = value.item() if isinstance(value, np.generic) else value
    return None if _is_missing(value) else value


def _is_missing(value: Any) -> bool:
    """None, NaN, NaT and pandas' NA, which is not equal to itself either."""
    if value is None or type(value).__name__ == "NAType":
        return True
    return isinstance(value, float) and value != value


def _numbers(name: str, array: npt.NDArray[Any], dtype: np.dtype[Any]) -> npt.NDArray[Any]:
    if array.dtype == dtype:
        return np.ascontiguousarray(array)
    if array.dtype == object and dtype.kind == "f":
        array = np.array([np.nan if _is_missing(value) else value for value in array])
    same_kind = array.dtype.kind in ("biuf" if dtype.kind == "f" else dtype.kind + "iu")
    if array.size and not same_kind:
        raise ColumnsError(f"column {name!r} has dtype {array.dtype}; expected {dtype}")
    converted = array.astype(dtype)
    if dtype.kind != "f" and not np.array_equal(converted, array):
        raise ColumnsError(f"column {name!r} holds numbers that {dtype} does not")
    return converted


def _texts(name: str, array: npt.NDArray[Any], empty_is_category: bool) -> bytes:
    if array.size and array.dtype.kind not in "USO":
        raise ColumnsError(f"column {name!r} has dtype {array.dtype}; expected texts")
    texts = array.tolist()
    if empty_is_category and any(map(_is_missing, texts)):
        row = next(row for row, text in enumerate(texts) if _is_missing(text))
        raise ColumnsError(
            f"column {name!r} misses row {row}, but the empty text, which would say so, is a "
            "category; use rows instead of columns"
        )
    try:
        return encode_texts(texts)
    except CoreError as error:
        raise ColumnsError(f"column {name!r}, {error.message}") from None


def _told(error: ValidationError) -> str:
    return "; ".join(_finding(item["loc"], item) for item in error.errors())


def _finding(location: tuple[int | str, ...], item: Any) -> str:
    conflict = item.get("ctx", {}).get("error")
    place = ".".join(map(str, (*location, *getattr(conflict, "at", ()))))
    return f"{place}: {conflict or item['msg']}"
