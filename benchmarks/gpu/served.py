"""Served throughput: the highest Poisson rate of requests of one row that keeps its bound on p99,
as a share of what the model does offline, and the tail at four fifths of it."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.figures import Figure, at_least, at_most
from benchmarks.gpu.offline import Offline, rates
from benchmarks.gpu.settings import Settings
from benchmarks.gpu.utilization import watched
from benchmarks.gpu.workloads import Workload, configure, served
from benchmarks.load import Load, Record, replay
from benchmarks.load.requests import fetch_metadata, random_request
from benchmarks.load.schedule import Schedule
from benchmarks.server import BenchServer

CONNECTIONS = 16
HIGHEST = 1.1  # of the offline rate: the first probe is half of it


@dataclass(frozen=True)
class Target:
    """A running server, and a request."""

    server: BenchServer
    body: Path
    settings: Settings

    def at(self, rate: float) -> Record:
        """An open loop at that many requests per second."""
        seconds = self.settings.seconds
        schedule = Schedule(rate=rate, duration_s=seconds, warmup_s=seconds / 3)
        load = Load(
            target=self.server.target,
            bodies=[self.body],
            connections=CONNECTIONS,
            threads=1 if self.settings.quick else 4,
            warmup_s=schedule.warmup_s,
        )
        return replay(load, schedule.trace(), self.settings.build)[1]


def figures(settings: Settings) -> Iterator[Figure]:
    """Raises LoadError, ExaminationError or ServerFailedError."""
    for workload in served(settings.quick):
        folder = settings.folder(workload.name)
        path = workload.write(folder / "repository")
        settings.say(f"{workload.name}: offline")
        offline = list(rates(workload, path, settings))
        for each in offline:
            name = f"offline, slots: {each.slots}, batch {each.rows}"
            yield Figure(workload.name, name, each.rate, "rows/s")
        yield from _served(workload, folder, offline, settings)


def _served(
    workload: Workload, folder: Path, offline: list[Offline], settings: Settings
) -> Iterator[Figure]:
    best = max(offline, key=lambda each: each.rate)
    configure(
        folder / "repository",
        workload.name,
        execution_provider=settings.provider,
        max_batch_size=max(workload.batches),
        instance_count=best.slots,
        latency_slo_ms=workload.limit_ms,
    )
    with BenchServer(folder / "repository", folder) as server:
        body = folder / "request"
        metadata = fetch_metadata(server.target, workload.name)
        body.write_bytes(random_request(metadata, shapes=workload.shapes))
        target = Target(server, body, settings)
        settings.say(f"{workload.name}: served")
        rate = _highest(target, best.rate, workload.limit_ms)
        yield Figure(workload.name, f"served, p99 <= {workload.limit_ms:g} ms", rate, "rows/s")
        yield Figure(workload.name, "served / offline", rate / best.rate, target=at_least(0.8))
        if rate == rate:
            with watched(server.http) as seen:
                record = target.at(0.8 * rate)
            yield from _tail(workload.name, record)
            for name, value, unit in seen.rows():
                yield Figure(workload.name, f"{name}, at 80 % of it", value, unit)


def _highest(target: Target, offline: float, limit_ms: float) -> float:
    """By halving; NaN when no rate that was tried keeps the bound. Latency counts from the
    scheduled time: a generator that lags makes the figure lower, never higher."""
    low, high, found = 0.0, HIGHEST * offline, math.nan
    for _ in range(target.settings.probes):
        rate = (low + high) / 2
        record = target.at(rate)
        kept = set(record.statuses()) == {"OK"} and record.latency_us(0.99) <= limit_ms * 1e3
        target.settings.say(_probe(rate, record))
        if kept:
            low, found = rate, record.goodput()
        else:
            high = rate
    return found


def _probe(rate: float, record: Record) -> str:
    statuses = ", ".join(f"{count} {status}" for status, count in record.statuses().items())
    text = f"  {rate:,.0f}/s: p99 {record.latency_us(0.99) / 1e3:.2f} ms, {statuses}"
    return text if record.valid else f"{text}; invalid: {record.invalid_reason}"


def _tail(scenario: str, record: Record) -> Iterator[Figure]:
    """At four fifths of the served rate."""
    median, high = record.latency_us(0.5), record.latency_us(0.99)
    yield Figure(scenario, "p50 at 80 % of it", median / 1e3, "ms", valid=record.valid)
    name = "p99 / p50 at 80 % of it"
    yield Figure(scenario, name, high / median, target=at_most(1.3), valid=record.valid)
