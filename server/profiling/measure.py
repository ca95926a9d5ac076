"""Runs a model at every batch size and reads what the engine's latency model makes of it."""

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

ROUNDS = 5  # over all sizes, so that a disturbance does not fall on one size alone
LEAST_RUNS = 2  # the latency model forgets the first of a size


@dataclass(frozen=True)
class Figure:
    """Batches of `rows` rows on one slot; seconds."""

    rows: int
    median_s: float
    p95_s: float
    samples: int

    @property
    def per_row_s(self) -> float:
        return self.median_s / self.rows

    @property
    def rows_per_s(self) -> float:
        return self.rows / self.median_s


class LearntRow(Protocol):
    """A row of the latency model's table."""

    @property
    def rows(self) -> int: ...
    @property
    def median_ns(self) -> int: ...
    @property
    def high_ns(self) -> int: ...


def bucket_sizes(most: int) -> Iterator[int]:
    """The sizes that the latency model tells apart: 1, 2, 3, 4, 6, 8, 12, ... and `most`."""
    power = 1
    while power < most:
        yield power
        if power > 1 and 3 * power // 2 < most:
            yield 3 * power // 2
        power *= 2
    yield most


class Measurement:
    """One model's batch sizes, measured in turns. `run` runs a batch of so many rows, `learnt` is
    the latency table after it."""

    def __init__(
        self, run: Callable[[int], object], learnt: Callable[[], Sequence[LearntRow]]
    ) -> None:
        self._run = run
        self._learnt = learnt
        self._samples: dict[int, int] = {}
        self._readings: dict[int, list[LearntRow]] = {}

    def measure(
        self, sizes: Sequence[int], budget_s: float, progress: Callable[[int, int], None]
    ) -> list[Figure]:
        """By ascending rows; without the sizes for which the budget is too short. `progress`
        is told the round and the rows before each step."""
        end = time.monotonic() + budget_s
        for number in range(ROUNDS):
            rounds_left = ROUNDS - number
            todo = [rows for rows in sizes if number == 0 or rows in self._readings]
            for index, rows in enumerate(todo):
                left_s = end - time.monotonic()
                if self._samples and (left_s <= 0 or self._expected_s(rows) > left_s):
                    break
                progress(number, rows)
                share = (len(todo) - index) + len(todo) * (rounds_left - 1)
                self._visit(rows, left_s / share)
        return [self._figure(rows) for rows in self._readings]

    def _expected_s(self, rows: int) -> float:
        """Of a first visit, from the size before; of another, one run."""
        if rows in self._readings:
            return self._readings[rows][-1].median_ns / 1e9
        nearest = max(self._readings)
        return LEAST_RUNS * self._readings[nearest][-1].median_ns / 1e9 * rows / nearest

    def _visit(self, rows: int, slice_s: float) -> None:
        first = rows not in self._samples
        end = time.monotonic() + slice_s
        count = 0
        while count < (LEAST_RUNS if first else 1) or time.monotonic() < end:
            self._run(rows)
            count += 1
        self._samples[rows] = self._samples.get(rows, 0) + count
        reading = next(each for each in self._learnt() if each.rows >= rows)
        self._readings.setdefault(rows, []).append(reading)

    def _figure(self, rows: int) -> Figure:
        readings = self._readings[rows]
        return Figure(
            rows,
            statistics.median(each.median_ns for each in readings) / 1e9,
            statistics.median(each.high_ns for each in readings) / 1e9,
            self._samples[rows],
        )
