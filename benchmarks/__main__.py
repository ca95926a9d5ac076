"""The benchmark table: starts the server and the echo yardstick and measures both in one run.

`--quick` only shows that everything works; its figures mean nothing.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import bench, machine, pinning
from benchmarks.figures import Figure, report
from benchmarks.load import LoadError
from benchmarks.scenarios import interference, large_requests, slow_model, small_requests
from benchmarks.tools import DEFAULT_BUILD, ROOT, MissingToolError
from tests.server_process import ServerFailedError

SCENARIOS = {
    "small": small_requests.figures,
    "large": large_requests.figures,
    "slow": slow_model.figures,
    "interference": interference.figures,
}


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    made.add_argument("scenarios", nargs="*", help=f"of {', '.join(SCENARIOS)}; none: all")
    made.add_argument("--quick", action="store_true", help="a minute instead of five")
    pinning.add_option(made)
    made.add_argument("--build", type=Path, default=DEFAULT_BUILD, help="CMake folder")
    made.add_argument("--out", type=Path, default=ROOT / "bench-results", help="(%(default)s)")
    return made


def measure(arguments: argparse.Namespace) -> list[Figure]:
    profile = bench.QUICK if arguments.quick else bench.FULL
    figures: list[Figure] = []
    with (
        tempfile.TemporaryDirectory() as folder,
        bench.started(Path(folder), profile, arguments.build, arguments.pin) as running,
    ):
        for name in arguments.scenarios or SCENARIOS:
            start = time.monotonic()
            figures += SCENARIOS[name](running)
            print(f"{name}: {time.monotonic() - start:.0f} s", file=sys.stderr, flush=True)
    return figures


def main() -> int:
    arguments = parser().parse_args()
    unknown = [name for name in arguments.scenarios if name not in SCENARIOS]
    if unknown:
        parser().error(f"no scenario {unknown[0]!r}; there are {', '.join(SCENARIOS)}")
    try:
        stamp = machine.stamp() | {"pinned": str(arguments.pin)}
        arguments.pin.apply()
        report(measure(arguments), stamp, arguments.out)
    except (LoadError, MissingToolError, ServerFailedError) as error:
        print(f"benchmarks: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
