"""A model of more than 5 ms per run: the server must keep ONNX Runtime busy."""

import subprocess
import sys
from collections.abc import Iterator
from statistics import median

from benchmarks import counts
from benchmarks.bench import Bench
from benchmarks.figures import Figure, at_least
from benchmarks.models import SLOW, SLOW_BATCH
from benchmarks.pinning import on
from benchmarks.tools import ROOT


def bare_rows_per_second(bench: Bench) -> float:
    """ONNX Runtime in a loop of its own, same file, batch size, threads and cores."""
    command = [sys.executable, "-m", "benchmarks.bare_onnx"]
    command += [str(bench.repository / SLOW / "1" / "model.onnx"), f"--batch={SLOW_BATCH}"]
    command.append(f"--seconds={bench.profile.seconds}")
    with on(bench.pinning.server):
        done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return float(done.stdout)


def figures(bench: Bench) -> Iterator[Figure]:
    """Twice a batch in flight, so that the next one is always full; bare loop in between."""
    ratios, served, bare = [], [], []
    before = counts.fetch(bench.server.target, SLOW)
    for _ in range(bench.profile.rounds):
        load = bench.load(bench.server, SLOW, connections=4, streams=2 * SLOW_BATCH // 4)
        served.append(load.ok_per_second)
        bare.append(bare_rows_per_second(bench))
        ratios.append(served[-1] / bare[-1])
    counted = counts.fetch(bench.server.target, SLOW) - before
    scenario = f"slow model, batches of {SLOW_BATCH}, one thread"
    yield Figure(scenario, "served / bare ONNX Runtime", median(ratios), "", at_least(0.97))
    yield Figure(scenario, "rows per second served", median(served), "/s")
    yield Figure(scenario, "rows per second bare", median(bare), "/s")
    yield Figure(scenario, "bare run", SLOW_BATCH / median(bare) * 1e3, "ms", at_least(5))
    yield Figure(scenario, "mean batch served", counted.rows / counted.runs, "rows")
