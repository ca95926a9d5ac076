"""`python -m benchmarks.preprocess [images rows text]`: what preprocessing costs, beside what else
would do it.

`--quick` only shows that everything works; its figures mean nothing.
"""

import argparse
import sys
from pathlib import Path

from benchmarks import machine
from benchmarks.figures import Figure, report
from benchmarks.preprocess import images, rows, text
from benchmarks.tools import ROOT

EXPERIMENTS = {"images": images.figures, "rows": rows.figures, "text": text.figures}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.preprocess", description=__doc__)
    known = ", ".join(EXPERIMENTS)
    parser.add_argument("experiments", nargs="*", help=f"of {known}; none: all")
    parser.add_argument("--quick", action="store_true", help="seconds instead of a minute")
    parser.add_argument("--out", type=Path, default=ROOT / "bench-results", help="(%(default)s)")
    arguments = parser.parse_args()
    unknown = [name for name in arguments.experiments if name not in EXPERIMENTS]
    if unknown:
        parser.error(f"no experiment {unknown[0]!r}; there are {known}")
    figures: list[Figure] = []
    for name in arguments.experiments or EXPERIMENTS:
        figures += EXPERIMENTS[name](0.02 if arguments.quick else 0.5)
    report(figures, machine.stamp("benchmarks.preprocess"), arguments.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
