"""What is learnt from a fitted model, and how it is made ready for conversion."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pandas as pd
import pytest
from onnx import helper
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from server.importing.graph import tidy
from server.importing.missing_text import for_conversion
from server.importing.samples import read_samples
from server.importing.source import Source
from server.importing.steps import steps, text_columns
from server.making.error import CommandError
from tests import graphs

CODES = np.array(["01", None, "1"], object)
FRAME = pd.DataFrame({"size": [1.0, 2.0, 3.0], "code": pd.Series(CODES, dtype=object)})
FILL = SimpleImputer(strategy="most_frequent", missing_values=None)


def fitted() -> Any:
    return make_pipeline(
        ColumnTransformer(
            [
                ("numbers", make_pipeline(SimpleImputer(), StandardScaler()), ["size"]),
                ("words", make_pipeline(FILL, OneHotEncoder()), ["code"]),
            ]
        )
    ).fit(FRAME)


def test_steps_have_the_names_that_lead_to_them() -> None:
    names = [name for name, _ in steps(fitted())]
    assert names == [
        "columntransformer/numbers/simpleimputer",
        "columntransformer/numbers/standardscaler",
        "columntransformer/words/simpleimputer",
        "columntransformer/words/onehotencoder",
    ]


def test_columns_with_categories_of_text_are_known() -> None:
    assert text_columns(fitted()) == {"code"}
    assert text_columns(OneHotEncoder().fit(FRAME[["code"]])) == {"code"}
    assert text_columns(StandardScaler().fit(FRAME[["size"]])) == set()


def test_missing_text_is_the_empty_string_in_the_copy_only() -> None:
    model = OneHotEncoder().fit(FRAME[["code"]])
    (known,) = for_conversion(model).categories_
    assert list(known) == ["01", "1", ""]
    assert model.categories_[0][-1] is None


def test_empty_strings_beside_missing_ones_are_refused() -> None:
    model = OneHotEncoder().fit(pd.DataFrame({"code": ["", None]}, dtype=object))
    with pytest.raises(CommandError, match="OneHotEncoder: knows both missing values and empty"):
        for_conversion(model)


def source(columns: tuple[str, ...] | None, features: int) -> Source:
    return Source(Path("m"), "", fitted(), "transformer", columns, features, ())


def test_codes_in_csv_keep_their_zeros(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text("code,size\n01,1.5\n,2\n1,\n")
    data = read_samples(tmp_path / "s.csv", source(("size", "code"), 2)).data
    assert list(data.columns) == ["size", "code"]
    assert list(data["code"]) == ["01", None, "1"]  # as the model learnt it
    assert list(data["size"].isna()) == [False, False, True]


def test_columns_come_from_an_npz(tmp_path: Path) -> None:
    np.savez(tmp_path / "s.npz", size=np.array([[1.0], [2.0]]), code=np.array(["01", "1"]))
    data = read_samples(tmp_path / "s.npz", source(("size", "code"), 2)).data
    assert list(data["code"]) == ["01", "1"]
    assert list(data["size"]) == [1.0, 2.0]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("s.txt", b"", "samples are a .csv, .parquet, .npz or .npy file"),
        ("s.csv", b"", "cannot be read as .csv"),
        ("s.parquet", b"PAR1", "cannot be read as .parquet"),
        ("s.npz", b"PK", "cannot be read as .npz"),
        ("s.npy", b"\x93NUMPY", "cannot be read as .npy"),
    ],
)
def test_broken_samples_are_told(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(CommandError, match=message):
        read_samples(tmp_path / name, source(("size",), 1))
    with pytest.raises(CommandError, match="No such file"):
        read_samples(tmp_path / "other.csv", source(("size",), 1))


def test_a_graph_gets_the_names_that_clients_use() -> None:
    """A converter's "a_b" is the column "a b"; an inner "label" makes room for the output."""
    nodes = [
        helper.make_node("Identity", ["a_b"], ["label"]),
        helper.make_node("Neg", ["label"], ["label1"]),
        helper.make_node("Neg", ["c"], ["extra"]),
    ]
    inputs = [graphs.tensor("a_b", ("n", 1)), graphs.tensor("c", ("n", 1))]
    outputs = [graphs.tensor("label1", ("n", 1)), graphs.tensor("extra", ("n", 1))]
    model = graphs.graph(nodes, inputs, outputs)
    tidy(model, ["a b", "c"], ["label"])
    onnx.checker.check_model(model)
    assert [each.name for each in model.graph.input] == ["a b"]
    assert [each.name for each in model.graph.output] == ["label"]
    assert [node.op_type for node in model.graph.node] == ["Identity", "Neg"]
