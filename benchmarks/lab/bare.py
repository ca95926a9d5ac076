"""The bare loop's run times, measured in a process of its own."""

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks.lab.ideal import RunTimes
from benchmarks.pinning import Cores, on
from benchmarks.tools import ROOT

SIZES = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128)


def batch_sizes(max_batch_size: int) -> list[int]:
    """What to measure for a model of batches up to this."""
    largest = max(1, max_batch_size)
    return sorted({*(size for size in SIZES if size < largest), largest})


def measure(
    model: Path, max_batch_size: int, threads: int, seconds: float, cores: Cores | None = None
) -> RunTimes:
    """Run times of an ONNX file by batch size; the sizes share `seconds`, taking turns."""
    with TemporaryDirectory() as folder:
        saved = Path(folder) / "runs.npz"
        command = [sys.executable, "-m", "benchmarks.bare_onnx", str(model), f"--save={saved}"]
        command += [f"--threads={threads}", f"--seconds={seconds}"]
        command += [f"--batch={size}" for size in batch_sizes(max_batch_size)]
        with on(cores):
            subprocess.run(command, cwd=ROOT, check=True)
        with np.load(saved) as arrays:
            return {int(size): runs for size, runs in arrays.items()}


def pooled(measured: Iterable[RunTimes]) -> RunTimes:
    """All runs of several measurements."""
    times: dict[int, list[np.ndarray]] = {}
    for one in measured:
        for size, runs in one.items():
            times.setdefault(size, []).append(runs)
    return {size: np.concatenate(runs) for size, runs in times.items()}


def rows_per_second(times: RunTimes) -> float:
    """Of the best batch size."""
    return max(float(size / np.median(runs)) * 1e9 for size, runs in times.items())
