"""How fast candidates are beside each other."""

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from server.quantize.progress import progress

ROUNDS = 9
LARGEST = 32  # rows; what the server batches up to by default


@dataclass(frozen=True)
class Timing:
    """One candidate at one batch size. Medians, so that a disturbance within a round counts for
    little."""

    rows: int
    slots: int
    median_ns: list[float] = field(default_factory=list)  # of the runs of each round

    @property
    def rows_per_s(self) -> list[float]:
        """Of all slots together, in each round."""
        return [self.slots * self.rows * 1e9 / each for each in self.median_ns]

    @property
    def rate(self) -> float:
        return statistics.median(self.rows_per_s)

    @property
    def p50_ms(self) -> float:
        return statistics.median(self.median_ns) / 1e6


Runs = Callable[[int, float], Sequence[int]]  # rows, seconds -> ns of each run
Timings = dict[str, dict[int, Timing]]


def measure(
    subjects: Mapping[str, tuple[Runs, int]], batched: bool, batch: int, seconds: float
) -> Timings:
    """By name and rows. `subjects`: what runs, and on how many slots at once. In rounds over all
    of them, so that what else the machine does falls on each alike."""
    made: Timings = {name: {} for name in subjects}
    for rows in [1, batch] if batched and batch > 1 else [batch if batched else 1]:
        _visit(subjects, made, [rows], 0.0, f"warming up batches of {rows}")
    sizes = sorted(next(iter(made.values())))
    if batched and _fits(made, sizes[-1], seconds):
        _visit(subjects, made, [LARGEST], 0.0, f"warming up batches of {LARGEST}")
        sizes = sorted({*sizes, LARGEST})
    made = {name: {} for name in subjects}
    share = seconds / (ROUNDS * len(sizes) * len(subjects))
    _visit(subjects, made, sizes * ROUNDS, share, "measuring")
    return made


def _visit(
    subjects: Mapping[str, tuple[Runs, int]],
    made: Timings,
    sizes: Sequence[int],
    seconds: float,
    what: str,
) -> None:
    for rows, name in progress([(rows, name) for rows in sizes for name in subjects], what):
        runs, slots = subjects[name]
        taken = runs(rows, seconds)
        timing = made[name].setdefault(rows, Timing(rows, slots))
        timing.median_ns.append(statistics.median(taken))


def _fits(made: Timings, rows: int, seconds: float) -> bool:
    """Whether a warm-up and a run per round of the largest batch take no longer than asked."""
    each_ns = [timings[rows].median_ns[-1] * LARGEST / rows for timings in made.values()]
    return rows < LARGEST and (ROUNDS + 1) * 2 * sum(each_ns) / 1e9 <= seconds
