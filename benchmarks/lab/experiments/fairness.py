"""A light model's tail while a heavy one is flooded on the same cores."""

import numpy as np

from benchmarks.figures import Figure, at_most
from benchmarks.lab.scenario import FairnessScenario
from benchmarks.lab.section import Lab, Section
from benchmarks.lab.served import CONNECTIONS, OpenLoop, Served, medians, serving
from benchmarks.load import Load, arrivals, start


def experiment(scenario: FairnessScenario, name: str, lab: Lab) -> Section:
    section = Section(name, scenario.about)
    with serving(scenario.models, lab, scenario.warmup_s) as served:
        batch_ms = _heavy_batch_ms(scenario, served)
        alone, flooded = [], []
        for seed in range(1, scenario.rounds + 1):
            lab.progress(f"round {seed} of {scenario.rounds}")
            alone.append(_light(scenario, served, seed))
            flooded.append(_flooded(scenario, served, seed))
    _report(scenario, section, alone, flooded, batch_ms)
    return section


def _heavy_batch_ms(scenario: FairnessScenario, served: Served) -> float:
    heavy = scenario.models[1]
    times = served.bare_runs(heavy, scenario.seconds / 2)
    return float(np.median(times[max(times)])) / 1e6


def _light(scenario: FairnessScenario, served: Served, seed: int) -> OpenLoop:
    seconds = scenario.warmup_s + scenario.seconds
    return served.open_loop(scenario.models[0].name, arrivals.poisson(scenario.rate, seconds, seed))


def _flooded(scenario: FairnessScenario, served: Served, seed: int) -> OpenLoop:
    """The same while so many calls of the heavy model are always in flight."""
    load = Load(
        target=served.server.target,
        bodies=served.bodies[scenario.models[1].name],
        connections=CONNECTIONS,
        streams=max(1, scenario.in_flight // CONNECTIONS),
        # Longer than the light load even if that has to be repeated; then it is ended.
        duration_s=4 * (scenario.warmup_s + scenario.seconds) + 10,
        warmup_s=0,
    )
    flood = start(load, served.lab.build)
    try:
        return _light(scenario, served, seed)
    finally:
        flood.terminate()
        flood.communicate()


def _report(
    scenario: FairnessScenario,
    section: Section,
    alone: list[OpenLoop],
    flooded: list[OpenLoop],
    batch_ms: float,
) -> None:
    tails = [
        tuple(loop.record.accepted_latency_us(0.99) / 1e3 for loop in pair)
        for pair in zip(alone, flooded, strict=True)
    ]
    excess = medians([(with_ - batch_ms) / without for without, with_ in tails])
    section.judge("alone", (loop.invalid for loop in alone))
    section.judge("flooded", (loop.invalid for loop in flooded))
    target, valid = at_most(scenario.most), section.invalid_loops == 0
    section.figures += [
        Figure(section.name, "(p99 flooded - heavy batch) / p99 alone", excess, "", target, valid),
        Figure(section.name, "p99 alone", medians([without for without, _ in tails]), "ms"),
        Figure(section.name, "p99 flooded", medians([with_ for _, with_ in tails]), "ms"),
        Figure(section.name, "batch of the heavy model, bare", batch_ms, "ms"),
    ]
