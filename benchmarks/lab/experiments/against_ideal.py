"""Measured latency over that of an ideal server that got the same requests."""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.figures import Figure, at_most
from benchmarks.lab import bare, plots
from benchmarks.lab.ideal import RunTimes, simulate
from benchmarks.lab.model import Model
from benchmarks.lab.scenario import IdealScenario, Load
from benchmarks.lab.section import Lab, Section
from benchmarks.lab.served import Served, medians, serving
from benchmarks.load import arrivals
from benchmarks.load.record import OK


@dataclass(frozen=True)
class Pair:
    """Latencies in ms of the same requests, measured and ideal."""

    measured: NDArray[np.float64]
    ideal: NDArray[np.float64]
    invalid: str | None

    def p99(self) -> tuple[float, float]:
        return float(np.quantile(self.measured, 0.99)), float(np.quantile(self.ideal, 0.99))

    @property
    def ratio(self) -> float:
        measured, ideal = self.p99()
        return measured / ideal


def experiment(scenario: IdealScenario, name: str, lab: Lab) -> Section:
    section = Section(name, scenario.about)
    with serving(scenario.models, lab, scenario.warmup_s) as served:
        for model in scenario.models:
            _one_model(scenario, model, served, section, lab)
    return section


def _one_model(
    scenario: IdealScenario, model: Model, served: Served, section: Section, lab: Lab
) -> None:
    pairs: dict[Load, list[Pair]] = defaultdict(list)
    capacities, bares = [], []
    for seed in range(1, scenario.rounds + 1):
        lab.progress(f"{model.name}: round {seed} of {scenario.rounds}")
        before = served.bare_runs(model, scenario.seconds / 3)
        capacity = served.capacity(model.name, scenario.in_flight, scenario.seconds / 3)
        loops = {load: _offsets(scenario, load, capacity, seed) for load in scenario.loads}
        records = {load: served.open_loop(model.name, offsets) for load, offsets in loops.items()}
        times = bare.pooled([before, served.bare_runs(model, scenario.seconds / 3)])
        for load, run in records.items():
            pairs[load].append(_pair(run.record.rows, run.invalid, times, model, scenario, lab))
        capacities.append(capacity)
        bares.append(bare.rows_per_second(times))
    _report(section, model, pairs, lab)
    group = f"{section.name}: {model.name}"
    section.figures += [
        Figure(group, "capacity", medians(capacities), "/s"),
        Figure(group, "bare ONNX Runtime at its best batch size", medians(bares), "/s"),
    ]


def _offsets(scenario: IdealScenario, load: Load, capacity: float, seed: int) -> arrivals.Offsets:
    seconds = scenario.warmup_s + scenario.seconds
    return arrivals.parse(scenario.arrivals)(capacity * load.fraction, seconds, seed)


def _pair(
    rows: NDArray[np.void],
    invalid: str | None,
    times: RunTimes,
    model: Model,
    scenario: IdealScenario,
    lab: Lab,
) -> Pair:
    answers = simulate(rows["scheduled"], times, model.limits, build=lab.build)
    counted = rows["scheduled"] >= scenario.warmup_s * 1e9
    if np.any(rows["status"][counted] != OK):
        invalid = invalid or "not every answer was OK"
    measured = (rows["done"] - rows["scheduled"])[counted & (rows["status"] == OK)]
    return Pair(measured / 1e6, answers.latency_ns[counted] / 1e6, invalid)


def _report(section: Section, model: Model, pairs: dict[Load, list[Pair]], lab: Lab) -> None:
    group = f"{section.name}: {model.name}"
    for load, tried in pairs.items():
        percent = f"{load.fraction:.0%} load"
        valid = [pair for pair in tried if pair.invalid is None]
        section.judge(f"{model.name}, {percent}", (pair.invalid for pair in tried))
        used = valid or tried
        ratio = medians([pair.ratio for pair in used])
        section.figures += [
            Figure(
                group, f"p99 / ideal, {percent}", ratio, "", at_most(load.most), valid=bool(valid)
            ),
            Figure(group, f"p99, {percent}", medians([p.p99()[0] for p in used]), "ms"),
            Figure(group, f"ideal p99, {percent}", medians([p.p99()[1] for p in used]), "ms"),
        ]
    curves = {f"{load.fraction:.0%}": (p[-1].measured, p[-1].ideal) for load, p in pairs.items()}
    section.plots.append(
        plots.latency_curves(
            lab.plots / f"{section.name}-{model.name}.png", f"{model.name}: latency", curves
        )
    )
