"""Schedules of the load generator have the statistics they promise."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.load import arrivals, trace
from benchmarks.load.schedule import Schedule

RATE, SECONDS = 2000.0, 50.0


def gaps_s(offsets: arrivals.Offsets) -> np.ndarray:
    return np.diff(offsets) / 1e9


@pytest.mark.parametrize(
    ("text", "cv"), [("constant", 0), ("poisson", 1), ("gamma:0.5", 0.5), ("gamma:3", 3)]
)
def test_gaps_have_the_mean_and_the_variation_asked_for(text: str, cv: float) -> None:
    offsets = arrivals.parse(text)(RATE, SECONDS, 1)
    assert len(offsets) == pytest.approx(RATE * SECONDS, rel=0.04)
    gaps = gaps_s(offsets)
    assert gaps.std() / gaps.mean() == pytest.approx(cv, rel=0.04, abs=1e-6)


@pytest.mark.parametrize("text", ["constant", "poisson", "gamma:4", "step:1=2", "spike:3,10,20"])
def test_offsets_rise_within_the_duration_and_repeat_with_the_seed(text: str) -> None:
    kind = arrivals.parse(text)
    offsets = kind(RATE, SECONDS, 7)
    assert offsets.dtype == np.int64
    assert offsets[0] >= 0 and offsets[-1] < SECONDS * 1e9
    assert (np.diff(offsets) >= 0).all()
    assert np.array_equal(offsets, kind(RATE, SECONDS, 7))
    assert text == "constant" or not np.array_equal(offsets, kind(RATE, SECONDS, 8))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("step:10=3,20=0.5,40=1", [1, 3, 0.5, 0.5, 1]),
        ("step:30=0", [1, 1, 1, 0, 0]),
        ("step:30=2,900=5", [1, 1, 1, 2, 2]),
        ("spike:5,20,30", [1, 1, 5, 1, 1]),
    ],
)
def test_the_rate_changes_when_it_should(text: str, expected: list[float]) -> None:
    offsets = arrivals.parse(text)(RATE, SECONDS, 1)
    counts, _ = np.histogram(offsets, bins=5, range=(0, SECONDS * 1e9))
    assert counts / (RATE * SECONDS / 5) == pytest.approx(expected, rel=0.05)


@pytest.mark.parametrize(
    "text",
    [
        *("", "often", "poisson:2", "gamma", "gamma:0", "gamma:nan", "step:2", "step:2=1,1=2"),
        *("step:1=-1", "spike:2", "spike:2,5,4", "spike:inf,1,2"),
    ],
)
def test_what_is_not_understood_is_told_what_is(text: str) -> None:
    with pytest.raises(arrivals.ScheduleError, match=r"expected a file, or one of\nconstant"):
        arrivals.parse(text)


def test_warmup_comes_before_the_measured_calls() -> None:
    schedule = Schedule(arrivals="constant", rate=100, duration_s=1, warmup_s=2, deadline_ms=1.5)
    rows = schedule.trace(bodies=2)
    measured = rows[rows["offset_ns"] >= 2_000_000_000]
    assert len(measured) == 100
    assert len(rows) > len(measured)
    assert set(rows["deadline_us"]) == {1500}
    assert measured["body"].tolist() == [0, 1] * 50


def test_merged_streams_are_in_order_and_keep_their_bodies() -> None:
    light, heavy = trace.make(np.array([0, 4, 8])), trace.make(np.array([4, 5]))
    heavy["body"] = 1
    rows = trace.merge(light, heavy)
    assert rows["offset_ns"].tolist() == [0, 4, 4, 5, 8]
    assert rows["body"].tolist() == [0, 0, 1, 1, 0]


def test_a_file_gives_offsets_deadlines_and_bodies(tmp_path: Path) -> None:
    path = tmp_path / "calls.csv"
    path.write_text("offset_s,deadline_ms,body\n0.5,20,1\n0.25\n\n")
    rows = Schedule(arrivals=str(path), warmup_s=0).trace()
    assert rows.tolist() == [(250_000_000, 0, 0), (500_000_000, 20_000, 1)]
    path.write_text("0.5\n1.5\n")
    rows = Schedule(arrivals=str(path), warmup_s=0, deadline_ms=3, duration_s=1).trace()
    assert rows.tolist() == [(500_000_000, 3000, 0)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no calls"),
        ("0.5\nsoon", "line 2: 'soon'"),
        ("-1", "line 1"),
        ("1,2,3,4", "line 1"),
        ("nan", "line 1"),
        ("1,1e9", "line 1"),
    ],
)
def test_a_broken_file_is_named_with_its_line(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "calls.csv"
    path.write_text(text)
    with pytest.raises(arrivals.ScheduleError, match=words) as error:
        Schedule(arrivals=str(path)).trace()
    assert str(path) in str(error.value)


def test_a_file_knows_its_rate(tmp_path: Path) -> None:
    path = tmp_path / "calls.csv"
    path.write_text("0.5")
    with pytest.raises(arrivals.ScheduleError, match="cannot be given a rate"):
        Schedule(arrivals=str(path), rate=5).trace()
