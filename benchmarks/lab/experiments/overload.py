"""Twice what the server can do: what is answered in time, and what of the accepted is late."""

from dataclasses import dataclass

import numpy as np

from benchmarks.figures import Figure, at_least, at_most
from benchmarks.lab.model import Model
from benchmarks.lab.scenario import OverloadScenario
from benchmarks.lab.section import Lab, Section
from benchmarks.lab.served import OpenLoop, Served, medians, serving
from benchmarks.load import Record, arrivals
from benchmarks.load.record import OK, STATUSES

REFUSED = STATUSES.index("RESOURCE_EXHAUSTED")


def late_share(record: Record) -> float:
    """Of the requests that the server did not refuse, those without an answer in time."""
    accepted = record.measured[record.measured["status"] != REFUSED]
    if not len(accepted):
        return float("nan")
    return float(np.mean(~((accepted["status"] == OK) & accepted["in_time"])))


@dataclass(frozen=True)
class Round:
    """One round: capacity in answers per second, and the loop with and without sent deadlines."""

    capacity: float
    sent: OpenLoop
    ignored: OpenLoop


def experiment(scenario: OverloadScenario, name: str, lab: Lab) -> Section:
    section = Section(name, scenario.about)
    with serving(scenario.models, lab, scenario.warmup_s) as served:
        for model in scenario.models:
            rounds = []
            for seed in range(1, scenario.rounds + 1):
                lab.progress(f"{model.name}: round {seed} of {scenario.rounds}")
                rounds.append(_round(scenario, model, served, seed))
            _report(scenario, section, model, rounds)
    return section


def _round(scenario: OverloadScenario, model: Model, served: Served, seed: int) -> Round:
    capacity = served.capacity(model.name, scenario.in_flight, scenario.seconds / 2)
    seconds = scenario.warmup_s + scenario.seconds
    offsets = arrivals.poisson(scenario.factor * capacity, seconds, seed)
    sent = served.open_loop(model.name, offsets, scenario.deadline_ms)
    ignored = served.open_loop(model.name, offsets, scenario.deadline_ms, judge_only=True)
    return Round(capacity, sent, ignored)


def _report(
    scenario: OverloadScenario, section: Section, model: Model, rounds: list[Round]
) -> None:
    group = f"{section.name}: {model.name}"
    section.judge(model.name, (r.sent.invalid for r in rounds))
    section.judge(f"{model.name}, deadlines not sent", (r.ignored.invalid for r in rounds))
    valid = [r for r in rounds if r.sent.invalid is None]
    used = valid or rounds

    def goodput(loops: list[OpenLoop]) -> float:
        shares = (loop.record.goodput() for loop in loops)
        return medians([share / r.capacity for share, r in zip(shares, used, strict=True)])

    sent, ignored = [r.sent for r in used], [r.ignored for r in used]
    late = medians([late_share(loop.record) for loop in sent])
    kept, limit = at_least(scenario.goodput), at_most(scenario.late)
    section.figures += [
        Figure(group, "goodput / capacity", goodput(sent), "", kept, valid=bool(valid)),
        Figure(group, "late of accepted", late, "", limit, valid=bool(valid)),
        Figure(group, "goodput / capacity, deadlines not sent", goodput(ignored)),
        Figure(group, "capacity", medians([r.capacity for r in used]), "/s"),
        Figure(group, "p99 of accepted", _p99(sent), "ms"),
        Figure(group, "p99 of accepted, deadlines not sent", _p99(ignored), "ms"),
    ]


def _p99(loops: list[OpenLoop]) -> float:
    return medians([loop.record.accepted_latency_us(0.99) / 1e3 for loop in loops])
