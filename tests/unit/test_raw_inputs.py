"""What clients may send in place of tensors: the ways, what metadata tells, contradictions."""

from typing import Any

import pytest

from server.config.spec import ModelConfig, TensorConfig
from server.faults import Fault
from server.preprocess.tuples import as_tuples
from server.raw_inputs import check_raw_inputs, client_inputs, raw_groups

PICTURE = TensorConfig(name="x", datatype="FP32", dims=(3, 8, 8))
BYTES_PICTURE = TensorConfig(name="x", datatype="UINT8", dims=(8, 8, 3))
IDS = TensorConfig(name="ids", datatype="INT64", dims=(-1,))
MASK = TensorConfig(name="mask", datatype="INT64", dims=(-1,))
OTHER = TensorConfig(name="other", datatype="INT64", dims=(-1,))
COLUMNS = {"features": [{"name": "age", "datatype": "FP32"}, {"name": "city", "datatype": "INT8"}]}


def config(*inputs: TensorConfig, batch: int = 8, **keys: Any) -> ModelConfig:
    made = ModelConfig.model_validate(as_tuples({"max_batch_size": batch, **keys}))
    return made.model_copy(update={"inputs": inputs})


def faults(made: ModelConfig) -> list[Fault]:
    found: list[Fault] = []
    check_raw_inputs(made, found)
    return found


def told(made: ModelConfig) -> list[tuple[str, str, tuple[int, ...]]]:
    return [(each.name, each.datatype, each.dims) for each in client_inputs(made)]


def test_metadata_tells_the_raw_form_in_the_place_of_the_tensor() -> None:
    made = config(IDS, MASK, OTHER, preprocess={"ids": {"name": "text", "text": {"mask": "mask"}}})
    assert told(made) == [("text", "BYTES", (1,)), ("other", "INT64", (-1,))]
    assert faults(made) == []


def test_columns_come_one_by_one_or_as_json() -> None:
    matrix = TensorConfig(name="m", datatype="FP32", dims=(2,))
    made = config(matrix, preprocess={"m": {"columns": COLUMNS}})
    assert told(made) == [("age", "FP32", (1,)), ("city", "INT8", (1,))]
    ((columns, json),) = (group.ways for group in raw_groups(made))
    assert [each.name for each in columns] == ["age", "city"]
    assert [(each.name, each.datatype) for each in json] == [("m", "BYTES")]


def test_pictures_need_another_name_where_the_model_may_take_their_pixels() -> None:
    planes = TensorConfig(name="x", datatype="UINT8", dims=(3, 8, 8))
    assert faults(config(planes, preprocess={"x": {"image": {}}})) == []
    (fault,) = faults(config(BYTES_PICTURE, preprocess={"x": {"image": {}}}))
    assert "give it another name" in fault.message
    assert faults(config(BYTES_PICTURE, preprocess={"x": {"name": "photo", "image": {}}})) == []


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (config(PICTURE, preprocess={"y": {"image": {}}}), 'no input "y"'),
        (config(IDS, preprocess={"ids": {"text": {"mask": "masc"}}}), 'no input "masc"'),
        (
            config(IDS, batch=0, preprocess={"ids": {"text": {}}}),
            "preprocess.ids needs a batch dimension",
        ),
        (
            config(IDS, MASK, preprocess={"ids": {"text": {"mask": "mask"}}, "mask": {"text": {}}}),
            "made by preprocess.ids already",
        ),
        (
            config(IDS, OTHER, preprocess={"ids": {"text": {}}, "other": {"text": {}}}),
            "have a length of their own too",
        ),
        (
            config(
                IDS,
                MASK,
                padding={"inputs": {"ids": 0.0}, "mask": "mask"},
                preprocess={"ids": {"text": {}}},
            ),
            'text.mask: should be "mask"',
        ),
        (
            config(
                PICTURE,
                padding={"inputs": {"x": 0.0}},
                preprocess={"x": {"image": {"size": [8, 8]}}},
            ),
            '"x" has one size',
        ),
        (
            config(
                PICTURE,
                IDS,
                preprocess={"x": {"name": "a", "image": {}}, "ids": {"name": "a", "text": {}}},
            ),
            "give it another name",
        ),
    ],
)
def test_contradictions_are_told(made: ModelConfig, words: str) -> None:
    assert any(words in fault.message for fault in faults(made)), faults(made)
