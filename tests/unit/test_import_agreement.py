"""How answers of an imported model are compared with scikit-learn's."""

from typing import Any

import numpy as np
import pytest

from server.importing.agreement import compare
from server.importing.expectation import labels


def column(*values: float) -> Any:
    return np.array(values, np.float64)[:, np.newaxis]


def test_labels_must_be_equal() -> None:
    wanted = {"label": labels(np.array(["yes", "no", "yes"], object))}
    got = {"label": labels(np.array([b"yes", b"no", b"no"]))}
    agreement = compare(wanted, got, 1.0)
    assert agreement.differing == (2,)
    (worst,) = agreement.worst
    assert (worst.place, worst.expected, worst.got) == ('"label", row 2', "yes", "no")


@pytest.mark.parametrize(
    ("classes", "answered"),
    [
        (np.array([True, False]), np.array([1, 0])),
        (np.array([3, 7]), np.array([[3], [7]])),
        (np.array(["Köln", "B"], object), np.array(["Köln".encode(), b"B"])),
    ],
)
def test_labels_of_every_kind_compare(classes: Any, answered: Any) -> None:
    assert compare({"label": labels(classes)}, {"label": labels(answered)}, 0.0).good


def test_labels_of_another_kind_differ() -> None:
    wanted, got = labels(np.array(["1", "2"])), labels(np.array([1, 2]))
    assert compare({"label": wanted}, {"label": got}, 0.0).differing == (0, 1)


@pytest.mark.parametrize(
    ("output", "wanted", "got", "size"),
    [
        ("probabilities", column(0.5, 0.5), column(0.5, 0.501), 1e-3),
        ("variable", column(1000.0, 1000.0), column(1000.0, 1001.0), 1e-3),  # of the value
        ("variable", column(3.0, 4.0, 0.0, 0.0), column(3.0, 4.0, 0.0, 0.25), 0.1),  # of the usual
        ("variable", column(np.nan, np.inf), column(np.nan, np.inf), 0.0),
        ("variable", column(0.0, 0.0), column(0.0, 1e-9), np.inf),
        ("variable", column(1.0), column(np.nan), np.inf),
    ],
)
def test_sizes_of_differences(output: str, wanted: Any, got: Any, size: float) -> None:
    (largest,) = compare({output: wanted}, {output: got}, 0.0).largest
    assert largest.size == pytest.approx(size)


def test_the_worst_rows_come_first() -> None:
    wanted = {"probabilities": np.full((8, 2), 0.5)}
    got = {"probabilities": wanted["probabilities"] + np.arange(8)[:, np.newaxis] * [[0.0, 0.01]]}
    agreement = compare(wanted, got, 0.015)
    assert agreement.differing == (2, 3, 4, 5, 6, 7)
    assert [each.row for each in agreement.worst] == [7, 6, 5, 4, 3]
    assert agreement.worst[0].place == '"probabilities", row 7, column 1'
    assert compare(wanted, got, 0.08).good


def test_another_shape_differs_everywhere() -> None:
    agreement = compare({"variable": np.zeros((3, 2))}, {"variable": np.zeros((3, 1))}, 1.0)
    assert agreement.differing == (0, 1, 2)
    assert agreement.worst[0].got == "[3, 1] values"
