"""What every scenario gets: the processes under test, the requests, and how long to measure."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from benchmarks import counts, models
from benchmarks.echo import Echo
from benchmarks.load import Load, LoadError, LoadResult, arrivals, run, trace
from benchmarks.pinning import Pinning
from benchmarks.server import BenchServer


@dataclass(frozen=True)
class Profile:
    """seconds and warmup_s of one measurement; rounds = how often A and B are interleaved."""

    seconds: float
    warmup_s: float
    rounds: int
    pairs: int  # of the interference scenario


FULL = Profile(seconds=5, warmup_s=1, rounds=3, pairs=5)
QUICK = Profile(seconds=0.5, warmup_s=0.2, rounds=1, pairs=1)


class Process(Protocol):
    """Something that is loaded and whose CPU time is measured."""

    @property
    def target(self) -> str: ...
    @property
    def pid(self) -> int: ...


@dataclass(frozen=True)
class Bench:
    server: BenchServer
    echo: Echo
    repository: Path
    requests: dict[str, Path]
    profile: Profile
    build: Path
    pinning: Pinning

    def load(self, process: Process, model: str, **settings: Any) -> LoadResult:
        """One run of the generator; every answer must be OK. `settings`: fields of Load."""
        load = Load(
            **{
                "target": process.target,
                "bodies": [self.requests[model]],
                "duration_s": self.profile.seconds,
                "warmup_s": self.profile.warmup_s,
                "server_pid": process.pid,
                **settings,
            }
        )
        return run(load, self.build).require_ok()

    def poisson(self, rate: float, seed: int = 1) -> Path:
        """A trace file of one measurement, warm-up included; for the `trace` of a Load."""
        path = self.repository.parent / f"{rate:g}-{seed}.trace"
        seconds = self.profile.warmup_s + self.profile.seconds
        trace.make(arrivals.poisson(rate, seconds, seed)).tofile(path)
        return path

    @contextmanager
    def confirmed(self, model: str) -> Iterator["Confirmation"]:
        """Afterwards the server must have counted exactly the requests said to have been sent."""
        before = counts.fetch(self.server.target, model)
        confirmation = Confirmation()
        yield confirmation
        counted = counts.fetch(self.server.target, model) - before
        if counted.fail or counted.success != confirmation.sent:
            raise LoadError(
                f"{model}: {confirmation.sent} requests were sent, and the server counted "
                f"{counted.success} successes and {counted.fail} failures"
            )


@dataclass
class Confirmation:
    sent: int = 0


@contextmanager
def started(folder: Path, profile: Profile, build: Path, pinning: Pinning) -> Iterator[Bench]:
    """Server and echo, serving from `folder` until the end of the block."""
    repository = folder / "repository"
    models.write_repository(repository)
    with ExitStack() as stack:
        server = stack.enter_context(BenchServer(repository, folder, pinning.server))
        echo = stack.enter_context(Echo(build, pinning.server))
        requests = models.write_requests(folder)
        yield Bench(server, echo, repository, requests, profile, build, pinning)
