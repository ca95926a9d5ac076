"""From what a person asks for to the trace of a whole run, warm-up included."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.load import arrivals, trace
from benchmarks.load.trace import Trace


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """`arrivals`: a text of arrivals.GRAMMAR at `rate` calls per second, or a file for
    trace.read_csv, which needs neither rate nor duration.

    Times in `arrivals` count from the measured window. Before it, `warmup_s` seconds of Poisson
    arrivals are sent at the (mean) rate. `deadline_ms`: of each call, 0: none; a file's own
    deadlines win.
    """

    arrivals: str = "poisson"
    rate: float = 0
    duration_s: float | None = None
    warmup_s: float = 1
    deadline_ms: float = 0
    seed: int = 1

    def trace(self, bodies: int = 1) -> Trace:
        """TRACE_DTYPE[calls], rotating through `bodies` messages.

        Raises ScheduleError, with what is wrong.
        """
        path = Path(self.arrivals)
        measured = self._read(path) if path.is_file() else self._generate(bodies)
        if not len(measured):
            raise arrivals.ScheduleError("no call falls into the measured time: raise the rate")
        rate = self.rate or len(measured) / trace.duration_s(measured)
        warmup = arrivals.poisson(rate, self.warmup_s, self.seed + 1)
        rows = trace.make(warmup, self.deadline_ms, bodies)
        return trace.preceded(measured, rows, self.warmup_s)

    def _read(self, path: Path) -> Trace:
        if self.rate:
            raise arrivals.ScheduleError(f"{path} says when to send; it cannot be given a rate too")
        rows = trace.read_csv(path)
        if self.duration_s is not None:
            rows = rows[rows["offset_ns"] < self.duration_s * 1e9]
        if not np.any(rows["deadline_us"]):
            rows["deadline_us"] = round(self.deadline_ms * 1000)
        return rows

    def _generate(self, bodies: int) -> Trace:
        kind = arrivals.parse(self.arrivals)
        if self.rate <= 0 or self.duration_s is None:
            raise arrivals.ScheduleError(f"arrivals {self.arrivals!r} need a rate and a duration")
        return trace.make(kind(self.rate, self.duration_s, self.seed), self.deadline_ms, bodies)
