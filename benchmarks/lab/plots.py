"""The report's pictures. Every function writes one PNG and returns it with its caption."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib
import numpy as np
from numpy.typing import NDArray

from benchmarks.lab.section import Plot

matplotlib.use("Agg")  # no display

from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

Values = NDArray[np.float64]


def latency_curves(path: Path, title: str, curves: Mapping[str, tuple[Values, Values]]) -> Plot:
    """Share of requests that took longer, measured (solid) and ideal (dashed), in ms."""
    figure, axes = _picture(title, "latency, ms", "share of requests that took longer")
    for color, (name, (measured, ideal)) in enumerate(curves.items()):
        for values, style, what in ((measured, "-", "measured"), (ideal, "--", "ideal")):
            ordered = np.sort(values)
            longer = 1 - np.arange(1, len(ordered) + 1) / (len(ordered) + 1)
            axes.plot(ordered, longer, style, color=f"C{color}", label=f"{name} {what}")
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.axhline(0.01, color="grey", linewidth=0.5)
    return _save(figure, axes, path, f"{title}, measured and ideal; the grey line is p99")


def goodput_around_spike(
    path: Path,
    title: str,
    windows: Mapping[str, tuple[Values, Values]],
    spike_s: tuple[float, float],
    level: float,
) -> Plot:
    """Answers in time per second, by start of window (seconds, answers per second)."""
    figure, axes = _picture(title, "seconds", "answers in time per second")
    for name, (starts, goodput) in windows.items():
        axes.step(starts, goodput, where="post", label=name)
    axes.axvspan(*spike_s, color="C3", alpha=0.15, label="spike")
    axes.axhline(level, color="grey", linewidth=0.5)
    axes.set_ylim(bottom=0)
    return _save(figure, axes, path, f"{title}; the grey line is the level that counts as back")


def sweep(path: Path, title: str, points: Sequence[tuple[str, float, float]], chosen: str) -> Plot:
    """(setting, answers per second, p99 in ms) of every setting; `chosen` is marked."""
    figure, axes = _picture(title, "answers per second", "p99, ms")
    for name, rate, p99 in points:
        mine = name == chosen
        axes.plot(rate, p99, "*" if mine else "o", color="C3" if mine else "C0")
        axes.annotate(name, (rate, p99), fontsize=6, xytext=(3, 3), textcoords="offset points")
    axes.set_ylim(bottom=0)
    return _save(figure, axes, path, f"{title}; right and down is better", legend=False)


def _picture(title: str, x: str, y: str) -> tuple[Figure, Axes]:
    figure, axes = plt.subplots(figsize=(7, 4.2), layout="constrained")
    axes.set(title=title, xlabel=x, ylabel=y)
    axes.grid(alpha=0.3)
    return figure, axes


def _save(figure: Figure, axes: Axes, path: Path, caption: str, legend: bool = True) -> Plot:
    if legend:
        axes.legend(fontsize=8)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=130)
    plt.close(figure)
    return Plot(caption, path)
