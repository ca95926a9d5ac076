"""ONNX Runtime alone, in a loop: what a server's throughput is held against.

`python -m benchmarks.bare_onnx MODEL.onnx --batch 8 --seconds 5` prints rows per second.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import onnxruntime


def session(model: Path, threads: int) -> onnxruntime.InferenceSession:
    """As the server makes it: CPU provider, explicit threads, no spinning."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(
        str(model), sess_options=options, providers=["CPUExecutionProvider"]
    )


def rows_per_second(model: Path, batch: int, threads: int, seconds: float) -> float:
    """Runs the one FP32 input's batch over and over, after 10 runs that do not count."""
    runner = session(model, threads)
    given = runner.get_inputs()[0]
    feeds = {given.name: np.random.default_rng(1).random((batch, *given.shape[1:]), np.float32)}
    for _ in range(10):
        runner.run(None, feeds)
    runs, start = 0, time.perf_counter()
    while (elapsed := time.perf_counter() - start) < seconds:
        runner.run(None, feeds)
        runs += 1
    return runs * batch / elapsed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=5)
    arguments = parser.parse_args()
    rate = rows_per_second(arguments.model, arguments.batch, arguments.threads, arguments.seconds)
    print(f"{rate:.3f}")


if __name__ == "__main__":
    main()
