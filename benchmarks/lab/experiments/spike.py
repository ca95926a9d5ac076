"""How soon after a spike the server is back at the goodput it had before."""

import numpy as np

from benchmarks.figures import Figure, at_most
from benchmarks.lab import plots
from benchmarks.lab.model import Model
from benchmarks.lab.plots import Values
from benchmarks.lab.scenario import SpikeScenario
from benchmarks.lab.section import Lab, Section
from benchmarks.lab.served import OpenLoop, Served, serving
from benchmarks.load import arrivals

SETTLED = 0.2  # of the time before the spike that is not counted into the level


def recovery_ms(starts: Values, goodput: Values, end_s: float, level: float) -> float:
    """From `end_s` to the end of the first window of at least `level`; infinite without one.

    `starts` (seconds) and `goodput` describe windows of equal length.
    """
    window_s = float(starts[1] - starts[0])
    good = (starts >= end_s - 1e-9) & (goodput >= level)
    if not good.any():
        return float("inf")
    return float(starts[good][0] + window_s - end_s) * 1e3


def experiment(scenario: SpikeScenario, name: str, lab: Lab) -> Section:
    section = Section(name, scenario.about)
    with serving(scenario.models, lab, scenario.warmup_s) as served:
        for model in scenario.models:
            _one_model(scenario, model, served, section, lab)
    return section


def _one_model(
    scenario: SpikeScenario, model: Model, served: Served, section: Section, lab: Lab
) -> None:
    group = f"{section.name}: {model.name}"
    windows = {}
    for what, judge_only in (("deadlines sent", False), ("deadlines not sent", True)):
        loops = _rounds(scenario, model, served, lab, judge_only)
        starts, goodput = _mean_goodput(scenario, loops)
        windows[what] = starts - scenario.warmup_s, goodput
        level = scenario.recovered * _before(scenario, *windows[what])
        value = recovery_ms(*windows[what], scenario.end_s, level)
        section.judge(f"{model.name}, {what}", (loop.invalid for loop in loops))
        target = None if judge_only else at_most(scenario.most_ms)
        valid = any(loop.invalid is None for loop in loops)
        section.figures.append(
            Figure(group, f"goodput is back after, {what}", value, "ms", target, valid=valid)
        )
        if not judge_only:
            shown = level
    section.plots.append(
        plots.goodput_around_spike(
            lab.plots / f"{section.name}-{model.name}.png",
            f"{model.name}: goodput around a spike",
            windows,
            (scenario.begin_s, scenario.end_s),
            shown,
        )
    )


def _rounds(
    scenario: SpikeScenario, model: Model, served: Served, lab: Lab, judge_only: bool
) -> list[OpenLoop]:
    loops = []
    for seed in range(1, scenario.rounds + 1):
        lab.progress(f"{model.name}: round {seed} of {scenario.rounds}")
        rate = scenario.base * served.capacity(model.name, scenario.in_flight, scenario.seconds / 4)
        begin, end = (scenario.warmup_s + s for s in (scenario.begin_s, scenario.end_s))
        seconds = scenario.warmup_s + scenario.seconds
        offsets = arrivals.spike(rate, seconds, scenario.factor, begin, end, seed)
        loops.append(
            served.open_loop(model.name, offsets, scenario.deadline_ms, judge_only=judge_only)
        )
    return loops


def _mean_goodput(scenario: SpikeScenario, loops: list[OpenLoop]) -> tuple[Values, Values]:
    """Windows laid over each other: single ones hold too few answers to tell."""
    valid = [loop for loop in loops if loop.invalid is None] or loops
    found = [loop.record.goodput_by_window(scenario.window_ms / 1e3) for loop in valid]
    length = min(len(starts) for starts, _ in found)
    mean: Values = np.mean([goodput[:length] for _, goodput in found], axis=0)
    return found[0][0][:length], mean


def _before(scenario: SpikeScenario, starts: Values, goodput: Values) -> float:
    window_s = scenario.window_ms / 1e3
    settled = starts >= SETTLED * scenario.begin_s
    return float(np.mean(goodput[settled & (starts + window_s <= scenario.begin_s)]))
