"""Untouched defaults against every hand-tuned setting of a sweep."""

from collections.abc import Iterator
from itertools import product

from benchmarks.figures import Figure, at_least, at_most
from benchmarks.lab import plots
from benchmarks.lab.model import Model
from benchmarks.lab.scenario import TuningScenario
from benchmarks.lab.section import Lab, Section
from benchmarks.lab.served import Served, medians, serving

DEFAULT = "default"
Point = tuple[float, float]  # answers per second, p99 in ms


def settings(scenario: TuningScenario, model: Model) -> dict[str, Model]:
    """The model as it is, and one copy per setting, by what a plot calls it."""
    found = {DEFAULT: model}
    for preferred, delay_us in product(scenario.preferred, scenario.delays_us):
        batching = {
            "preferred_batch_size": [preferred],
            "max_queue_delay_microseconds": delay_us,
        }
        found[f"{preferred}, {delay_us} us"] = model.model_copy(
            update={
                "name": f"{model.name}_{preferred}_{delay_us}",
                "config": {**model.config, "dynamic_batching": batching},
            }
        )
    return found


def experiment(scenario: TuningScenario, name: str, lab: Lab) -> Section:
    section = Section(name, scenario.about)
    for model in scenario.models:
        _one_model(scenario, model, section, lab)
    return section


def _one_model(scenario: TuningScenario, model: Model, section: Section, lab: Lab) -> None:
    chosen = settings(scenario, model)
    with serving([*chosen.values()], lab, scenario.warmup_s) as served:
        swept: dict[str, Point] = {}
        for setting, tuned in chosen.items():
            lab.progress(f"{model.name}: {setting}")
            swept[setting] = _measure(scenario, tuned, served)
        best = max((s for s in chosen if s != DEFAULT), key=lambda setting: swept[setting][0])
        again = [
            (_measure(scenario, chosen[DEFAULT], served), _measure(scenario, chosen[best], served))
            for _ in range(scenario.rounds)
        ]
    section.figures += _figures(scenario, f"{section.name}: {model.name}", best, again)
    points = [(setting, *point) for setting, point in swept.items()]
    path = lab.plots / f"{section.name}-{model.name}.png"
    section.plots.append(plots.sweep(path, f"{model.name}: settings", points, DEFAULT))


def _measure(scenario: TuningScenario, model: Model, served: Served) -> Point:
    loop = served.closed_loop(model.name, scenario.in_flight, scenario.seconds).require_ok()
    return loop.ok_per_second, loop.latency_us("p99") / 1e3


def _figures(
    scenario: TuningScenario, group: str, best: str, again: list[tuple[Point, Point]]
) -> Iterator[Figure]:
    """The sweep's winner was lucky too: both are measured again, in turn."""
    rates = medians([ours[0] / theirs[0] for ours, theirs in again])
    tails = medians([ours[1] / theirs[1] for ours, theirs in again])
    yield Figure(group, f"throughput / best ({best})", rates, "", at_least(scenario.throughput))
    yield Figure(group, f"p99 / best ({best})", tails, "", at_most(scenario.p99))
    yield Figure(group, "throughput", medians([ours[0] for ours, _ in again]), "/s")
    yield Figure(group, "p99", medians([ours[1] for ours, _ in again]), "ms")
