"""The library of training scripts for rows of named columns, and what its options are."""

from typing import Any

import numpy as np
import pytest

from server.preprocess import Columns
from server.preprocess.columns_error import ColumnsError

AGE = {"name": "age", "datatype": "FP32", "standardize": {"mean": 40.0, "scale": 2.0}}
CITY = {
    "name": "city",
    "datatype": "BYTES",
    "one_hot": {"categories": ["Paris", "Rome"], "unknown": "ignore"},
}
MEMBER = {"name": "member", "datatype": "BOOL"}
EXPECTED = np.array([[2, 0, 1, 1], [-2, 0, 0, 0]], dtype=np.float32)


class Frame:
    """What a data frame has of a mapping: names, and values by name."""

    def __init__(self, columns: dict[str, Any]) -> None:
        self.columns = list(columns)
        self._values = columns

    def __iter__(self) -> Any:
        return iter(self.columns)

    def __getitem__(self, name: str) -> Any:
        return self._values[name]


COLUMNS: dict[str, Any] = {
    "age": np.array([44, 36]),
    "city": np.array(["Rome", "Bern"]),
    "member": [True, False],
}
ROWS: list[Any] = [
    {"age": np.float64(44), "city": "Rome", "member": np.True_},
    b'{"member": false, "age": 36, "city": "Bern"}',
]


@pytest.mark.parametrize("rows", [COLUMNS, Frame(COLUMNS), ROWS])
def test_all_forms_of_rows_make_the_same_matrix(rows: Any) -> None:
    columns = Columns(features=[AGE, CITY, MEMBER])
    assert columns.width == 4
    np.testing.assert_array_equal(columns(rows), EXPECTED)


@pytest.mark.parametrize(
    "datatype", ["FP16", "FP32", "FP64", "INT8", "UINT8", "INT16", "INT32", "UINT32", "INT64"]
)
def test_every_datatype_of_a_model_input(datatype: Any) -> None:
    columns = Columns(datatype=datatype, features=[CITY, MEMBER])
    made = columns({"city": ["Rome"], "member": [True]})
    np.testing.assert_array_equal(made.astype(float), [[0, 1, 1]])


def test_missing_values_in_every_form() -> None:
    told = {"name": "age", "datatype": "FP32", "is_missing": {}}
    columns = Columns(features=[{**AGE, "fill": 38.0}, told, {**CITY, "missing": "unknown"}])
    expected = [[-1, 1, 0, 0]]
    for values in ({"age": [np.nan]}, {"age": [None], "city": [None]}, {"city": [""]}):
        np.testing.assert_array_equal(columns(values), expected)
    rows: list[Any] = ["{}", {"age": None}, {"age": float("nan"), "city": None}, {"city": ""}]
    for row in rows:
        np.testing.assert_array_equal(columns([row]), expected)


def test_no_rows_are_an_empty_matrix() -> None:
    columns = Columns(features=[AGE, CITY])
    assert columns([]).shape == (0, 3)
    assert columns({"age": [], "city": []}).shape == (0, 3)


def test_texts_of_numpy_and_bytes_are_texts() -> None:
    columns = Columns(features=[CITY])
    for cities in (np.array(["Rome"]), np.array([b"Rome"]), np.array(["Rome"], object), ["Rome"]):
        np.testing.assert_array_equal(columns({"city": cities}), [[0, 1]])


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ({"agee": [1]}, "unknown column 'agee'; there are age, city"),
        ({"age": [1], "city": ["Rome", "Rome"]}, "columns differ in length"),
        ({"age": ["x"], "city": ["Rome"]}, "column 'age' has dtype <U1; expected float32"),
        ({"age": [[1, 2]], "city": ["Rome"]}, r"column 'age' has shape \[1, 2\]"),
        ({"age": [1], "city": [5]}, "column 'city' has dtype int64; expected texts"),
        ({"age": [1], "city": [object()]}, "column 'city', row 0: expected text"),
        ({"city": ["Rome"]}, "column 'age', row 0: the value is missing, and nothing stands in"),
        ({}, "no column is there; expected age, city"),
        ([{"age": 1, "town": "Rome"}], "row 0: unknown key 'town'"),
        (['{"age": 1'], "row 0: not a JSON object"),
        ([5], "row 0"),
    ],
)
def test_data_that_does_not_fit_is_named(rows: Any, message: str) -> None:
    with pytest.raises(ColumnsError, match=message):
        Columns(features=[AGE, CITY])(rows)


