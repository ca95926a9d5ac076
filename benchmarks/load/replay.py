"""Open loops: a schedule in, what became of every call out."""

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.load import trace as traces
from benchmarks.load.record import Record
from benchmarks.load.run import Load, LoadResult, run
from benchmarks.load.trace import Trace
from benchmarks.tools import DEFAULT_BUILD


def replay(load: Load, trace: Trace, build: Path = DEFAULT_BUILD) -> tuple[LoadResult, Record]:
    """Sends every row of `trace` at its time, whatever the answers do.

    The measured window begins at load.warmup_s and ends with the trace, or after load.duration_s
    (later rows are not sent). Raises LoadError when the generator could not measure.
    """
    duration_s = load.duration_s or max(traces.duration_s(trace) - load.warmup_s, 0.001)
    with TemporaryDirectory() as folder:
        schedule, record = Path(folder) / "trace", Path(folder) / "record"
        trace.tofile(schedule)
        result = run(replace(load, duration_s=duration_s, trace=schedule, record=record), build)
        end_s = load.warmup_s + duration_s
        return result, Record.read(record, load.warmup_s, end_s)
