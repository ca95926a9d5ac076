"""ONNX Runtime alone, in a loop: what a server is held against.

`python -m benchmarks.bare_onnx MODEL.onnx --batch 8 --seconds 5` prints rows per second. With
`--save FILE.npz` it keeps the time of every run instead, `int64[runs]` ns per batch size; several
sizes (`--batch 1 --batch 8`) take turns, so that all of them see the same machine.
"""

import argparse
import time
from collections.abc import Callable, Sequence
from itertools import cycle
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

UNCOUNTED = 10  # first runs of a size: they allocate


def session(model: Path, threads: int) -> onnxruntime.InferenceSession:
    """As the server makes it (csrc/runtime/session_options.cc): explicit threads, no spinning."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.enable_mem_pattern = False
    for pool in ("intra_op", "inter_op"):
        options.add_session_config_entry(f"session.{pool}.allow_spinning", "0")
    return onnxruntime.InferenceSession(
        str(model), sess_options=options, providers=["CPUExecutionProvider"]
    )


def runner(opened: onnxruntime.InferenceSession, batch: int) -> Callable[[], None]:
    """Runs a random batch of the one FP32 input; everything but the run is prepared here."""
    given = opened.get_inputs()[0]
    binding = opened.io_binding()
    rows = np.random.default_rng(1).random((batch, *given.shape[1:]), np.float32)
    binding.bind_cpu_input(given.name, rows)
    for output in opened.get_outputs():
        binding.bind_output(output.name)
    for _ in range(UNCOUNTED):
        opened.run_with_iobinding(binding)
    return lambda: opened.run_with_iobinding(binding)


def run_times(
    model: Path, batches: Sequence[int], threads: int, seconds: float
) -> dict[int, NDArray[np.int64]]:
    """Nanoseconds of every run, by batch size; each size runs at least once."""
    opened = session(model, threads)
    runners = {batch: runner(opened, batch) for batch in batches}
    times: dict[int, list[int]] = {batch: [] for batch in batches}
    end = time.perf_counter_ns() + round(seconds * 1e9)
    for turn, (batch, run) in enumerate(cycle(runners.items())):
        start = time.perf_counter_ns()
        if start >= end and turn >= len(runners):
            break
        run()
        times[batch].append(time.perf_counter_ns() - start)
    return {batch: np.array(runs, np.int64) for batch, runs in times.items()}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model", type=Path)
    parser.add_argument("--batch", type=int, action="append", help="(1)")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=5, help="for all sizes together")
    parser.add_argument("--save", type=Path, metavar="FILE.npz")
    arguments = parser.parse_args()
    batches = arguments.batch or [1]
    times = run_times(arguments.model, batches, arguments.threads, arguments.seconds)
    if arguments.save:
        arrays: dict[str, Any] = {str(batch): runs for batch, runs in times.items()}
        np.savez(arguments.save, **arrays)
        return
    rows = sum(batch * len(runs) for batch, runs in times.items())
    print(f"{rows / (sum(int(runs.sum()) for runs in times.values()) / 1e9):.3f}")


if __name__ == "__main__":
    main()
