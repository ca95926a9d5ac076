"""Types of inputs by the types of samples, and the values that are sent."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from server.importing.inputs import decide, feed, widened
from server.making.error import CommandError


@pytest.mark.parametrize(
    ("values", "datatype", "sent"),
    [
        (pd.Series([1, 2]), "INT64", [1, 2]),
        (pd.Series([1, 2], dtype="uint8"), "INT64", [1, 2]),
        (pd.Series([1.5, None]), "FP32", [1.5, np.nan]),
        (pd.Series([1, None], dtype="Int64"), "FP32", [1, np.nan]),
        (pd.Series([True, False]), "BOOL", [True, False]),
        (pd.Series([True, None], dtype=object), "FP32", [1, np.nan]),
        (pd.Series([True, False], dtype=object), "BOOL", [True, False]),
        (pd.Series(["a", None], dtype=object), "BYTES", ["a", ""]),
        (pd.Series(["a", "ü"], dtype="category"), "BYTES", ["a", "ü"]),
        (pd.Series([7, 7], dtype="category"), "INT64", [7, 7]),
    ],
)
def test_a_column_decides_its_input(values: Any, datatype: str, sent: list[Any]) -> None:
    frame = pd.DataFrame({"column": values})
    inputs = decide(frame)
    assert [(each.name, each.datatype, each.width) for each in inputs] == [("column", datatype, 1)]
    array = feed(inputs, frame)["column"]
    np.testing.assert_array_equal(array, np.array(sent, array.dtype)[:, np.newaxis])


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (pd.Series(pd.to_datetime(["2026-01-01"])), "holds Timestamp: make it numbers or strings"),
        (pd.Series(["a", 1], dtype=object), "holds int, str"),
        (pd.Series(["", None], dtype=object), "both missing values and empty strings"),
    ],
)
def test_what_no_tensor_can_carry_is_refused(values: Any, message: str) -> None:
    with pytest.raises(CommandError, match=message):
        decide(pd.DataFrame({"column": values}))


def test_numbers_can_be_wider() -> None:
    inputs = decide(pd.DataFrame({"a": [1.5], "b": [1], "c": [True], "d": ["x"]}))

    def kinds(double: bool, integers: bool) -> list[str]:
        return [each.datatype for each in widened(inputs, double=double, integers=integers)]

    assert kinds(double=True, integers=False) == ["FP64", "INT64", "BOOL", "BYTES"]
    assert kinds(double=False, integers=True) == ["FP32", "FP32", "FP32", "BYTES"]
    assert kinds(double=True, integers=True) == ["FP64", "FP64", "FP64", "BYTES"]


def test_a_matrix_is_sent_as_it_is() -> None:
    matrix = np.arange(6).reshape(3, 2)
    (only,) = decide(matrix)
    assert (only.name, only.datatype, only.width) == ("X", "FP32", 2)
    np.testing.assert_array_equal(feed([only], matrix)["X"], matrix.astype(np.float32))
