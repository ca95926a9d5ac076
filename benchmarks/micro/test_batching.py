"""Deciding on a batch, and putting its rows together."""

from types import ModuleType

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.micro.timing import time_steps
from server.onnxruntime_locator import locate


@pytest.mark.parametrize("preferred", [[], [8, 32]], ids=["any size", "preferred sizes"])
@pytest.mark.parametrize("waiting", [1, 8, 64])
def test_batch_policy(
    benchmark: BenchmarkFixture, micro: ModuleType, waiting: int, preferred: list[int]
) -> None:
    rows = [1] * waiting
    time_steps(benchmark, lambda times: micro.decide(rows, preferred, times))


@pytest.mark.parametrize(
    ("requests", "columns"), [(1, 16), (32, 16), (8, 37500)], ids=["1x64B", "32x64B", "8x150KB"]
)
def test_gather(
    benchmark: BenchmarkFixture, micro: ModuleType, requests: int, columns: int
) -> None:
    gather = micro.Gather(str(locate().path), requests, columns)
    time_steps(benchmark, gather.run)
