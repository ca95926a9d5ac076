"""What the scheduler did and why, as Prometheus metrics: releases, refusals, predictions."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from prometheus_client.core import Metric

if TYPE_CHECKING:
    from server.engine import ModelSnapshot

    Versions = Sequence[tuple[dict[str, str], ModelSnapshot]]

_RATIO_QUANTILES = (0.5, 0.95, 0.99)


def scheduling_metrics(versions: "Versions") -> Iterator[Metric]:
    """`versions`: labels and snapshot of each."""
    yield _by_reason(
        versions, "skein_batch_release_total", "Batches by why they left the queue", "releases"
    )
    yield _by_reason(
        versions,
        "skein_refused_requests_total",
        "Requests that the scheduler did not run, by reason",
        "refusals",
    )
    depth = Metric("skein_queue_depth", "Requests waiting in the queue", "gauge")
    for labels, snapshot in versions:
        depth.add_sample(depth.name, labels, snapshot.queued)
    yield depth
    yield from _predictions(versions)
    yield _latency(versions)


def _by_reason(versions: "Versions", name: str, text: str, attribute: str) -> Metric:
    metric = Metric(name.removesuffix("_total"), text, "counter")
    for labels, snapshot in versions:
        for reason, count in getattr(snapshot, attribute).items():
            metric.add_sample(name, labels | {"reason": reason}, count)
    return metric


def _predictions(versions: "Versions") -> Iterator[Metric]:
    """Of the batches whose time could be predicted."""
    for attribute, text in (
        ("predicted", "Predicted time of batches, summed"),
        ("actual", "Actual time of the batches that were predicted, summed"),
    ):
        name = f"skein_batch_{attribute}_seconds"
        total = Metric(name, text, "counter", "seconds")
        for labels, snapshot in versions:
            total.add_sample(f"{name}_total", labels, getattr(snapshot, attribute).ns / 1e9)
        yield total
    ratio = Metric(
        "skein_batch_actual_to_predicted_ratio",
        "Actual time of a batch divided by the predicted: quantiles since the version was loaded",
        "gauge",
    )
    for labels, snapshot in versions:
        percent = snapshot.predicted_percent
        for quantile in _RATIO_QUANTILES if percent.count else ():
            at = labels | {"quantile": str(quantile)}
            ratio.add_sample(ratio.name, at, percent.quantile(quantile) / 100)
    yield ratio


def _latency(versions: "Versions") -> Metric:
    latency = Metric(
        "skein_batch_latency_seconds",
        "Time of a batch of up to so many rows, as the scheduler has learnt it from the latest",
        "gauge",
        "seconds",
    )
    for labels, snapshot in versions:
        for row in snapshot.latency:
            at = labels | {"rows": str(row.rows)}
            latency.add_sample(latency.name, at | {"quantile": "0.5"}, row.median_ns / 1e9)
            latency.add_sample(latency.name, at | {"quantile": "0.95"}, row.high_ns / 1e9)
    return latency
