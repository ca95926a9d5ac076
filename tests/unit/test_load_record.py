"""Figures of a recorded open loop, on rows small enough to check by hand."""

import math

import numpy as np
import pytest

from benchmarks.load.record import RECORD_DTYPE, STATUSES, Record

OK, REFUSED = 0, STATUSES.index("RESOURCE_EXHAUSTED")
NOT_SENT = STATUSES.index("NOT_SENT")


def record(*rows: dict[str, int], begin_s: float = 0, end_s: float = 1) -> Record:
    """Times in ms; what is not given: sent when scheduled, done 10 ms later, OK, in time."""
    made = np.zeros(len(rows), RECORD_DTYPE)
    for row, given in zip(made, rows, strict=True):
        at = given["scheduled"]
        row["scheduled"] = at * 1_000_000
        row["sent"] = given.get("sent", at) * 1_000_000
        row["done"] = given.get("done", at + 10) * 1_000_000
        row["pushback_ms"] = given.get("pushback_ms", -1)
        row["status"] = given.get("status", OK)
        row["in_time"] = given.get("in_time", 1)
        row["held"] = given.get("held", 0)
    return Record(made, begin_s, end_s)


def test_only_what_was_scheduled_in_the_window_counts() -> None:
    run = record(*({"scheduled": at} for at in (99, 100, 199, 200)), begin_s=0.1, end_s=0.2)
    assert run.statuses() == {"OK": 2}
    assert run.goodput() == pytest.approx(20)


def test_late_answers_are_accepted_but_no_goodput() -> None:
    run = record(
        {"scheduled": 0},
        {"scheduled": 1, "done": 91, "in_time": 0},
        {"scheduled": 2, "done": 3, "status": REFUSED, "pushback_ms": 5},
        {"scheduled": 3, "done": 4, "status": REFUSED},
    )
    assert run.statuses() == {"OK": 2, "RESOURCE_EXHAUSTED": 2}
    assert (run.goodput(), run.late_fraction(), run.pushbacks()) == (1, 0.5, 1)
    assert run.latency_us(0.5) == pytest.approx(1000)
    assert run.accepted_latency_us(0.5) == pytest.approx(10_000)
    assert run.accepted_latency_us(1) == pytest.approx(90_000)


def test_goodput_by_window_goes_by_the_time_of_the_answer() -> None:
    rows = [{"scheduled": 0, "done": done} for done in (5, 25, 39, 41)]
    run = record(*rows, {"scheduled": 0, "done": 26, "in_time": 0}, end_s=0.06)
    starts, goodput = run.goodput_by_window(0.02)
    assert starts == pytest.approx([0, 0.02, 0.04])
    assert goodput == pytest.approx([50, 100, 50])


def test_one_of_several_streams() -> None:
    run = record({"scheduled": 0}, {"scheduled": 1, "status": REFUSED})
    assert run.only(run.rows["status"] == REFUSED).statuses() == {"RESOURCE_EXHAUSTED": 1}


def test_nothing_measured_is_not_a_number() -> None:
    run = record({"scheduled": 5000})
    assert run.statuses() == {}
    assert run.goodput() == 0
    figures = (run.latency_us(0.99), run.accepted_latency_us(0.99), run.late_fraction())
    assert all(math.isnan(figure) for figure in figures)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"scheduled": 5, "sent": 6, "done": 26}, None),
        ({"scheduled": 5, "sent": 7, "done": 26}, "the generator lagged: p99 2,000 us"),
        ({"scheduled": 5, "held": 1}, "1 calls waited"),
        ({"scheduled": 5, "sent": -1, "done": -1, "status": NOT_SENT}, "1 of 1 calls were never"),
        ({"scheduled": 5000}, "no calls"),
    ],
)
def test_a_run_that_measured_its_generator_is_invalid(
    row: dict[str, int], reason: str | None
) -> None:
    run = record(row)
    assert run.valid == (reason is None)
    assert reason is None or reason in (run.invalid_reason or "")
