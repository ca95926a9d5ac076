"""What a server without any cost of its own would have answered, by the native simulator."""

import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from pathlib import Path
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

from benchmarks.tools import DEFAULT_BUILD, extension

Nanoseconds = NDArray[np.int64]
RunTimes = Mapping[int, Nanoseconds]
"""Measured run times by batch size."""


class Fate(IntEnum):
    """What became of a request; the numbers of ideal_server.h."""

    SERVED = 0
    REFUSED = 1
    EXPIRED = 2


@dataclass(frozen=True, kw_only=True)
class Limits:
    """The part of a model's configuration that the policy knows. max_batch_size 0: no batches."""

    slots: int = 1
    max_batch_size: int = 0
    max_queue_size: int = 1024
    latency_target_ns: int = 0


@dataclass(frozen=True)
class Answers:
    """One entry per arrival, in their order."""

    latency_ns: Nanoseconds  # from arrival to answer
    fate: NDArray[np.uint8]  # values of Fate
    batch: NDArray[np.int32]  # rows of the run a request was in; 0: none

    @property
    def served_ns(self) -> Nanoseconds:
        """Latencies of those that were served."""
        served: Nanoseconds = self.latency_ns[self.fate == Fate.SERVED]
        return served


@lru_cache
def _native(build: Path) -> ModuleType:
    path = extension("_lab", build)
    spec = importlib.util.spec_from_file_location("_lab", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def simulate(
    arrivals_ns: Nanoseconds,
    run_times: RunTimes,
    limits: Limits,
    *,
    deadlines_ns: Nanoseconds | int = 0,
    seed: int = 1,
    build: Path = DEFAULT_BUILD,
) -> Answers:
    """Serves requests of one row that arrive at `arrivals_ns` (ascending).

    `deadlines_ns` counts from each arrival, 0 is none. Each run takes a time drawn from
    `run_times` at its size. Raises ValueError when the arrivals are not in order.
    """
    arrivals = np.asarray(arrivals_ns, np.int64)
    done, fate, batch = _native(build).simulate(
        arrivals=arrivals,
        deadlines=np.broadcast_to(np.asarray(deadlines_ns, np.int64), arrivals.shape),
        run_times=sorted((rows, times.tolist()) for rows, times in run_times.items()),
        slots=limits.slots,
        max_batch_size=limits.max_batch_size,
        max_queue_size=limits.max_queue_size,
        latency_target=limits.latency_target_ns,
        seed=seed,
    )
    return Answers(done - arrivals, fate, batch)
