"""150 KB in and out: what is left is copies."""

from collections.abc import Iterator
from statistics import median

from benchmarks.bench import Bench
from benchmarks.figures import Figure, at_most
from benchmarks.models import IMAGE


def figures(bench: Bench) -> Iterator[Figure]:
    """A closed loop of 4 x 4, echo in between."""
    served, echoed = [], []
    for _ in range(bench.profile.rounds):
        served.append(bench.load(bench.server, IMAGE, connections=4, streams=4))
        echoed.append(bench.load(bench.echo, IMAGE, connections=4, streams=4))
    scenario = "identity 150 KB, 4 x 4, loadgen"
    cpu = median(s.server_cpu_us for s in served)
    yield Figure(scenario, "server CPU per request", cpu, "us", at_most(160))
    yield Figure(scenario, "echo CPU per request", median(e.server_cpu_us for e in echoed), "us")
    yield Figure(scenario, "requests per second", median(s.ok_per_second for s in served), "/s")
