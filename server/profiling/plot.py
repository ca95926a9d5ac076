"""The figures as a picture. The only module that needs matplotlib (the extra `plot`)."""

import io
from typing import Literal

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Picture

from server.profiling.report import Profile


def plot(profile: Profile, form: Literal["png", "svg"]) -> bytes:
    """Latency (median and p95) and rows/s of one slot over the batch size."""
    picture = Picture(figsize=(7, 7), layout="constrained")
    latency, throughput = picture.subplots(2, 1, sharex=True)
    rows = [figure.rows for figure in profile.figures]
    latency.plot(rows, [each.median_s * 1e3 for each in profile.figures], "o-", label="median")
    latency.plot(rows, [each.p95_s * 1e3 for each in profile.figures], "^--", label="p95")
    latency.set_ylabel("time of a batch, ms")
    latency.legend()
    throughput.plot(rows, [each.rows_per_s for each in profile.figures], "o-")
    throughput.set_ylabel("rows/s of one slot")
    throughput.set_xlabel("rows of a batch")
    for axes in (latency, throughput):
        _scale(axes, rows)
    picture.suptitle(profile.title)
    written = io.BytesIO()
    picture.savefig(written, format=form, dpi=150)
    return written.getvalue()


def _scale(axes: Axes, rows: list[int]) -> None:
    axes.set_xscale("log", base=2)
    powers = [each for each in rows if each & (each - 1) == 0 or each == rows[-1]]
    axes.set_xticks(powers, [str(each) for each in powers])
    axes.minorticks_off()
    axes.set_ylim(bottom=0)
    axes.grid(alpha=0.3)
