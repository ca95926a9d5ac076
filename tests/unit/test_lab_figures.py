"""What the laboratory computes from a run, on runs made by hand."""

import numpy as np
import pytest

from benchmarks.figures import Figure, at_most
from benchmarks.lab.experiments.overload import late_share
from benchmarks.lab.experiments.spike import recovery_ms
from benchmarks.load.record import RECORD_DTYPE, STATUSES, Record


def record(*answers: tuple[str, bool]) -> Record:
    """One call per (status, in time)."""
    rows = np.zeros(len(answers), RECORD_DTYPE)
    rows["status"] = [STATUSES.index(status) for status, _ in answers]
    rows["in_time"] = [in_time for _, in_time in answers]
    return Record(rows, 0, 1)


def test_late_is_what_was_not_refused_and_not_answered_in_time() -> None:
    answers = record(
        ("OK", True), ("OK", False), ("DEADLINE_EXCEEDED", False), ("RESOURCE_EXHAUSTED", True)
    )
    assert late_share(answers) == pytest.approx(2 / 3)


def test_goodput_is_back_at_the_end_of_the_first_good_window() -> None:
    starts = np.arange(10, dtype=np.float64) / 50
    goodput = np.array([100, 100, 100, 20, 20, 0, 50, 95, 0, 100.0])
    assert recovery_ms(starts, goodput, end_s=0.1, level=90) == pytest.approx(60)
    assert recovery_ms(starts, goodput, end_s=0.1, level=200) == float("inf")


@pytest.mark.parametrize(
    ("value", "valid", "verdict"),
    [(1.0, True, "met"), (2.0, True, "MISSED"), (1.0, False, "INVALID"), (np.nan, True, "INVALID")],
)
def test_a_figure_is_judged_only_if_it_was_measured(
    value: float, valid: bool, verdict: str
) -> None:
    assert Figure("s", "n", value, target=at_most(1.5), valid=valid).verdict() == verdict
