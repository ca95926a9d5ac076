"""Rows that the samples may lack: each one sample with a missing value or an unknown category."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from server.examine.examination import Examination, ExaminationError
from server.importing.agreement import compare
from server.importing.answering import answers
from server.importing.expectation import expected
from server.importing.inputs import Input
from server.importing.source import Source
from server.making.text import first_line

_UNKNOWN = "a category that nobody has"


def unlike(
    source: Source, opened: Examination, inputs: Sequence[Input], data: Any, tolerance: float
) -> list[str]:
    """What the ONNX model answers in another way than scikit-learn, where that answers at all."""
    found: list[str] = []
    if not isinstance(data, pd.DataFrame):
        return found
    for what, row in _made(inputs, data):
        try:
            wanted = expected(source, row)
        except Exception:  # scikit-learn refuses it too
            continue
        try:
            if not compare(wanted, answers(opened, inputs, row), tolerance).good:
                found.append(f"beside the samples: {what} is answered unlike scikit-learn")
        except ExaminationError as error:
            said = first_line(error)
            found.append(f"beside the samples: {what} fails, but not in scikit-learn: {said}")
    return found


def _made(inputs: Sequence[Input], data: Any) -> Iterator[tuple[str, Any]]:
    for each in inputs:
        column = data[each.name]
        if each.datatype in ("FP32", "FP64") and column.dtype.kind == "f":
            yield f'a missing value in "{each.name}"', _with(data, each.name, np.nan)
        if each.datatype == "BYTES":
            yield f'a missing value in "{each.name}"', _with(data, each.name, None)
            yield f'an unknown category in "{each.name}"', _with(data, each.name, _UNKNOWN)


def _with(data: Any, name: str, value: Any) -> Any:
    row = data.iloc[:1].copy()
    dtype = row[name].dtype if str(row[name].dtype) != "category" else object
    row[name] = pd.Series([value], index=row.index, dtype=dtype)
    return row
