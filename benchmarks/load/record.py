"""What became of every call of an open loop (`loadgen --record`)."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

# One row per row of the trace, in its order. Times are ns from the start of the run, -1: never.
# sent: handed to HTTP/2; done: answer complete, or given up. deadline_us counts from scheduled.
# pushback_ms: grpc-retry-pushback-ms of the answer, -1: none. in_time: answered by its deadline
# (or without one), whatever the status. held: no stream was free when it was due.
RECORD_DTYPE = np.dtype(
    [
        ("scheduled", "<i8"),
        ("sent", "<i8"),
        ("done", "<i8"),
        ("deadline_us", "<u4"),
        ("pushback_ms", "<i4"),
        ("body", "<u4"),
        ("status", "u1"),
        ("in_time", "?"),
        ("held", "?"),
        ("zero", "u1"),
    ]
)
STATUSES = (
    *("OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND"),
    *("ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION"),
    *("ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS"),
    *("UNAUTHENTICATED", "BAD_REPLY", "NO_STATUS", "CONNECTION_LOST", "UNFINISHED", "NOT_SENT"),
)
OK = STATUSES.index("OK")
ANSWERED_BELOW = STATUSES.index("CONNECTION_LOST")
LAG_LIMIT = 0.05  # of the latency's p99: beyond it a run measured its generator


@dataclass(frozen=True)
class Record:
    """RECORD_DTYPE[calls], and the measured window: what was scheduled in it counts.

    Latency is from the scheduled time to the answer; accepted calls are those answered OK.
    Figures over no calls are NaN.
    """

    rows: NDArray[np.void]
    begin_s: float
    end_s: float

    @classmethod
    def read(cls, path: Path, begin_s: float, end_s: float) -> "Record":
        return cls(np.fromfile(path, RECORD_DTYPE), begin_s, end_s)

    def only(self, chosen: NDArray[np.bool_]) -> "Record":
        """The calls where `chosen`, bool[calls], holds, as in only(record.rows["body"] == 1)."""
        return Record(self.rows[chosen], self.begin_s, self.end_s)

    @property
    def measured(self) -> NDArray[np.void]:
        """The rows that were scheduled in the measured window."""
        scheduled = self.rows["scheduled"] / 1e9
        inside = (scheduled >= self.begin_s) & (scheduled < self.end_s)
        measured: NDArray[np.void] = self.rows[inside]
        return measured

    @property
    def accepted(self) -> NDArray[np.void]:
        """Of the measured rows, those answered OK."""
        measured = self.measured
        accepted: NDArray[np.void] = measured[measured["status"] == OK]
        return accepted

    def statuses(self) -> dict[str, int]:
        """Measured calls by status."""
        counts = np.bincount(self.measured["status"], minlength=len(STATUSES))
        return {STATUSES[status]: int(counts[status]) for status in np.flatnonzero(counts)}

    def latency_us(self, quantile: float) -> float:
        """Of all measured calls that were answered, refusals included."""
        return _quantile(_latencies_us(self._answered()), quantile)

    def accepted_latency_us(self, quantile: float) -> float:
        return _quantile(_latencies_us(self.accepted), quantile)

    def lag_us(self, quantile: float) -> float:
        """How long after the scheduled time calls were sent."""
        sent = self.measured[self.measured["sent"] >= 0]
        return _quantile((sent["sent"] - sent["scheduled"]) / 1e3, quantile)

    def goodput(self) -> float:
        """Measured calls answered OK and in time, per second of the window."""
        return float(np.count_nonzero(self.accepted["in_time"])) / (self.end_s - self.begin_s)

    def goodput_by_window(self, window_s: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Starts (seconds from the start of the run) of all whole windows of the measured time,
        and in each the OK answers in time that came in it, per second."""
        windows = max(0, int((self.end_s - self.begin_s) / window_s + 1e-9))
        starts = self.begin_s + np.arange(windows, dtype=np.float64) * window_s
        good = self.rows[(self.rows["status"] == OK) & self.rows["in_time"]]
        index = np.floor((good["done"] / 1e9 - self.begin_s) / window_s).astype(np.int64)
        inside = index[(index >= 0) & (index < windows)]
        return starts, np.bincount(inside, minlength=windows) / window_s

    def late_fraction(self) -> float:
        """Of the accepted calls, those answered after their deadline."""
        accepted = self.accepted
        return float(np.mean(~accepted["in_time"])) if len(accepted) else float("nan")

    def pushbacks(self) -> int:
        """Measured RESOURCE_EXHAUSTED answers that said when to come back."""
        refused = self.measured["status"] == STATUSES.index("RESOURCE_EXHAUSTED")
        return int(np.count_nonzero(refused & (self.measured["pushback_ms"] >= 0)))

    @property
    def invalid_reason(self) -> str | None:
        """Why the run says more about the generator than about the server; None when valid."""
        if not len(self.measured):
            return "no calls were measured"
        checks: tuple[Callable[[], str | None], ...] = (self._unsent, self._held, self._lagged)
        return next((reason for check in checks if (reason := check())), None)

    @property
    def valid(self) -> bool:
        return self.invalid_reason is None

    def _answered(self) -> NDArray[np.void]:
        return self.measured[self.measured["status"] < ANSWERED_BELOW]

    def _unsent(self) -> str | None:
        count = np.count_nonzero(self.measured["sent"] < 0)
        return f"{count} of {len(self.measured)} calls were never sent" if count else None

    def _held(self) -> str | None:
        count = np.count_nonzero(self.measured["held"])
        if not count:
            return None
        return f"{count} calls waited for a free stream: give it more connections"

    def _lagged(self) -> str | None:
        answered = self.accepted if len(self.accepted) else self._answered()
        latency, lag = _quantile(_latencies_us(answered), 0.99), self.lag_us(0.99)
        if lag <= LAG_LIMIT * latency:
            return None
        return (
            f"the generator lagged: p99 {lag:,.0f} us is more than "
            f"{LAG_LIMIT:.0%} of the latency's {latency:,.0f} us"
        )


def _latencies_us(rows: NDArray[np.void]) -> NDArray[np.float64]:
    latencies: NDArray[np.float64] = (rows["done"] - rows["scheduled"]) / 1e3
    return latencies


def _quantile(values: NDArray[np.float64], quantile: float) -> float:
    if not len(values):
        return float("nan")
    return float(np.quantile(values, quantile, method="inverted_cdf"))
