"""Configuration and model file: what is filled in, and which contradictions are found."""

from dataclasses import dataclass

import pytest

from server.completion import DEFAULT_MAX_BATCH_SIZE, MismatchError, complete
from server.config.spec import DynamicBatching, ModelConfig, TensorConfig


@dataclass
class Tensor:
    name: str
    datatype: str
    dims: list[int]


BATCHABLE = [Tensor("x", "FP32", [-1, 16])], [Tensor("y", "INT64", [-1])]
FIXED = [Tensor("x", "FP32", [1, 16])], [Tensor("y", "INT64", [1])]
X = TensorConfig(name="x", datatype="FP32", dims=(16,))


def independent() -> bool:
    return True


def dependent() -> bool:
    return False


def never() -> bool:
    raise AssertionError("the probe must not run")


def faults(config: ModelConfig, inputs: list[Tensor], outputs: list[Tensor]) -> list[str]:
    with pytest.raises(MismatchError) as caught:
        complete(config, inputs, outputs, independent)
    return list(caught.value.messages)


def test_independent_rows_are_batched_by_default() -> None:
    made = complete(ModelConfig(), *BATCHABLE, independent)
    assert made.config.max_batch_size == DEFAULT_MAX_BATCH_SIZE
    assert made.config.dynamic_batching == DynamicBatching()
    assert made.config.inputs == (X,)
    assert made.config.outputs == (TensorConfig(name="y", datatype="INT64", dims=()),)
    assert "rows independent" in made.notes[0]


def test_dependent_rows_are_not_batched() -> None:
    made = complete(ModelConfig(), *BATCHABLE, dependent)
    assert made.config.max_batch_size == 0
    assert made.config.dynamic_batching is False
    assert made.config.inputs[0].dims == (-1, 16)
    assert "differ" in made.notes[0]


def test_a_fixed_first_dimension_is_no_batch_and_needs_no_probe() -> None:
    made = complete(ModelConfig(), *FIXED, never)
    assert made.config.max_batch_size == 0
    assert made.config.inputs[0].dims == (1, 16)


def test_declared_dims_with_the_first_dimension_mean_no_batching() -> None:
    full = TensorConfig(name="x", datatype="FP32", dims=(-1, 16))
    assert complete(ModelConfig(inputs=(full,)), *BATCHABLE, never).config.max_batch_size == 0


def test_a_declared_batch_size_is_kept() -> None:
    made = complete(ModelConfig(max_batch_size=8), *BATCHABLE, never)
    assert made.config.max_batch_size == 8
    assert made.notes == ()


def test_requests_stay_apart_if_asked() -> None:
    config = ModelConfig(max_batch_size=8, dynamic_batching=False)
    assert complete(config, *BATCHABLE, never).config.combines_requests is False


def test_the_more_specific_dimension_wins() -> None:
    declared = TensorConfig(name="x", datatype="FP32", dims=(4, -1))
    config = ModelConfig(max_batch_size=0, inputs=(declared,))
    made = complete(config, [Tensor("x", "FP32", [-1, 7])], [], never)
    assert made.config.inputs[0].dims == (4, 7)


def test_a_subset_of_the_outputs_may_be_declared() -> None:
    config = ModelConfig(outputs=(TensorConfig(name="y", datatype="INT64", dims=()),))
    outputs = [*BATCHABLE[1], Tensor("z", "FP32", [-1, 2])]
    made = complete(config, BATCHABLE[0], outputs, independent)
    assert [each.name for each in made.config.outputs] == ["y"]


@pytest.mark.parametrize(
    ("config", "words"),
    [
        (ModelConfig(max_batch_size=4, inputs=(X,)), ["x", "dynamic batch axis", "[1, 16]"]),
        (
            ModelConfig(inputs=(X.model_copy(update={"datatype": "INT8", "dims": (1, 16)}),)),
            ["declared INT8", "FP32"],
        ),
        (ModelConfig(inputs=(X,)), ["dims [16]", "[1, 16]"]),
        (
            ModelConfig(inputs=(X.model_copy(update={"dims": (1, 17)}),)),
            ["dims [1, 17]", "[1, 16]"],
        ),
    ],
)
def test_contradictions_name_both_sides(config: ModelConfig, words: list[str]) -> None:
    message = faults(config, FIXED[0], [])[0]
    for word in words:
        assert word in message


def test_unknown_and_missing_inputs_are_named() -> None:
    config = ModelConfig(inputs=(TensorConfig(name="imags", datatype="FP32", dims=(1,)),))
    messages = faults(config, [Tensor("image", "FP32", [1])], [])
    assert 'input "imags" is not in the model file. Did you mean "image"?' in messages[0]
    assert messages[1] == 'input "image" of the model file is not declared: add it'


def test_a_tensor_declared_twice_is_a_fault() -> None:
    config = ModelConfig(max_batch_size=8, inputs=(X, X))
    assert 'input "x" is declared twice' in faults(config, *BATCHABLE)


def test_preferred_sizes_stay_within_the_batch_size() -> None:
    config = ModelConfig(
        max_batch_size=8, dynamic_batching=DynamicBatching(preferred_batch_size=(16,))
    )
    [message] = faults(config, *BATCHABLE)
    assert message == "preferred_batch_size: 16 is over max_batch_size: 8"
