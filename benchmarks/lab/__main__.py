"""The laboratory: runs scenarios against a real server and an ideal one, and writes a report.

Examples:
  python -m benchmarks.lab                       all scenarios of the project, about 20 minutes
  python -m benchmarks.lab ideal overload        only these
  python -m benchmarks.lab my.yaml               a scenario of your own (copy one of lab/scenarios)
  python -m benchmarks.lab --quick               shows that everything works; figures mean nothing

The report goes to OUT/lab-DATE-COMMIT/report.md, with a verdict for every target: met, MISSED, or
INVALID when the load generator lagged (its p99 over 5 % of the latency's, after one repetition).
A run on a machine that is busy with other work says little: see the stamp's load average. Meanwhile
every core runs a loop that gives way to everything else: idle virtual cores wake up late.
"""

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks import machine, pinning
from benchmarks.awake import awake
from benchmarks.lab import report, scenario_file
from benchmarks.lab.experiments import (
    against_ideal,
    fairness,
    front_path,
    overload,
    padding,
    refusal,
    spike,
    tuning,
)
from benchmarks.lab.scenario import AnyScenario
from benchmarks.lab.scenario_file import ScenarioError
from benchmarks.lab.section import Lab, Section
from benchmarks.lab.served import say
from benchmarks.load import LoadError
from benchmarks.tools import DEFAULT_BUILD, ROOT, MissingToolError
from tests.server_process import ServerFailedError

EXPERIMENTS: dict[str, Callable[[Any, str, Lab], Section]] = {
    "ideal": against_ideal.experiment,
    "overload": overload.experiment,
    "spike": spike.experiment,
    "refusal": refusal.experiment,
    "tuning": tuning.experiment,
    "fairness": fairness.experiment,
    "padding": padding.experiment,
    "front_path": front_path.experiment,
}


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog="python -m benchmarks.lab",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    known = ", ".join(scenario_file.names())
    made.add_argument(
        "scenarios", nargs="*", metavar="scenario", help=f"of {known}, or a .yaml file; none: all"
    )
    made.add_argument("--quick", action="store_true", help="a second per measurement, one round")
    made.add_argument("--out", type=Path, default=ROOT / "bench-results", help="(%(default)s)")
    made.add_argument(
        "--build", type=Path, default=DEFAULT_BUILD, help="CMake folder (%(default)s)"
    )
    pinning.add_option(made)
    return made


def read(names: list[str], quick: bool) -> dict[str, AnyScenario]:
    """All files are read before anything is measured. Raises ScenarioError."""
    scenarios = {}
    for name in names or scenario_file.names():
        path = scenario_file.find(name)
        scenario = scenario_file.read(path)
        scenarios[path.stem] = scenario.hastened() if quick else scenario
    return scenarios


def measure(scenarios: dict[str, AnyScenario], lab: Lab) -> list[Section]:
    sections = []
    for name, scenario in scenarios.items():
        print(f"{name}: {scenario.about}", file=sys.stderr, flush=True)
        start = time.monotonic()
        sections.append(EXPERIMENTS[scenario.kind](scenario, name, lab))
        print(f"{name}: {time.monotonic() - start:.0f} s", file=sys.stderr, flush=True)
    return sections


def main() -> int:
    arguments = parser().parse_args()
    try:
        scenarios = read(arguments.scenarios, arguments.quick)
        stamp = {
            **machine.stamp("benchmarks.lab"),
            "pinned": str(arguments.pin),
            "idle cores": "kept awake",
        }
        folder = report.new_folder(arguments.out, stamp)
        with awake():
            arguments.pin.apply()
            sections = measure(scenarios, Lab(arguments.build, arguments.pin, folder, say))
    except (LoadError, MissingToolError, ScenarioError, ServerFailedError) as error:
        print(f"benchmarks.lab: {error}", file=sys.stderr)
        return 1
    print(report.write(folder, sections, stamp))
    print(f"written to {folder}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
