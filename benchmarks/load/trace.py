"""The schedule of an open loop as the generator reads it (`loadgen --trace`)."""

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.load.arrivals import Offsets, ScheduleError

# One row per call, by rising offset; deadline_us counts from the offset, 0 is none.
TRACE_DTYPE = np.dtype([("offset_ns", "<i8"), ("deadline_us", "<u4"), ("body", "<u4")])
Trace = NDArray[np.void]
COLUMNS = ("offset_s", "deadline_ms", "body")


def make(offsets_ns: Offsets, deadline_ms: float = 0, bodies: int = 1) -> Trace:
    """TRACE_DTYPE[calls]: all with one deadline (0: none), rotating through `bodies` messages."""
    rows = np.zeros(len(offsets_ns), TRACE_DTYPE)
    rows["offset_ns"] = offsets_ns
    rows["deadline_us"] = round(deadline_ms * 1000)
    rows["body"] = np.arange(len(rows)) % bodies
    return rows


def preceded(trace: Trace, warmup: Trace, warmup_s: float) -> Trace:
    """`warmup`, then `trace` from `warmup_s` on."""
    later = trace.copy()
    later["offset_ns"] += round(warmup_s * 1e9)
    return np.concatenate([warmup, later])


def merge(*traces: Trace) -> Trace:
    """All rows by offset: several streams of calls (say, light and heavy models) as one."""
    rows = np.concatenate(traces)
    return rows[np.argsort(rows["offset_ns"], kind="stable")]


def duration_s(trace: Trace) -> float:
    """Up to where the call after the last would be expected."""
    last = float(trace["offset_ns"][-1]) / 1e9
    return last * len(trace) / (len(trace) - 1) if len(trace) > 1 and last > 0 else last + 1e-3


def read_csv(path: Path) -> Trace:
    """One call per line, OFFSET_S[,DEADLINE_MS[,BODY]]; a heading is allowed, order is not needed.

    Raises ScheduleError with file and line.
    """
    with path.open(newline="") as file:
        rows = list(_csv_rows(path, csv.reader(file)))
    if not rows:
        raise ScheduleError(f"{path}: no calls; expected lines of {','.join(COLUMNS)}")
    return merge(np.array(rows, TRACE_DTYPE))


def _csv_rows(path: Path, lines: Iterator[list[str]]) -> Iterator[tuple[int, int, int]]:
    for number, cells in enumerate(lines, start=1):
        if not cells or (number == 1 and tuple(cells) == COLUMNS[: len(cells)]):
            continue
        try:
            offset_s, deadline_ms, body = (*map(float, cells), *[0.0] * (3 - len(cells)))
            row = round(offset_s * 1e9), round(deadline_ms * 1000), int(body)
        except (OverflowError, ValueError):
            row = (-1, 0, 0)
        if row[0] < 0 or not (0 <= row[1] < 2**32 and 0 <= row[2] < 2**32):
            raise ScheduleError(
                f"{path}, line {number}: {','.join(cells)!r}; "
                f"expected {','.join(COLUMNS)} (the last two may be left out), none negative"
            )
        yield row