def test_numbers_are_not_cut_to_fit() -> None:
    columns = Columns(features=[{"name": "n", "datatype": "INT8"}])
    with pytest.raises(ColumnsError, match="column 'n' holds numbers that int8 does not"):
        columns({"n": [300]})
    with pytest.raises(ColumnsError, match="column 'n' has dtype float64; expected int8"):
        columns({"n": [1.5]})


def test_a_missing_text_is_told_from_the_empty_category() -> None:
    empty = {**CITY, "one_hot": {"categories": ["", "Rome"], "unknown": "ignore"}}
    columns = Columns(features=[{**empty, "missing": "unknown"}])
    np.testing.assert_array_equal(columns({"city": ["", "Rome"]}), np.eye(2))
    with pytest.raises(ColumnsError, match="misses row 1"):
        columns({"city": ["", None]})
    np.testing.assert_array_equal(columns([{"city": None}]), [[0, 0]])


def _with(**changes: Any) -> dict[str, Any]:
    return {key: value for key, value in {**CITY, **changes}.items() if value is not None}


@pytest.mark.parametrize(
    ("feature", "message"),
    [
        (_with(one_hott={}), "one_hott"),
        (_with(ordinal={"categories": ["a"]}), "there is one_hot already"),
        (_with(one_hot=None), "BYTES with no transform"),
        (_with(one_hot=None, bucketize={"boundaries": [1]}), "BYTES with bucketize"),
        (_with(datatype="FP16"), "datatype"),
        (_with(datatype="FP32", one_hot=None, hash={"buckets": 3}), "should be BYTES"),
        (_with(one_hot={"categories": []}), "categories"),
        (_with(one_hot={"categories": ["a", 5]}), "categories.1: 5 should be text"),
        (_with(one_hot={"categories": ["a", None]}), "should be text, a number, true or false"),
        (_with(one_hot={"categories": ["a", "a"]}), "'a' is there twice"),
        (_with(one_hot={"categories": ["a"], "drop": "b"}), "'b' should be one of the categories"),
        (_with(fill=3), "fill: 3 should be text"),
        (_with(fill="Rome", missing="unknown"), "should not be there with missing: unknown"),
        (_with(missing="unknown", one_hot={"categories": ["a"]}), "unknown needs one_hot"),
        (_with(missing="nan"), "missing: nan needs one output column"),
        ({**AGE, "missing": "category"}, "category needs one_hot or ordinal"),
        ({**AGE, "standardize": {"scale": 0.0}}, "0 should be another number"),
        ({**AGE, "fill": "x"}, "fill: 'x' should be a number"),
        ({**AGE, "fill": 1e60}, "no value of a column of datatype FP32"),
    ],
)
def test_options_that_mean_nothing_are_refused(feature: dict[str, Any], message: str) -> None:
    with pytest.raises(ColumnsError, match=message):
        Columns(features=[feature])


def test_a_column_has_one_datatype() -> None:
    with pytest.raises(ColumnsError, match=r'features\.1\.datatype: FP64, but "age" is FP32'):
        Columns(features=[AGE, {**AGE, "datatype": "FP64"}])


def test_hashes_as_scikit_learn_does() -> None:
    from sklearn.utils import murmurhash3_32

    texts = ["", "a", "ab", "abc", "abcd", "Zürich", "x" * 1000]
    hashed = {"name": "t", "datatype": "BYTES", "hash": {"buckets": 2**31 - 1, "seed": 7}}
    columns = Columns(datatype="FP64", features=[hashed])
    expected = [murmurhash3_32(text, 7, positive=True) % (2**31 - 1) for text in texts[1:]]
    np.testing.assert_array_equal(columns({"t": texts[1:]})[:, 0], expected)
