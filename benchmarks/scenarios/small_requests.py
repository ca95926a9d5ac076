"""64 bytes in and out: the server is the whole cost. Echo runs in between, for the ratio."""

from collections.abc import Iterator
from statistics import median

from benchmarks import h2load
from benchmarks.bench import Bench, Process
from benchmarks.figures import Figure, at_least, at_most
from benchmarks.load import LoadResult
from benchmarks.machine import cpu_seconds
from benchmarks.models import IDENTITY, MLP

CONNECTIONS, STREAMS = 4, 32


def figures(bench: Bench) -> Iterator[Figure]:
    """Closed loops of 4 x 32 by h2load and by our generator, then 1 x 1."""
    yield from by_h2load(bench)
    yield from by_loadgen(bench)
    yield from one_by_one(bench)


def by_h2load(bench: Bench) -> Iterator[Figure]:
    framed = bench.repository.parent / "identity.framed"
    h2load.write_framed(bench.requests[IDENTITY], framed)

    def measure(process: Process, requests: int) -> tuple[float, float]:
        before = cpu_seconds(process.pid)
        result = h2load.run(
            process.target, framed, connections=CONNECTIONS, streams=STREAMS, requests=requests
        )
        cpu_us = (cpu_seconds(process.pid) - before) * 1e6 / result.succeeded
        return result.requests_per_second, cpu_us

    trial = bench.load(bench.server, IDENTITY, connections=CONNECTIONS, streams=STREAMS)
    requests = int(trial.ok_per_second * bench.profile.seconds)
    served, echoed = [], []
    for _ in range(bench.profile.rounds):
        with bench.confirmed(IDENTITY) as confirmation:
            served.append(measure(bench.server, requests))
            confirmation.sent = requests
        echoed.append(measure(bench.echo, requests))
    scenario = "identity FP32[1,16], 4 x 32, h2load"
    ratios = [ours[1] / theirs[1] for ours, theirs in zip(served, echoed, strict=True)]
    rate, cpu = median(s[0] for s in served), median(s[1] for s in served)
    yield Figure(scenario, "server CPU per request", cpu, "us", at_most(4))
    yield Figure(scenario, "echo CPU per request", median(e[1] for e in echoed), "us")
    yield Figure(scenario, "server / echo, CPU", median(ratios), "", at_most(1.45))
    yield Figure(scenario, "requests per second", rate, "/s", at_least(260_000))
    yield Figure(scenario, "echo requests per second", median(e[0] for e in echoed), "/s")


def by_loadgen(bench: Bench) -> Iterator[Figure]:
    def measure(process: Process, model: str) -> LoadResult:
        return bench.load(process, model, connections=CONNECTIONS, streams=STREAMS)

    served, echoed = [], []
    for _ in range(bench.profile.rounds):
        with bench.confirmed(IDENTITY) as confirmation:
            served.append(measure(bench.server, IDENTITY))
            confirmation.sent = int(served[-1].raw["sent_total"])
        echoed.append(measure(bench.echo, IDENTITY))
    scenario = "identity FP32[1,16], 4 x 32, loadgen"
    ratios = [s.server_cpu_us / e.server_cpu_us for s, e in zip(served, echoed, strict=True)]
    yield Figure(scenario, "server CPU per request", median(s.server_cpu_us for s in served), "us")
    yield Figure(scenario, "server / echo, CPU", median(ratios))
    yield Figure(scenario, "requests per second", median(s.ok_per_second for s in served), "/s")
    yield Figure(scenario, "p99 latency", median(s.latency_us("p99") for s in served), "us")
    mlp = measure(bench.server, MLP)
    scenario = "MLP 64-128-128-10, 4 x 32, loadgen"
    yield Figure(scenario, "server CPU per request", mlp.server_cpu_us, "us", at_most(4.5))
    yield Figure(scenario, "requests per second", mlp.ok_per_second, "/s")


def one_by_one(bench: Bench) -> Iterator[Figure]:
    served = [bench.load(bench.server, IDENTITY) for _ in range(bench.profile.rounds)]
    echoed = bench.load(bench.echo, IDENTITY)
    scenario = "identity FP32[1,16], 1 x 1, loadgen"
    mean = median(s.latency_us("mean") for s in served)
    yield Figure(scenario, "mean latency", mean, "us", at_most(95))
    yield Figure(scenario, "p99 latency", median(s.latency_us("p99") for s in served), "us")
    yield Figure(scenario, "server CPU per request", median(s.server_cpu_us for s in served), "us")
    yield Figure(scenario, "echo mean latency", echoed.latency_us("mean"), "us")
