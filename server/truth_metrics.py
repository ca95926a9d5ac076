"""The truth reports of what is served, as metrics."""

from collections.abc import Iterable, Iterator

from prometheus_client.core import Metric

from server.registry import Entry
from server.truth.report import TruthReport

Labels = dict[str, str]


def truth_metrics(entries: Iterable[Entry]) -> Iterator[Metric]:
    """Of the entries that have a report; what is unknown has no sample."""
    reports = [
        ({"model": entry.model, "version": str(entry.version)}, entry.truth)
        for entry in entries
        if entry.truth is not None
    ]
    yield from _by_row(reports)
    yield from _by_version(reports)


def _by_row(reports: Iterable[tuple[Labels, TruthReport]]) -> Iterator[Metric]:
    nodes = Metric("skein_model_nodes", "Kernels of one run, by provider and precision", "gauge")
    shares = Metric(
        "skein_model_arithmetic_share",
        "Share of the multiply-accumulates, by provider and precision, 0.0 to 1.0",
        "gauge",
    )
    for labels, report in reports:
        for row in report.rows:
            at = labels | {"provider": row.provider, "precision": row.precision}
            nodes.add_sample(nodes.name, at, row.nodes)
            if row.arithmetic is not None:
                shares.add_sample(shares.name, at, row.arithmetic)
    yield from (nodes, shares)


def _by_version(reports: Iterable[tuple[Labels, TruthReport]]) -> Iterator[Metric]:
    int8 = Metric(
        "skein_model_int8_share", "Share of the arithmetic that runs in INT8, 0.0 to 1.0", "gauge"
    )
    unfused = Metric(
        "skein_model_unfused_quantized_nodes",
        "Convolutions and matrix products that are quantized in the file and run in float",
        "gauge",
    )
    for labels, report in reports:
        unfused.add_sample(unfused.name, labels, len(report.unfused))
        if report.products and report.known:
            int8.add_sample(int8.name, labels, report.int8_share)
    yield from (int8, unfused)
