"""Configuration and model file: what is filled in, and which contradictions are found."""

from dataclasses import dataclass

import pytest

from server.completion import DEFAULT_MAX_BATCH_SIZE, complete
from server.config.postprocess_spec import Postprocess
from server.config.scheduling_spec import DynamicBatching, Padding
from server.config.spec import ModelConfig, TensorConfig
from server.faults import Fault, MismatchError


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
    return [fault.message for fault in located(config, inputs, outputs)]


def located(config: ModelConfig, inputs: list[Tensor], outputs: list[Tensor]) -> list[Fault]:
    with pytest.raises(MismatchError) as caught:
        complete(config, inputs, outputs, independent)
    return list(caught.value.faults)


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


def test_order_and_queue_policies_hold_without_a_batch_dimension() -> None:
    queueing = DynamicBatching(priority_levels=2, default_priority_level=2)
    made = complete(ModelConfig(dynamic_batching=queueing), *FIXED, never).config
    assert made.queueing == queueing
    assert made.combines_requests is False


ENCODER = (
    [
        Tensor("ids", "INT64", [-1, -1]),
        Tensor("bytes", "UINT8", [-1, -1]),
        Tensor("half", "FP16", [-1, -1, 3]),
        Tensor("text", "BYTES", [-1, -1]),
        Tensor("flags", "BOOL", [-1, -1]),
        Tensor("fixed", "INT64", [-1, 16]),
        Tensor("square", "INT64", [-1, -1, -1]),
    ],
    [
        Tensor("hidden", "FP32", [-1, -1, 8]),
        Tensor("pooled", "FP32", [-1, 8]),
        Tensor("words", "BYTES", [-1, -1]),
    ],
)


def padded(padding: Padding) -> ModelConfig:
    return ModelConfig(max_batch_size=8, padding=padding)


def test_outputs_with_a_dynamic_dimension_are_cut_back() -> None:
    made = complete(padded(Padding(inputs={"ids": 0}, mask="flags")), *ENCODER, never)
    assert made.config.padding == Padding(inputs={"ids": 0}, mask="flags", outputs=("hidden",))


def test_no_output_need_be_cut_back() -> None:
    made = complete(padded(Padding(inputs={"ids": 0}, outputs=())), *ENCODER, never)
    assert made.config.padding is not None
    assert made.config.padding.outputs == ()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ids", -1),
        ("ids", 2**53 - 1),
        ("bytes", 255),
        ("half", -65504),
        ("half", 0.1),
        ("flags", 1),
        ("square", 0),
    ],
)
def test_pad_values_that_fit(name: str, value: float) -> None:
    complete(padded(Padding(inputs={name: value})), *ENCODER, never)


@pytest.mark.parametrize(
    ("padding", "at", "words"),
    [
        (Padding(inputs={"idz": 0}), ("inputs", "idz"), ['no input "idz"', 'Did you mean "ids"?']),
        (Padding(inputs={"text": 0}), ("inputs", "text"), ["padding.inputs.text: BYTES cannot"]),
        (Padding(inputs={"fixed": 0}), ("inputs", "fixed"), ['"fixed" has dims [16]; only']),
        (Padding(inputs={"ids": 0.5}), ("inputs", "ids"), ["0.5 does not fit INT64", "whole"]),
        (Padding(inputs={"ids": 2.0**53}), ("inputs", "ids"), ["9007199254740992 does not fit"]),
        (
            Padding(inputs={"bytes": 256}),
            ("inputs", "bytes"),
            [
                "padding.inputs.bytes: 256 does not fit UINT8",
                "allowed are whole numbers from 0 to 255",
            ],
        ),
        (Padding(inputs={"flags": 2}), ("inputs", "flags"), ["2 does not fit BOOL", "0 to 1"]),
        (Padding(inputs={"half": 65505}), ("inputs", "half"), ["FP16", "-65504 to 65504"]),
        (Padding(inputs={"ids": 0}, mask="maks"), ("mask",), ['no input "maks"']),
        (Padding(inputs={"ids": 0}, mask="text"), ("mask",), ["padding.mask", "is BYTES"]),
        (Padding(inputs={"ids": 0}, mask="fixed"), ("mask",), ["dims [16]", "exactly one"]),
        (Padding(inputs={"ids": 0}, mask="square"), ("mask",), ["dims [-1, -1]", "exactly one"]),
        (
            Padding(inputs={"ids": 0}, outputs=("hiden",)),
            ("outputs", 0),
            ['no output "hiden"', 'Did you mean "hidden"?', 'It has "hidden", "pooled"'],
        ),
        (
            Padding(inputs={"ids": 0}, outputs=("hidden", "pooled")),
            ("outputs", 1),
            ['"pooled" has dims [8]'],
        ),
        (
            Padding(inputs={"ids": 0}, outputs=("words",)),
            ("outputs", 0),
            ['padding.outputs: "words" is BYTES'],
        ),
        (
            Padding(inputs={"ids": 0}, outputs=("hidden", "hidden")),
            ("outputs", 1),
            ['"hidden" is given twice'],
        ),
    ],
)
def test_padding_must_suit_the_model(
    padding: Padding, at: tuple[str | int, ...], words: list[str]
) -> None:
    [fault] = located(padded(padding), *ENCODER)
    assert fault.at == ("padding", *at)
    for word in words:
        assert word in fault.message


