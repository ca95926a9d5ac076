"""A server that serves a scenario's models, and the ways to load it."""

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks import counts
from benchmarks.lab import bare
from benchmarks.lab.ideal import RunTimes
from benchmarks.lab.model import Model
from benchmarks.lab.section import Lab
from benchmarks.load import Load, LoadResult, Record, replay, run, trace
from benchmarks.load.arrivals import Offsets
from benchmarks.server import BenchServer
from tests import graphs

CONNECTIONS = 4  # of closed loops
OPEN_CONNECTIONS = 16  # of open loops: enough streams for what an overloaded server holds


@dataclass(frozen=True)
class OpenLoop:
    """`invalid` says why the run measured its generator instead of the server; None: it did not."""

    result: LoadResult
    record: Record
    invalid: str | None


@dataclass(frozen=True)
class Served:
    """A running server."""

    server: BenchServer
    repository: Path
    bodies: dict[str, list[Path]]
    lab: Lab
    warmup_s: float

    def bare_runs(self, model: Model, seconds: float) -> RunTimes:
        """Run times of the model's file by ONNX Runtime alone, on the server's cores."""
        return bare.measure(
            self.repository / model.name / "1" / "model.onnx",
            model.limits.max_batch_size,
            model.threads,
            seconds,
            self.lab.pinning.server,
        )

    def closed_loop(
        self, model: str, in_flight: int, seconds: float, deadline_ms: float = 0
    ) -> LoadResult:
        """So many calls of one row in flight, whatever their answers."""
        load = Load(
            target=self.server.target,
            bodies=self.bodies[model],
            connections=CONNECTIONS,
            streams=max(1, in_flight // CONNECTIONS),
            duration_s=seconds,
            warmup_s=self.warmup_s,
            deadline_ms=deadline_ms,
            server_pid=self.server.pid,
        )
        return run(load, self.lab.build)

    def capacity(self, model: str, in_flight: int, seconds: float) -> float:
        """Answers per second of a saturated closed loop."""
        return self.closed_loop(model, in_flight, seconds).require_ok().ok_per_second

    def open_loop(
        self, model: str, offsets_ns: Offsets, deadline_ms: float = 0, *, judge_only: bool = False
    ) -> OpenLoop:
        """Sends at `offsets_ns`, the first `warmup_s` uncounted; once more if that was not valid.

        judge_only: deadlines are not sent, but what comes later than them is late.
        """
        load = Load(
            target=self.server.target,
            bodies=self.bodies[model],
            connections=OPEN_CONNECTIONS,
            warmup_s=self.warmup_s,
            server_pid=self.server.pid,
            judge_only=judge_only,
        )
        rows = trace.make(offsets_ns, deadline_ms, len(self.bodies[model]))
        result, record = replay(load, rows, self.lab.build)
        if record.invalid_reason:
            self.lab.progress(f"again, {record.invalid_reason}")
            result, record = replay(load, rows, self.lab.build)
        return OpenLoop(result, record, record.invalid_reason)

    def executions(self, model: str) -> int:
        """Runs of the model so far, by the server's own count."""
        return counts.fetch(self.server.target, model).runs


@contextmanager
def serving(models: Sequence[Model], lab: Lab, warmup_s: float) -> Iterator[Served]:
    """A server of these models, until the end of the block."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        repository = folder / "repository"
        bodies = {}
        for model in models:
            write_model(repository, model)
            bodies[model.name] = write_requests(folder, model)
        lab.progress(f"starting a server of {', '.join(model.name for model in models)}")
        with BenchServer(repository, folder, lab.pinning.server) as server:
            yield Served(server, repository, bodies, lab, warmup_s)


def write_model(repository: Path, model: Model) -> None:
    """Writes the model's file, and its configuration if it has one."""
    graphs.write_model(repository, model.name, model.graph.graph())
    if model.config:
        # JSON is YAML; a config goes to the server as the scenario has it.
        (repository / model.name / "model.yaml").write_text(json.dumps(model.config) + "\n")


def write_requests(folder: Path, model: Model) -> list[Path]:
    """One file per request."""
    paths = []
    for number, request in enumerate(model.requests()):
        paths.append(folder / f"{model.name}.{number}.bin")
        paths[-1].write_bytes(request)
    return paths


def say(text: str) -> None:
    """Progress, on stderr."""
    print(f"  {text}", file=sys.stderr, flush=True)


def medians(values: Sequence[float]) -> float:
    """The median of what is a number; NaN if nothing is."""
    numbers = [value for value in values if value == value]
    return median(numbers) if numbers else float("nan")
