"""Columns against scikit-learn, on mixed data with missing and unknown values."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    KBinsDiscretizer,
    MaxAbsScaler,
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    PolynomialFeatures,
    RobustScaler,
    StandardScaler,
)

from server.preprocess import Columns
from server.preprocess.columns_error import ColumnsError

NAMES = ["age", "income", "rooms", "score", "city", "colour", "level"]
NUMBERS = [0, 1, 2, 3]
CITIES = ["Paris", "Rome", "Oslo", "Zürich"]


def table(rows: int, seed: int, unknown: bool = False) -> npt.NDArray[Any]:
    """Four columns of numbers, two of them with gaps, two of texts and one of whole numbers."""
    generator = np.random.default_rng(seed)
    made = np.empty((rows, len(NAMES)), dtype=object)
    made[:, 0] = np.where(generator.random(rows) < 0.2, np.nan, generator.normal(40, 12, rows))
    made[:, 1] = generator.lognormal(10, 1, rows)
    made[:, 2] = np.where(generator.random(rows) < 0.1, np.nan, generator.integers(1, 9, rows))
    made[:, 3] = generator.uniform(-1e-3, 1e6, rows)
    made[:, 4] = generator.choice(CITIES + (["Bern", "rome"] if unknown else []), rows)
    made[:, 5] = np.array(["red", "green", None])[generator.integers(0, 3, rows)]
    made[:, 6] = generator.choice([10, 20, 30, 99] if unknown else [10, 20, 30], rows)
    return made


def transformer(dropping: str | None = None, encode: str = "onehot-dense") -> ColumnTransformer:
    """One of everything that is covered."""
    filled = SimpleImputer(strategy="median", add_indicator=True)
    frequent = SimpleImputer(strategy="most_frequent", missing_values=None)
    ignoring = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    numbering = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    return ColumnTransformer(
        [
            ("scaled", make_pipeline(filled, StandardScaler()), [0, 2]),
            ("robust", RobustScaler(), [1]),
            (
                "bins",
                KBinsDiscretizer(4, encode=encode, quantile_method="averaged_inverted_cdf"),
                [3],
            ),
            ("limits", MinMaxScaler((-1, 2), clip=True), [1, 3]),
            ("largest", MaxAbsScaler(), [3]),
            ("city", ignoring, [4]),
            (
                "colour",
                make_pipeline(frequent, OneHotEncoder(drop=dropping, sparse_output=False)),
                [5],
            ),
            ("gaps", OneHotEncoder(sparse_output=False), [5]),
            ("level", numbering, [4, 6]),
        ],
        remainder="passthrough",
        sparse_threshold=0,
    )


def arrays(rows: npt.NDArray[Any]) -> dict[str, Any]:
    """As a client has them, by column."""
    kinds = [float, float, float, float, object, object, int]
    return {name: rows[:, i].astype(kinds[i]) for i, name in enumerate(NAMES)}


def objects(rows: npt.NDArray[Any]) -> list[dict[str, Any]]:
    return [dict(zip(NAMES, row, strict=True)) for row in rows.tolist()]


@pytest.mark.parametrize("dropping", [None, "first", "if_binary"])
@pytest.mark.parametrize("encode", ["onehot-dense", "onehot", "ordinal"])
def test_equals_the_column_transformer(dropping: str | None, encode: str) -> None:
    fitted = transformer(dropping, encode).fit(table(500, 1))
    rows = table(3000, 2, unknown=True)
    expected = np.asarray(fitted.transform(rows), dtype=np.float64)
    columns = Columns.from_sklearn(fitted, NAMES, datatype="FP64", datatypes={"level": "INT64"})
    assert columns.width == expected.shape[1]
    by_column, by_row = columns(arrays(rows)), columns(objects(rows))
    np.testing.assert_array_equal(by_column, by_row)
    np.testing.assert_allclose(by_column, expected, rtol=1e-12, atol=0)
    narrow = Columns.from_sklearn(fitted, NAMES)(arrays(rows))
    assert narrow.dtype == np.float32
    np.testing.assert_array_equal(narrow, by_column.astype(np.float32))


def test_survives_being_written_to_model_yaml() -> None:
    fitted = transformer("first").fit(table(500, 1))
    columns = Columns.from_sklearn(fitted, NAMES)
    again = Columns(**columns.to_config())
    assert again.config == columns.config
    rows = arrays(table(50, 3))
    np.testing.assert_array_equal(again(rows), columns(rows))


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_threads_change_nothing(threads: int) -> None:
    fitted = transformer().fit(table(500, 1))
    rows = table(20_001, 4)
    one = Columns.from_sklearn(fitted, NAMES, threads=1)
    many = Columns.from_sklearn(fitted, NAMES, threads=threads)
    np.testing.assert_array_equal(many(arrays(rows)), one(arrays(rows)))
    np.testing.assert_array_equal(many(objects(rows)), one(arrays(rows)))


finite = st.floats(
    allow_nan=False, allow_infinity=False, width=64, min_value=-1e300, max_value=1e300
)
texts = st.text(min_size=1, max_size=20)


@settings(max_examples=150, deadline=None)
@given(
    train=st.lists(st.tuples(finite, texts), min_size=2, max_size=30),
    rows=st.lists(st.tuples(finite, st.one_of(texts, st.none())), min_size=1, max_size=30),
)
def test_equals_scikit_learn_on_any_data(train: list[Any], rows: list[Any]) -> None:
    known = np.array(train, dtype=object)
    both = ColumnTransformer(
        [
            ("x", MinMaxScaler(clip=True), [0]),
            ("bins", KBinsDiscretizer(3, encode="ordinal", strategy="uniform"), [0]),
            ("text", OneHotEncoder(handle_unknown="ignore", sparse_output=False), [1]),
        ]
    )
    with np.errstate(all="ignore"):
        try:
            both.fit(known)
        except ValueError:  # too wide a range for scikit-learn
            return
        data = np.array(rows + train, dtype=object)
        expected = np.asarray(both.transform(data), dtype=np.float64)
    columns = Columns.from_sklearn(both, ["x", "t"], datatype="FP64")
    given_columns = {"x": data[:, 0].astype(float), "t": data[:, 1]}
    np.testing.assert_allclose(columns(given_columns), expected, rtol=1e-6, atol=0)
    by_row = columns([{"x": x, "t": t} for x, t in data.tolist()])
    np.testing.assert_array_equal(by_row, columns(given_columns))


def test_encoders_of_numbers_and_of_missing_values() -> None:
    rows = np.array([[1.5, 7], [np.nan, 8], [2.5, 7], [1.5, 9]])
    fitted = ColumnTransformer(
        [
            ("gap", OrdinalEncoder(encoded_missing_value=-5), [0]),
            ("nan", OrdinalEncoder(), [0]),
            ("hot", OneHotEncoder(sparse_output=False, drop=[2.5, 8]), [0, 1]),
        ]
    ).fit(rows)
    columns = Columns.from_sklearn(fitted, ["a", "b"])
    expected = fitted.transform(rows)
    np.testing.assert_array_equal(columns({"a": rows[:, 0], "b": rows[:, 1]}), expected)


def test_numbers_without_a_rule_are_errors_unless_nan_is_asked_for() -> None:
    fitted = StandardScaler().fit([[1.0], [3.0]])
    rows = {"x0": np.array([2.0, np.nan])}
    with pytest.raises(ColumnsError, match="column 'x0', row 1: the value is missing"):
        Columns.from_sklearn(fitted)(rows)
    made = Columns.from_sklearn(fitted, missing="nan")(rows)
    np.testing.assert_array_equal(made, np.array([[0], [np.nan]], dtype=np.float32))


@pytest.mark.parametrize(
    ("steps", "named"),
    [
        (make_pipeline(PolynomialFeatures()), "PolynomialFeatures"),
        (make_pipeline(StandardScaler(), MinMaxScaler()), "standardize"),
        (make_pipeline(StandardScaler(), SimpleImputer()), "SimpleImputer"),
        (OneHotEncoder(max_categories=2), "infrequent"),
    ],
)
def test_what_is_not_covered_is_named(steps: Any, named: str) -> None:
    fitted = steps.fit([[1.0], [2.0], [3.0]])
    with pytest.raises(ColumnsError, match=named):
        Columns.from_sklearn(fitted)


def test_what_is_not_fitted_is_refused() -> None:
    with pytest.raises(ColumnsError, match="not fitted"):
        Columns.from_sklearn(StandardScaler())
