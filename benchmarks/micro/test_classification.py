"""Choosing the best of 1,000 classes and writing them as text, against sorting them all, which
writes none, and against NumPy; and turning scores into probabilities."""

from types import ModuleType

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.micro.timing import time_steps

SCORES = np.random.default_rng(1).normal(size=1000).astype(np.float32)


@pytest.mark.parametrize("count", [1, 5, 100])
def test_classify(benchmark: BenchmarkFixture, micro: ModuleType, count: int) -> None:
    row = SCORES.tobytes()
    time_steps(benchmark, lambda times: micro.classify(row, count, times))


def test_sort_all(benchmark: BenchmarkFixture, micro: ModuleType) -> None:
    row = SCORES.tobytes()
    time_steps(benchmark, lambda times: micro.sort_all(row, times))


def test_numpy_top_5(benchmark: BenchmarkFixture) -> None:
    def loop(times: int) -> None:
        for _ in range(times):
            best = np.argpartition(-SCORES, 5)[:5]
            best = best[np.argsort(-SCORES[best], kind="stable")]
            [f"{SCORES[index]:f}:{index}".encode() for index in best]

    time_steps(benchmark, loop)


def test_softmax(benchmark: BenchmarkFixture, micro: ModuleType) -> None:
    row = SCORES.tobytes()
    time_steps(benchmark, lambda times: micro.softmax(row, times))


def test_numpy_softmax(benchmark: BenchmarkFixture) -> None:
    def loop(times: int) -> None:
        for _ in range(times):
            powers = np.exp(SCORES - SCORES.max())
            powers / powers.sum()

    time_steps(benchmark, loop)