def test_padding_needs_a_batch_dimension() -> None:
    [asked] = faults(ModelConfig(max_batch_size=0, padding=Padding(inputs={"ids": 0})), *ENCODER)
    assert asked.endswith("but max_batch_size is 0")
    with pytest.raises(MismatchError, match="rows run together differ from rows run alone"):
        complete(ModelConfig(padding=Padding(inputs={"ids": 0})), *ENCODER, dependent)


def test_faults_are_placed_at_what_is_wrong() -> None:
    config = ModelConfig(
        max_batch_size=8,
        dynamic_batching=DynamicBatching(preferred_batch_size=(4, 16)),
        inputs=(
            TensorConfig(name="z", datatype="FP32", dims=(1,)),
            TensorConfig(name="x", datatype="INT8", dims=(3,)),
        ),
    )
    assert [fault.at for fault in located(config, *BATCHABLE)] == [
        ("dynamic_batching", "preferred_batch_size", 1),
        ("inputs", 0, "name"),
        ("inputs", 1, "datatype"),
        ("inputs", 1, "dims"),
    ]


SCORES = (
    [Tensor("x", "FP32", [-1, 16])],
    [
        Tensor("scores", "FP16", [-1, 10]),
        Tensor("score", "FP32", [-1]),
        Tensor("number", "INT64", [-1, 10]),
        Tensor("word", "BYTES", [-1, 10]),
    ],
)


def softened(output: str) -> ModelConfig:
    return ModelConfig(max_batch_size=8, postprocess={output: Postprocess(softmax=True)})


def test_outputs_can_be_softened_and_labelled() -> None:
    config = softened("scores").model_copy(update={"labels": {"number": "l", "scores": "l"}})
    complete(config, *SCORES, never)
    complete(softened("word").model_copy(update={"postprocess": {}}), *SCORES, never)


@pytest.mark.parametrize(
    ("config", "at", "words"),
    [
        (softened("score"), ("postprocess", "score", "softmax"), ["no axis besides the batch"]),
        (
            softened("number"),
            ("postprocess", "number", "softmax"),
            ["postprocess.number.softmax: the output is INT64", "FP16, BF16, FP32, FP64"],
        ),
        (
            softened("scored"),
            ("postprocess", "scored"),
            ['postprocess: the model has no output "scored"', 'Did you mean "score'],
        ),
        (
            ModelConfig(max_batch_size=8, labels={"word": "l"}),
            ("labels", "word"),
            ["labels.word: BYTES has no order"],
        ),
        (
            ModelConfig(max_batch_size=8, labels={"y": "l"}),
            ("labels", "y"),
            ['labels: the model has no output "y"', 'It has "scores"'],
        ),
    ],
)
def test_postprocessing_must_suit_the_outputs(
    config: ModelConfig, at: tuple[str, ...], words: list[str]
) -> None:
    [fault] = located(config, *SCORES)
    assert fault.at == at
    for word in words:
        assert word in fault.message
