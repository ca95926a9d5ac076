"""What the figures say: a table, advice, and both as JSON."""

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from server.profiling.measure import Figure

WORTHWHILE = 1.1  # a larger batch gains when a row costs a tenth less
SUSTAINED = 0.8  # of capacity, so that queues stay short
LEAST_TARGET_MS = 1.0  # below, threads and network count for more than the model

COLUMNS = ("rows", "median ms", "p95 ms", "us per row", "rows/s per slot", "samples")


@dataclass(frozen=True)
class Profile:
    """One version and its figures, by ascending rows; at least one."""

    model: str
    version: int
    provider: str
    slots: int
    threads: int  # of one run
    batched: bool
    combined: bool  # requests may share a batch
    figures: Sequence[Figure]

    @property
    def title(self) -> str:
        threads = "1 thread" if self.threads == 1 else f"{self.threads} threads"
        slots = "1 slot" if self.slots == 1 else f"{self.slots} slots"
        return f"{self.model}/{self.version}: {self.provider}, {slots} of {threads}"


def cells(figure: Figure) -> tuple[str, ...]:
    """One line of the table, in the order of COLUMNS."""
    return (
        str(figure.rows),
        f"{figure.median_s * 1e3:.3f}",
        f"{figure.p95_s * 1e3:.3f}",
        _us(figure),
        f"{figure.rows_per_s:,.0f}",
        str(figure.samples),
    )


def table(figures: Sequence[Figure]) -> str:
    """Right-aligned columns under their names."""
    lines = [COLUMNS, *(cells(figure) for figure in figures)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(COLUMNS))]
    return "\n".join(
        "  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True))
        for line in lines
    )


def knee(figures: Sequence[Figure]) -> Figure:
    """The smallest batch whose rows cost at most a tenth more than in the best one."""
    best = min(figure.per_row_s for figure in figures)
    return next(figure for figure in figures if figure.per_row_s <= WORTHWHILE * best)


def advice(profile: Profile) -> list[str]:
    """Two or three sentences."""
    at = knee(profile.figures)
    target_ms = max(LEAST_TARGET_MS, rounded_up(2 * at.p95_s * 1e3))
    rate = SUSTAINED * profile.slots * at.rows_per_s
    slots = "one slot" if profile.slots == 1 else f"{profile.slots} slots"
    off = ["Requests do not share batches: dynamic_batching is off."]
    return [
        _about_batching(profile, at),
        *(off if profile.batched and not profile.combined else []),
        f"latency_slo_ms: {target_ms:g} leaves room for a batch of {_rows(at.rows)} and the one "
        f"before it, and could hold up to about {rounded_up(rate):,.0f} rows/s "
        f"({SUSTAINED:.0%} of what the model alone can do on {slots}).",
    ]


def _about_batching(profile: Profile, at: Figure) -> str:
    first = profile.figures[0]
    if not profile.batched:
        return "The model has no batch dimension: every request is a run of its own."
    if at is first:
        start = f"Batching gains little: a row costs {_us(first)} us alone"
    else:
        start = (
            f"Batching gains up to about {_rows(at.rows)}: a row costs {_us(at)} us there, "
            f"{_us(first)} us alone"
        )
    largest = profile.figures[-1]
    if largest.per_row_s <= WORTHWHILE * at.per_row_s:
        return f"{start}; larger batches gain less than a tenth."
    return (
        f"{start}, {_us(largest)} us in a batch of {_rows(largest.rows)}: "
        f"max_batch_size: {at.rows} would do more."
    )


def _us(figure: Figure) -> str:
    value = figure.per_row_s * 1e6
    return f"{value:.2f}" if value < 10 else f"{value:.1f}"


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count} rows"


def rounded_up(value: float) -> float:
    """To two significant digits; `value` is above 0."""
    step = float(10.0 ** (math.floor(math.log10(value)) - 1))
    return round(math.ceil(value / step) * step, 9)


def as_json(profile: Profile) -> str:
    """Title, figures in seconds, and advice."""
    data = asdict(profile) | {"advice": advice(profile)}
    return json.dumps(data, indent=2) + "\n"
