"""The figures of `python -m benchmarks small large`: what the way to the model and back costs."""

from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import bench
from benchmarks.lab.scenario import FrontPathScenario
from benchmarks.lab.section import Lab, Section
from benchmarks.scenarios import large_requests, small_requests


def experiment(scenario: FrontPathScenario, name: str, lab: Lab) -> Section:
    section = Section(name, scenario.about)
    profile = bench.Profile(scenario.seconds, scenario.warmup_s, scenario.rounds, pairs=1)
    with (
        TemporaryDirectory() as folder,
        bench.started(Path(folder), profile, lab.build, lab.pinning) as running,
    ):
        for figures in (small_requests.figures, large_requests.figures):
            section.figures += figures(running)
    return section
