"""One way of timing a native loop."""

from collections.abc import Callable

from pytest_benchmark.fixture import BenchmarkFixture


def time_steps(benchmark: BenchmarkFixture, loop: Callable[[int], None]) -> None:
    """Times loop(1000), so that microseconds in the table are nanoseconds per step."""
    benchmark.pedantic(loop, (1000,), rounds=15, warmup_rounds=2)  # type: ignore[no-untyped-call]
