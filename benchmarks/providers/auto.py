"""Whether `auto` serves as well as the best provider that a sweep by hand finds, and how much of
that provider's own speed is left."""

from collections.abc import Iterator
from statistics import median

from benchmarks.figures import Figure, at_least
from benchmarks.providers.kinds import Kind
from benchmarks.providers.scale import Scale
from benchmarks.providers.served import Rates, Variant, serving
from server.examine.examination import Examination
from server.examine.subject import Subject

SWEEP = ("cpu", "openvino")
LONG_RUN_MS = 5.0  # of a full batch: from here on the server must cost next to nothing
SLOTS = 2


def figures(scale: Scale) -> Iterator[Figure]:
    """One kind after the other, each with a server of its own."""
    for kind in scale.kinds:
        yield from _kind(kind, scale)


def _kind(kind: Kind, scale: Scale) -> Iterator[Figure]:
    variants = [Variant(kind, provider, provider) for provider in SWEEP]
    chosen = Variant(kind, "auto", "auto")
    with serving([*variants, chosen], scale.build, scale.pinning) as served:
        provider = served.settled([*variants, chosen])["auto"]
        seconds = scale.seconds * kind.patience
        rates = served.rates([*variants, chosen], seconds, scale.rounds)
    scenario = f"{kind.name}: auto took {provider}"
    best = max(SWEEP, key=lambda each: rates[each].rows_per_s)
    for label in (*SWEEP, "auto"):
        yield Figure(scenario, f"rows served, {label}", rates[label].rows_per_s, "/s")
        yield Figure(scenario, f"server CPU per row, {label}", rates[label].cpu_us, "us")
    ratio = rates["auto"].over(rates[best])
    yield Figure(scenario, f"auto / best of the sweep ({best})", ratio, "", at_least(0.95))
    yield from _bare(kind, provider, scenario, rates["auto"], scale)


def _bare(kind: Kind, provider: str, scenario: str, rate: Rates, scale: Scale) -> Iterator[Figure]:
    """The provider's loop alone, with as many slots and the batches that were served."""
    path = scale.folder / f"{kind.name}.onnx"
    path.write_bytes(kind.graph().SerializeToString())
    dims = {name: dims for name, (_, dims) in kind.sample.items()}
    rows = max(1, round(rate.batch))
    with Examination(Subject(str(path), provider, slots=SLOTS, dims=dims)) as examination:
        runs = examination.time(rows, scale.seconds * scale.rounds)
    run_ms = median(runs) / 1e6
    bare = SLOTS * rows / (sum(runs) / len(runs) / 1e9)
    target = at_least(0.97) if run_ms >= LONG_RUN_MS else None
    yield Figure(scenario, f"bare run, batch of {rows}", run_ms, "ms")
    yield Figure(scenario, "served / bare loop", rate.rows_per_s / bare, "", target)
