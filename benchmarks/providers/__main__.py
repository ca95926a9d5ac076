"""`python -m benchmarks.providers [auto int8]`: the choice of the execution provider, and INT8.

`--quick` only shows that everything works; its figures mean nothing.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import machine, pinning
from benchmarks.figures import Figure, report
from benchmarks.load import LoadError
from benchmarks.providers import auto, int8
from benchmarks.providers.kinds import KINDS
from benchmarks.providers.scale import Scale
from benchmarks.tools import DEFAULT_BUILD, ROOT, MissingToolError
from server.examine.examination import ExaminationError
from tests.server_process import ServerFailedError

EXPERIMENTS = {"auto": auto.figures, "int8": int8.figures}


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="python -m benchmarks.providers", description=__doc__)
    made.add_argument("experiments", nargs="*", help=f"of {', '.join(EXPERIMENTS)}; none: all")
    names = [kind.name for kind in KINDS]
    made.add_argument(
        "--kind", nargs="+", choices=names, default=names, help="of models, for auto (all)"
    )
    made.add_argument("--quick", action="store_true", help="seconds instead of minutes")
    pinning.add_option(made)
    made.add_argument("--build", type=Path, default=DEFAULT_BUILD, help="CMake folder")
    made.add_argument("--out", type=Path, default=ROOT / "bench-results", help="(%(default)s)")
    return made


def measure(arguments: argparse.Namespace) -> list[Figure]:
    figures: list[Figure] = []
    for name in arguments.experiments or EXPERIMENTS:
        start = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            scale = Scale(
                seconds=0.5 if arguments.quick else 5.0,
                rounds=1 if arguments.quick else 5,
                build=arguments.build,
                pinning=arguments.pin,
                folder=Path(folder),
                kinds=tuple(kind for kind in KINDS if kind.name in arguments.kind),
            )
            figures += EXPERIMENTS[name](scale)
        print(f"{name}: {time.monotonic() - start:.0f} s", file=sys.stderr, flush=True)
    return figures


def main() -> int:
    arguments = parser().parse_args()
    unknown = [name for name in arguments.experiments if name not in EXPERIMENTS]
    if unknown:
        parser().error(f"no experiment {unknown[0]!r}; there are {', '.join(EXPERIMENTS)}")
    try:
        stamp = machine.stamp("benchmarks.providers") | {"pinned": str(arguments.pin)}
        arguments.pin.apply()
        report(measure(arguments), stamp, arguments.out)
    except (
        ExaminationError,
        int8.QuantizeError,
        LoadError,
        MissingToolError,
        ServerFailedError,
    ) as error:
        print(f"benchmarks: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
