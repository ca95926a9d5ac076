"""150 KB and 600 KB in and out: what is left is copies."""

from collections.abc import Iterator
from statistics import median

from benchmarks.bench import Bench
from benchmarks.figures import Figure, at_most
from benchmarks.models import IMAGE, LARGE_IMAGE


def figures(bench: Bench) -> Iterator[Figure]:
    """Closed loops of 4 x 4 with echo in between, then 1 x 1."""
    yield from four_by_four(bench, IMAGE, "150 KB", 110)
    yield from four_by_four(bench, LARGE_IMAGE, "600 KB", 420)
    yield from one_by_one(bench)


def four_by_four(bench: Bench, model: str, size: str, most_us: float) -> Iterator[Figure]:
    served, echoed = [], []
    for _ in range(bench.profile.rounds):
        served.append(bench.load(bench.server, model, connections=4, streams=4))
        echoed.append(bench.load(bench.echo, model, connections=4, streams=4))
    scenario = f"identity {size}, 4 x 4, loadgen"
    cpu = median(s.server_cpu_us for s in served)
    yield Figure(scenario, "server CPU per request", cpu, "us", at_most(most_us))
    yield Figure(scenario, "echo CPU per request", median(e.server_cpu_us for e in echoed), "us")
    yield Figure(scenario, "requests per second", median(s.ok_per_second for s in served), "/s")


def one_by_one(bench: Bench) -> Iterator[Figure]:
    served = [bench.load(bench.server, IMAGE) for _ in range(bench.profile.rounds)]
    scenario = "identity 150 KB, 1 x 1, loadgen"
    mean = median(s.latency_us("mean") for s in served)
    yield Figure(scenario, "mean latency", mean, "us", at_most(370))
    yield Figure(scenario, "p99 latency", median(s.latency_us("p99") for s in served), "us")
