"""The laboratory's ideal server, against formulas and traces worked out by hand."""

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.lab.ideal import Fate, Limits, RunTimes, simulate

MS = 1_000_000


def always(**times_ms: float) -> RunTimes:
    """Run times that do not vary: always(_1=5, _2=6)."""
    return {int(size[1:]): np.array([round(ms * MS)], np.int64) for size, ms in times_ms.items()}


def at_ms(*times: float) -> NDArray[np.int64]:
    return np.array([round(time * MS) for time in times], np.int64)


def latencies_ms(arrivals: NDArray[np.int64], run_times: RunTimes, limits: Limits) -> list[float]:
    answers = simulate(arrivals, run_times, limits)
    return [float(latency) / MS for latency in answers.latency_ns]


@pytest.mark.parametrize("load", [0.5, 0.7, 0.85])
def test_mean_wait_of_one_slot_is_that_of_an_m_d_1_queue(load: float) -> None:
    gaps = np.random.default_rng(3).exponential(5 * MS / load, 200_000)
    answers = simulate(
        np.cumsum(gaps).astype(np.int64), always(_1=5), Limits(max_queue_size=1_000_000)
    )
    wait = answers.latency_ns.mean() / MS - 5
    assert wait == pytest.approx(load * 5 / (2 * (1 - load)), rel=0.06)


def test_slots_serve_side_by_side() -> None:
    arrivals = at_ms(0, 0, 0, 1)
    assert latencies_ms(arrivals, always(_1=5), Limits(slots=2)) == [5, 5, 10, 9]


def test_what_waits_runs_as_one_batch() -> None:
    """S(n) = 4 + n ms: one at 0, the three that came meanwhile at 5, the last at 12."""
    run_times = always(_1=5, _2=6, _3=7, _4=8)
    answers = simulate(at_ms(0, 1, 2, 4, 6), run_times, Limits(max_batch_size=4))
    assert answers.batch.tolist() == [1, 3, 3, 3, 1]
    assert (answers.latency_ns / MS).tolist() == [5, 11, 10, 8, 11]


def test_a_batch_is_no_larger_than_allowed() -> None:
    answers = simulate(at_ms(0, 0, 0, 0, 0), always(_1=5, _2=6), Limits(max_batch_size=2))
    assert answers.batch.tolist() == [2, 2, 2, 2, 1]
    assert (answers.latency_ns / MS).tolist() == [6, 6, 12, 12, 17]


def test_sizes_between_two_measured_ones_are_interpolated() -> None:
    assert latencies_ms(at_ms(0, 0, 0), always(_2=6, _4=8), Limits(max_batch_size=4)) == [7] * 3


def test_run_times_are_drawn_from_what_was_measured() -> None:
    spread = {1: np.array([1 * MS, 3 * MS], np.int64)}
    answers = simulate(np.arange(2000, dtype=np.int64) * 10 * MS, spread, Limits())
    assert set(answers.latency_ns.tolist()) == {1 * MS, 3 * MS}
    assert answers.latency_ns.mean() == pytest.approx(2 * MS, rel=0.06)


def test_the_same_seed_gives_the_same_answers() -> None:
    arrivals = np.arange(100, dtype=np.int64) * MS
    spread = {1: np.arange(1, 50, dtype=np.int64) * 10_000}
    one, same, other = (simulate(arrivals, spread, Limits(), seed=seed) for seed in (1, 1, 2))
    assert one.latency_ns.tolist() == same.latency_ns.tolist() != other.latency_ns.tolist()


def test_a_full_queue_refuses_at_once() -> None:
    answers = simulate(at_ms(0, 1, 1, 1), always(_1=5), Limits(max_queue_size=2))
    assert answers.fate.tolist() == [Fate.SERVED, Fate.SERVED, Fate.SERVED, Fate.REFUSED]
    assert answers.latency_ns[3] == 0


def test_what_would_be_late_is_refused_and_the_rest_is_in_time() -> None:
    arrivals = np.arange(2000, dtype=np.int64) * MS * 2  # 2.5 times what one slot of 5 ms can do
    answers = simulate(arrivals, always(_1=5), Limits(), deadlines_ns=50 * MS)
    assert set(answers.fate.tolist()) == {Fate.SERVED, Fate.REFUSED}
    assert answers.served_ns.max() <= 50 * MS
    assert answers.served_ns.size >= 0.97 * 2000 * 2 / 5


def test_a_deadline_shorter_than_a_run_is_refused() -> None:
    answers = simulate(at_ms(0), always(_1=5), Limits(), deadlines_ns=2 * MS)
    assert answers.fate.tolist() == [Fate.REFUSED]


def test_the_tightest_deadline_goes_first() -> None:
    deadlines = at_ms(100, 100, 12)
    answers = simulate(at_ms(0, 1, 1), always(_1=5), Limits(), deadlines_ns=deadlines)
    assert (answers.latency_ns / MS).tolist() == [5, 14, 9]


def test_arrivals_out_of_order_are_an_error() -> None:
    with pytest.raises(ValueError, match="ascending order"):
        simulate(at_ms(1, 0), always(_1=5), Limits())
