"""What Python-served calls and metrics scrapes do to the tail of native inference."""

import http.client
import os
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from statistics import median

from benchmarks.bench import Bench
from benchmarks.figures import Figure, at_most
from benchmarks.load import Load, LoadError, LoadResult, finish, start
from benchmarks.models import IDENTITY

INFERENCE_RATE = 5000
SCRAPES_PER_SECOND = 20
# The disturbing clients stand for other machines: only what they make the server do counts.
LEAST_PRIORITY = 19
PYTHON_CALLS = {"ServerMetadata": 250, "ModelStatistics": 250}  # per second each


def figures(bench: Bench) -> Iterator[Figure]:
    """Pairs of the same open-loop stream, alone and disturbed, in alternating order."""
    alone: list[float] = []
    disturbed: list[float] = []
    for pair in range(bench.profile.pairs):
        for disturb in (False, True) if pair % 2 == 0 else (True, False):
            result = measure_disturbed(bench, pair) if disturb else stream(bench, pair)
            (disturbed if disturb else alone).append(result.latency_us("p99"))
    changes = [(with_ / without - 1) * 100 for with_, without in zip(disturbed, alone, strict=True)]
    scenario = "5,000/s open loop, with 500 Python calls/s + 20 scrapes/s"
    yield Figure(scenario, "change of p99, median of pairs", median(changes), "%", at_most(25))
    yield Figure(scenario, "p99 alone", median(alone), "us")
    yield Figure(scenario, "p99 disturbed", median(disturbed), "us")


def stream(bench: Bench, seed: int) -> LoadResult:
    """The inference stream whose p99 is judged."""
    trace = bench.poisson(INFERENCE_RATE, seed)
    return bench.load(bench.server, IDENTITY, connections=4, trace=trace)


def measure_disturbed(bench: Bench, seed: int) -> LoadResult:
    with disturbance(bench):
        return stream(bench, seed)


@contextmanager
def disturbance(bench: Bench) -> Iterator[None]:
    """Python-served calls and scrapes for as long as one stream; all of them must succeed."""
    loads = [
        Load(
            target=bench.server.target,
            path=f"/inference.GRPCInferenceService/{method}",
            trace=bench.poisson(rate),
            warmup_s=0,
        )
        for method, rate in PYTHON_CALLS.items()
    ]
    with ExitStack() as stack:
        generators = [start(load, bench.build, LEAST_PRIORITY) for load in loads]
        stack.enter_context(Scraper(bench.server.http))
        yield
        for generator in generators:
            finish(generator).require_ok()


class Scraper:
    """Reads /metrics on a schedule, from a thread, until the end of the `with` block."""

    def __init__(self, address: str) -> None:
        self._connection = http.client.HTTPConnection(address, timeout=10)
        self._stop = threading.Event()
        self._failure: Exception | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self._connection.close()
        if self._failure is not None:
            raise LoadError(f"a scrape of /metrics failed: {self._failure}")

    def _run(self) -> None:
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), LEAST_PRIORITY)
        due = time.monotonic()
        try:
            while not self._stop.wait(max(0.0, due - time.monotonic())):
                self._scrape()
                due += 1 / SCRAPES_PER_SECOND
        except (OSError, http.client.HTTPException) as error:
            self._failure = error

    def _scrape(self) -> None:
        self._connection.request("GET", "/metrics")
        response = self._connection.getresponse()
        response.read()
        if response.status != http.client.OK:
            raise http.client.HTTPException(f"status {response.status}")
