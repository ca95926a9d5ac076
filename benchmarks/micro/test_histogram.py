"""Recording on the request path, and reading for /metrics."""

from types import ModuleType

from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.micro.timing import time_steps


def test_record(benchmark: BenchmarkFixture, micro: ModuleType) -> None:
    time_steps(benchmark, micro.record)


def test_merge_and_quantile(benchmark: BenchmarkFixture, micro: ModuleType) -> None:
    time_steps(benchmark, micro.quantiles)
