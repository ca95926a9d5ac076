"""The report for people."""

import math
from collections.abc import Iterator

from server.making.figures import plain
from server.making.text import table
from server.quantize.result import Result
from server.quantize.trial import Trial
from server.truth.text import render

_WORST_LAYERS = 10


def as_markdown(result: Result) -> str:
    """The decision, then what it rests on."""
    return "\n".join([*_decision(result), *_candidates(result), *_speed(result), *_rest(result)])


def _decision(result: Result) -> Iterator[str]:
    yield f"# {result.title}"
    yield ""
    for reason in (*result.choice.reasons, *result.notes):
        yield f"- {reason}"
    yield ""
    if result.timings:
        yield f"Decided at batches of {result.choice.batch}; rounds are compared one by one."
        yield ""


def _candidates(result: Result) -> Iterator[str]:
    yield "## Accuracy"
    yield ""
    if result.labelled:
        yield f"Top-1 may fall by {result.limits.drop:g} points below FP32's."
    else:
        yield f"Without labels: outputs may differ from FP32's by {result.limits.error:g} %."
    yield ""
    yield from accuracy_table(result)
    yield ""


def accuracy_table(result: Result) -> Iterator[str]:
    headings = ("candidate", "top-1 %", "drop", "same class %", "output error %", "verdict")
    yield from table(headings, [_accuracy_row(each) for each in result.trials])


def _accuracy_row(trial: Trial) -> tuple[str, ...]:
    quality = trial.quality
    figures = ("", "", "", "")
    if quality is not None:
        figures = (
            _number(quality.top1, ".2f"),
            _number(quality.drop, "+.2f"),
            _number(quality.agreement, ".2f"),
            "not comparable" if math.isinf(quality.error) else plain(quality.error),
        )
    return (trial.candidate.title, *figures, trial.objection or "accurate")


def _speed(result: Result) -> Iterator[str]:
    yield "## Speed"
    yield ""
    if not result.timings:
        yield "Not measured: no GPU here. Nothing is known about whether this pays."
        yield ""
        return
    slots = result.provenance["machine"]["cores"]
    yield f"Rows/s of all slots together (CPU: {slots} of one thread each) and the median of a run."
    yield ""
    yield from speed_table(result)
    yield ""


def speed_table(result: Result) -> Iterator[str]:
    headings = [f"{kind}, {rows} rows" for rows in result.sizes for kind in ("rows/s", "p50 ms")]
    yield from table(("candidate", *headings), _speed_rows(result))


def _speed_rows(result: Result) -> list[tuple[str, ...]]:
    return [
        (
            title,
            *(
                text
                for rows in result.sizes
                for text in (f"{timings[rows].rate:,.0f}", plain(timings[rows].p50_ms))
            ),
        )
        for title, timings in result.timings.items()
    ]


def _rest(result: Result) -> Iterator[str]:
    if result.truth is not None:
        yield "## What runs in INT8"
        yield ""
        yield "```"
        yield render(result.truth)
        yield "```"
        yield ""
    if result.losses:
        yield f"## Layers that lose most (the worst {_WORST_LAYERS} quantized alone)"
        yield ""
        worst = result.losses[:_WORST_LAYERS]
        rows = [(each.layer, plain(each.error), f"{each.signal_db:.1f}") for each in worst]
        yield from table(("layer", "output error %", "signal to noise dB"), rows)
        yield ""
    yield "## Made from"
    yield ""
    for key, value in result.provenance.items():
        pairs = value.items() if isinstance(value, dict) else [("", value)]
        told = ", ".join(f"{name} {each}".strip() for name, each in pairs)
        yield f"- {key.replace('_', ' ')}: {told}"
    yield ""


def _number(value: float | None, form: str) -> str:
    return "" if value is None else format(value, form)
