"""Requests of many lengths: padded to share batches, against batches of exactly equal shapes."""

from benchmarks import counts
from benchmarks.figures import Figure, at_least
from benchmarks.lab.scenario import PaddingScenario
from benchmarks.lab.section import Lab, Section
from benchmarks.lab.served import medians, serving
from tests.e2e.metrics import Metrics


def experiment(scenario: PaddingScenario, name: str, lab: Lab) -> Section:
    section = Section(name, scenario.about)
    exact, padded = (model.name for model in scenario.models)
    rates: dict[str, list[float]] = {exact: [], padded: []}
    with serving(scenario.models, lab, scenario.warmup_s) as served:
        for number in range(1, scenario.rounds + 1):
            lab.progress(f"round {number} of {scenario.rounds}")
            for model, measured in rates.items():
                measured.append(served.capacity(model, scenario.in_flight, scenario.seconds))
        metrics = Metrics.scrape(served.server.http)
        counted = {model: counts.fetch(served.server.target, model) for model in rates}
    gain = medians(
        [ours / theirs for theirs, ours in zip(rates[exact], rates[padded], strict=True)]
    )
    waste = metrics.value("skein_padding_elements_total", model=padded) / metrics.value(
        "skein_input_elements_total", model=padded
    )
    section.figures += [
        Figure(name, "throughput padded / exact", gain, "", at_least(scenario.least)),
        Figure(name, "throughput padded", medians(rates[padded]), "/s"),
        Figure(name, "throughput exact", medians(rates[exact]), "/s"),
        *(Figure(name, f"mean batch {m}", c.rows / c.runs, "rows") for m, c in counted.items()),
        Figure(name, "padding in the input", waste * 100, "%"),
    ]
    return section
