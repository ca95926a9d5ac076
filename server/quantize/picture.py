"""The figures as a picture. The only module here that needs matplotlib."""

import io
import math

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from server.making.figures import plain
from server.quantize.result import Result

_KEPT, _OTHER, _REFUSED = "tab:green", "tab:blue", "tab:gray"


def picture(result: Result) -> bytes:
    """An SVG: rows/s of every measured candidate per batch size, and every candidate's error."""
    drawn = Figure(figsize=(9, 2 + 0.35 * len(result.trials) * (1 + bool(result.timings))))
    drawn.set_layout_engine("constrained")
    if result.timings:
        speed, error = drawn.subplots(2, 1)
        _speed(speed, result)
    else:
        error = drawn.subplots()
    _error(error, result)
    drawn.suptitle(result.title)
    written = io.BytesIO()
    drawn.savefig(written, format="svg")
    return written.getvalue()


def _speed(axes: Axes, result: Result) -> None:
    thickness = 0.8 / len(result.sizes)
    for number, rows in enumerate(result.sizes):
        base = max(each[rows].rate for each in result.timings.values())
        for place, timings in enumerate(result.timings.values()):
            at = place + number * thickness
            bar = axes.barh(at, timings[rows].rate / base, thickness, color=f"C{number}")
            axes.bar_label(bar, [f"{timings[rows].rate:,.0f} (batch {rows})"], padding=3)
    middle = thickness * (len(result.sizes) - 1) / 2
    axes.set_yticks([place + middle for place in range(len(result.timings))], list(result.timings))
    axes.invert_yaxis()
    axes.set_xlim(0, 1.4)
    axes.set_xlabel("rows/s, drawn beside the fastest at the same batch size")


def _error(axes: Axes, result: Result) -> None:
    shown = [each for each in result.trials if each.quality and math.isfinite(each.quality.error)]
    for place, trial in enumerate(shown):
        assert trial.quality is not None
        kept = _KEPT if trial is result.choice.chosen else _OTHER
        bar = axes.barh(place, trial.quality.error, color=_REFUSED if trial.objection else kept)
        axes.bar_label(bar, [f"{plain(trial.quality.error)} %"], padding=3)
    axes.set_yticks(range(len(shown)), [each.candidate.title for each in shown])
    axes.invert_yaxis()
    axes.margins(x=0.15)
    axes.set_xlabel("output error against FP32, % (green: kept, gray: refused)")
