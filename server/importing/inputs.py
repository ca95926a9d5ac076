"""The inputs of the ONNX model: their types, and samples as values of them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pandas as pd
from pandas.api import types

from server.importing.missing_text import MISSING
from server.importing.steps import is_missing
from server.making.error import CommandError

Datatype = Literal["FP32", "FP64", "INT64", "BOOL", "BYTES"]

MATRIX = "X"  # the one input of a model without column names
_NUMPY: dict[str, Any] = {
    "FP32": np.float32,
    "FP64": np.float64,
    "INT64": np.int64,
    "BOOL": np.bool_,
}


@dataclass(frozen=True)
class Input:
    """One input [rows, width]; `source`: what the type was decided by."""

    name: str
    datatype: Datatype
    source: str
    width: int = 1


def decide(data: Any) -> tuple[Input, ...]:
    """By the types of the samples. Raises CommandError for columns that no tensor can carry."""
    if isinstance(data, pd.DataFrame):
        return tuple(_column(name, data[name]) for name in data.columns)
    datatype: Datatype = "BYTES" if data.dtype.kind in "US" else "FP32"
    return (Input(MATRIX, datatype, f"matrix of {data.dtype.name}", data.shape[1]),)


def widened(inputs: Sequence[Input], *, double: bool, integers: bool) -> tuple[Input, ...]:
    """`double`: FP64 for FP32; `integers`: INT64 and BOOL are given as such numbers too."""
    number: Datatype = "FP64" if double else "FP32"
    changed = ("FP32", "INT64", "BOOL") if integers else ("FP32",)
    return tuple(
        replace(each, datatype=number) if each.datatype in changed else each for each in inputs
    )


def feed(inputs: Sequence[Input], data: Any) -> dict[str, Any]:
    """Arrays by input: [rows, width], strings as NumPy's own."""
    if not isinstance(data, pd.DataFrame):
        return {each.name: _cast(data, each.datatype) for each in inputs}
    return {each.name: _values(data[each.name], each.datatype)[:, np.newaxis] for each in inputs}


def _column(name: str, series: Any) -> Input:
    source = str(series.dtype)
    dtype = series.dtype.categories.dtype if source == "category" else series.dtype
    gone = bool(series.isna().any())
    if types.is_bool_dtype(dtype) or types.is_integer_dtype(dtype):
        whole: Datatype = "BOOL" if types.is_bool_dtype(dtype) else "INT64"
        if gone:  # NaN needs a float
            return Input(name, "FP32", f"{source} with missing values")
        return Input(name, whole, source)
    if types.is_float_dtype(dtype):
        return Input(name, "FP32", source)
    kinds = {type(each).__name__ for each in series if not is_missing(each)}
    if kinds == {"bool"}:
        return Input(name, "FP32" if gone else "BOOL", f"{source} of bool")
    if not kinds <= {"str"}:
        held = ", ".join(sorted(kinds))
        fix = "make it numbers or strings before the pipeline"
        raise CommandError(f'column "{name}" ({source}) holds {held}: {fix}')
    if gone and (series == MISSING).any():
        raise CommandError(
            f'column "{name}" has both missing values and empty strings, which are the same to an '
            "ONNX model: use one of them"
        )
    return Input(name, "BYTES", source)


def _values(series: Any, datatype: Datatype) -> Any:
    if datatype == "BYTES":
        return np.array([MISSING if is_missing(each) else each for each in series], np.str_)
    if datatype in ("FP32", "FP64"):
        return _cast(series.astype("float64").to_numpy(np.float64, na_value=np.nan), datatype)
    return series.astype(_NUMPY[datatype]).to_numpy()


def _cast(values: Any, datatype: Datatype) -> Any:
    if datatype == "BYTES":
        return values.astype(np.str_)
    with np.errstate(over="ignore"):  # what overflows to infinity is found by comparing
        return values.astype(_NUMPY[datatype])
