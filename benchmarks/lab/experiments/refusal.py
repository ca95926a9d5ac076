"""What turning a request away at admission costs the server, in echoes of the same request."""

from benchmarks.echo import Echo
from benchmarks.figures import Figure, at_most
from benchmarks.lab.model import Model
from benchmarks.lab.scenario import RefusalScenario
from benchmarks.lab.section import Lab, Section
from benchmarks.lab.served import CONNECTIONS, Served, medians, serving
from benchmarks.load import Load, LoadResult, run

FEW = 0.001  # of the requests may reach a run: the rest were refused


def experiment(scenario: RefusalScenario, name: str, lab: Lab) -> Section:
    section = Section(name, scenario.about)
    with (
        serving(scenario.models, lab, scenario.warmup_s) as served,
        Echo(lab.build, lab.pinning.server) as echo,
    ):
        for model in scenario.models:
            _one_model(scenario, model, served, echo, section)
    return section


def _one_model(
    scenario: RefusalScenario, model: Model, served: Served, echo: Echo, section: Section
) -> None:
    served.closed_loop(model.name, CONNECTIONS, scenario.seconds).require_ok()  # teaches run times
    refusals, echoes, run_share = [], [], []
    for number in range(1, scenario.rounds + 1):
        served.lab.progress(f"{model.name}: round {number} of {scenario.rounds}")
        before = served.executions(model.name)
        streams = scenario.streams * CONNECTIONS
        refused = served.closed_loop(model.name, streams, scenario.seconds, scenario.deadline_ms)
        runs = served.executions(model.name) - before
        run_share.append(runs / max(1, refused.raw["sent_total"]))
        refusals.append(refused.server_cpu_us)
        echoes.append(_echoed(scenario, model, served, echo).server_cpu_us)
    ratio = medians([ours / theirs for ours, theirs in zip(refusals, echoes, strict=True)])
    refused_all = max(run_share) <= FEW
    if not refused_all:
        section.notes.append(
            f"{model.name}: {max(run_share):.1%} of the requests were run instead of refused"
        )
    group = f"{section.name}: {model.name}"
    section.figures += [
        Figure(group, "refusal / echo, CPU", ratio, "", at_most(scenario.most), valid=refused_all),
        Figure(group, "server CPU per refusal", medians(refusals), "us"),
        Figure(group, "echo CPU per request", medians(echoes), "us"),
    ]


def _echoed(scenario: RefusalScenario, model: Model, served: Served, echo: Echo) -> LoadResult:
    load = Load(
        target=echo.target,
        bodies=served.bodies[model.name],
        connections=CONNECTIONS,
        streams=scenario.streams,
        duration_s=scenario.seconds,
        warmup_s=scenario.warmup_s,
        deadline_ms=scenario.deadline_ms,
        server_pid=echo.pid,
    )
    return run(load, served.lab.build).require_ok()
