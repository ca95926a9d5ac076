"""When INT8 is kept: accuracy and speed as `quantize` judges them."""

import math

import numpy as np
import pytest

from server.making.error import CommandError
from server.quantize.accuracy import Judge, Limits, error_of
from server.quantize.decision import Contender, decide, decide_unmeasured
from server.quantize.variant import Precision

ROUNDS = 8


def contender(precision: Precision, *rates: float) -> Contender:
    """`rates`: repeated to fill the rounds."""
    return Contender(f"{precision} on cpu", precision, (rates * ROUNDS)[:ROUNDS])


@pytest.mark.parametrize(
    ("contenders", "chosen", "said"),
    [
        ([contender("float", 100)], "float", "INT8 does not pay here: float on cpu is kept"),
        ([contender("float", 100), contender("int8", 300)], "int8", "3.00 times the rows/s"),
        (
            [contender("float", 100), contender("bf16", 200), contender("int8", 250)],
            "int8",
            "1.25 times the rows/s of bf16",
        ),
        (
            [contender("float", 100), contender("bf16", 300), contender("int8", 250)],
            "bf16",
            "0.83 times the rows/s of bf16",
        ),
        ([contender("float", 100), contender("int8", 104)], "float", "not enough"),
        # On average twice as fast, but no better in half of the rounds.
        ([contender("float", 100), contender("int8", 310, 90)], "float", "0.90 to 3.10"),
        ([contender("float", 100), contender("int8 dynamic", 150)], "int8 dynamic", "1.50"),
    ],
)
def test_int8_is_kept_where_it_beats_float_and_bf16(
    contenders: list[Contender], chosen: str, said: str
) -> None:
    decision = decide(contenders)
    assert decision.chosen == f"{chosen} on cpu"
    assert any(said in reason for reason in decision.reasons), decision.reasons


def test_the_fastest_provider_stands_for_a_precision() -> None:
    slow, fast = contender("float", 100), Contender("float on openvino", "float", [200] * ROUNDS)
    assert decide([slow, fast, contender("int8", 150)]).chosen == "float on openvino"


def test_without_measurements_compactness_decides() -> None:
    accurate = [contender("float"), contender("fp16"), contender("int8")]
    decision = decide_unmeasured(accurate)
    assert decision.chosen == "int8 on cpu"
    assert "not measured: no GPU here" in decision.reasons[0]
    assert decide_unmeasured(accurate[:2]).chosen == "fp16 on cpu"


def scores(*classes: int) -> dict[str, np.ndarray]:
    return {"scores": np.eye(4, dtype=np.float32)[list(classes)]}


def test_with_labels_points_of_accuracy_are_compared() -> None:
    judge = Judge(scores(0, 1, 2, 3), np.array([0, 1, 2, 0]), Limits(drop=25, error=0))
    assert judge.labelled
    quality = judge.quality(scores(0, 1, 0, 3))
    assert (quality.top1, quality.drop, quality.agreement) == (50, 25, 75)
    assert judge.objection(quality) is None
    worse = judge.quality(scores(1, 0, 2, 3))
    assert judge.objection(worse) == "top-1 falls by 50.00 points to 25.00 %; 25 are allowed"


def test_classes_may_not_change_at_will_behind_the_same_accuracy() -> None:
    judge = Judge(scores(0, 1, 2, 3), np.array([0, 1, 0, 0]), Limits(drop=5, error=0))
    changed = judge.quality(scores(0, 1, 3, 3))
    assert changed.drop == 0
    assert (
        judge.objection(changed)
        == "the class of 25.00 % of samples is not FP32's; 15 % are allowed"
    )


@pytest.mark.parametrize(
    ("outputs", "labels", "message"),
    [
        (scores(0, 1, 2, 3), [1, 2, 3, 4], "they run from 1 to 4, its classes from 0 to 3"),
        (scores(0, 1, 2, 3), [1, 2, 3, 0], r"top-1 is 0\.00 %, chance would be 25\.00 %"),
        ({"class": np.array([5, 6])}, [6, 5], r"top-1 is 0\.00 %, chance would be 50\.00 %"),
    ],
)
def test_labels_that_are_not_of_the_model_are_refused(
    outputs: dict[str, np.ndarray], labels: list[int], message: str
) -> None:
    with pytest.raises(CommandError, match=f"labels do not match the model's classes: .*{message}"):
        Judge(outputs, np.array(labels), Limits(drop=0.5, error=5))


def test_a_class_index_is_preferred_to_scores() -> None:
    outputs = scores(0, 1) | {"class": np.array([[2], [3]])}
    judge = Judge(outputs, np.array([2, 3]), Limits(drop=0, error=0))
    assert judge.quality(outputs).top1 == 100


def test_without_labels_outputs_are_compared() -> None:
    reference = {"y": np.array([[3.0, 4.0]]), "n": np.array([1, 2, 3, 4])}
    judge = Judge(reference, None, Limits(drop=0, error=10))
    near = judge.quality({"y": np.array([[3.0, 4.5]]), "n": np.array([1, 2, 3, 4])})
    assert near.error == pytest.approx(10)
    assert near.signal_db == pytest.approx(20)
    assert judge.objection(judge.quality(reference)) is None
    far = judge.quality({"y": np.array([[3.0, 4.0]]), "n": np.array([1, 2, 3, 5])})
    assert judge.objection(far) == "outputs differ by 25 %; 10 % are allowed"


@pytest.mark.parametrize("wrong", [np.array([[1.0]]), np.array([[np.nan, 1.0]])])
def test_incomparable_outputs_are_refused(wrong: np.ndarray) -> None:
    reference = {"y": np.array([[3.0, 4.0]])}
    for labels in (None, np.array([1])):
        judge = Judge(reference, labels, Limits(drop=0.5, error=100))
        quality = judge.quality({"y": wrong})
        assert math.isinf(quality.error)
        assert judge.objection(quality) is not None


def test_an_output_of_zeros_has_no_error_of_its_own() -> None:
    zeros = np.zeros((2, 2), np.float32)
    assert error_of(zeros, zeros) == 0
    assert math.isinf(error_of(zeros + 1, zeros))
