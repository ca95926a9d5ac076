"""Prometheus text over one native snapshot: Triton's names, histograms and percentiles."""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Protocol

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from server.gpu import GpuMetrics
from server.registry import Entry
from server.scheduling_metrics import scheduling_metrics
from server.selection_metrics import selection_metrics
from server.truth_metrics import truth_metrics

if TYPE_CHECKING:
    from server.engine import HistogramSnapshot, ModelSnapshot, ServerStats

# Seconds; chosen so that a request of 100 us and one of 10 s both fall well inside.
DURATION_BOUNDS = (
    *(5e-5, 1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 1e-2, 2.5e-2, 5e-2),
    *(0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0),
)
BATCH_BOUNDS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)
QUANTILES = (0.5, 0.9, 0.95, 0.99, 0.999)

_TRITON_COUNTERS = {
    "nv_inference_request_success": "Number of successful inference requests",
    "nv_inference_count": "Number of inferences performed: a request of n rows counts n",
    "nv_inference_exec_count": "Number of model executions: a batch counts 1",
}
_TRITON_DURATIONS = {
    "request": "Cumulative end-to-end time of requests",
    "queue": "Cumulative time that requests waited for a slot",
    "compute_input": "Cumulative time of gathering inputs",
    "compute_infer": "Cumulative time of running the model",
    "compute_output": "Cumulative time of encoding outputs",
}
_HISTOGRAMS = {
    "request": ("request_ns", "Time from a request's arrival to its answer"),
    "queue": ("queue_ns", "Time that a request waited for a slot"),
    "prepare": ("prepare_ns", "Time of making a request's inputs from images, rows or text"),
    "compute": ("compute_ns", "Time of one run of the model"),
}


class NativeSource(Protocol):
    """What the engine offers to metrics."""

    def models(self) -> "list[ModelSnapshot]": ...
    def stats(self) -> "ServerStats": ...


def exporter(
    source: NativeSource, gpus: GpuMetrics, entries: Callable[[], list[Entry]]
) -> Callable[[], bytes]:
    """A function that renders the text of /metrics. `entries`: the versions that are served."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collected(lambda: model_metrics(source.models())))
    registry.register(_Collected(lambda: transport_metrics(source.stats())))
    registry.register(_Collected(lambda: request_log_metrics(source.stats())))
    registry.register(_Collected(lambda: selection_metrics(entries())))
    registry.register(_Collected(lambda: truth_metrics(entries())))
    registry.register(_Collected(gpus.collect))

    def render() -> bytes:
        return exact_names(generate_latest(registry))

    return render


def exact_names(text: bytes) -> bytes:
    """prometheus-client announces every counter as <name>_total; Triton's have no suffix."""
    return re.sub(rb"(?m)^(# (?:HELP|TYPE) nv_\w+)_total ", rb"\1 ", text)


class _Collected(Collector):
    def __init__(self, collect: Callable[[], Iterable[Metric]]) -> None:
        self._collect = collect

    def collect(self) -> Iterable[Metric]:
        return self._collect()


def model_metrics(snapshots: "Iterable[ModelSnapshot]") -> Iterator[Metric]:
    """Everything labelled by model and version."""
    versions = [
        ({"model": snapshot.name, "version": str(snapshot.version)}, snapshot)
        for snapshot in sorted(snapshots, key=lambda each: (each.name, each.version))
    ]
    yield from _triton_metrics(versions)
    for name, (attribute, help_text) in _HISTOGRAMS.items():
        full = f"skein_{name}_duration_seconds"
        histogram = Metric(full, help_text, "histogram", "seconds")
        quantiles = Metric(
            f"skein_{name}_duration_quantile_seconds",
            f"{help_text}: quantiles since the version was loaded",
            "gauge",
            "seconds",
        )
        for labels, snapshot in versions:
            values = getattr(snapshot, attribute)
            _add_histogram(histogram, labels, values, DURATION_BOUNDS)
            for quantile in QUANTILES:
                at = labels | {"quantile": str(quantile)}
                quantiles.add_sample(quantiles.name, at, values.quantile(quantile) / 1e9)
        yield histogram
        yield quantiles
    batches = Metric("skein_batch_size", "Rows of one run of the model", "histogram")
    for labels, snapshot in versions:
        runs = {rows: infer.count for rows, (_, infer, _) in snapshot.batches.items()}
        _add_batch_sizes(batches, labels, runs)
    yield batches
    yield from _padding_metrics(versions)
    yield from scheduling_metrics(versions)


def _triton_metrics(versions: "list[tuple[dict[str, str], ModelSnapshot]]") -> Iterator[Metric]:
    counters = {name: Metric(name, text, "counter") for name, text in _TRITON_COUNTERS.items()}
    failures = Metric(
        "nv_inference_request_failure", "Number of failed inference requests", "counter"
    )
    pending = Metric(
        "nv_inference_pending_request_count", "Number of requests waiting for a slot", "gauge"
    )
    durations = {
        part: Metric(f"nv_inference_{part}_duration_us", f"{text}, in microseconds", "counter")
        for part, text in _TRITON_DURATIONS.items()
    }
    for labels, snapshot in versions:
        values = (snapshot.success.count, snapshot.inference_count, snapshot.execution_count)
        for metric, value in zip(counters.values(), values, strict=True):
            metric.add_sample(metric.name, labels, value)
        for reason, count in snapshot.failures.items():
            failures.add_sample(failures.name, labels | {"reason": reason}, count)
        pending.add_sample(pending.name, labels, snapshot.pending)
        for part, metric in durations.items():
            nanoseconds = snapshot.success.ns if part == "request" else getattr(snapshot, part).ns
            metric.add_sample(metric.name, labels, nanoseconds // 1000)
    yield from (*counters.values(), failures, pending, *durations.values())


_PADDING = {
    "input_elements": "Elements run in padded inputs, padding included",
    "padding_elements": "Elements run that were padding: waste",
}


def _padding_metrics(versions: "list[tuple[dict[str, str], ModelSnapshot]]") -> Iterator[Metric]:
    """Of the models that have padding."""
    for attribute, help_text in _PADDING.items():
        metric = Metric(f"skein_{attribute}", help_text, "counter")
        for labels, snapshot in versions:
            if snapshot.padded:
                metric.add_sample(f"{metric.name}_total", labels, getattr(snapshot, attribute))
        yield metric


def _add_histogram(
    metric: Metric,
    labels: dict[str, str],
    values: "HistogramSnapshot",
    bounds: Iterable[float],
) -> None:
    """Cumulative buckets of nanoseconds. The native buckets are 1/16 wide: one that holds a
    bound counts above it."""
    for bound in bounds:
        at = labels | {"le": str(bound)}
        metric.add_sample(f"{metric.name}_bucket", at, values.count_up_to(round(bound * 1e9)))
    metric.add_sample(f"{metric.name}_bucket", labels | {"le": "+Inf"}, values.count)
    metric.add_sample(f"{metric.name}_count", labels, values.count)
    metric.add_sample(f"{metric.name}_sum", labels, values.sum / 1e9)


def _add_batch_sizes(metric: Metric, labels: dict[str, str], runs: dict[int, int]) -> None:
    """Cumulative buckets of `runs` (rows -> how many runs had as many), exact."""
    for bound in BATCH_BOUNDS:
        up_to = sum(count for rows, count in runs.items() if rows <= bound)
        metric.add_sample(f"{metric.name}_bucket", labels | {"le": str(float(bound))}, up_to)
    total = sum(runs.values())
    metric.add_sample(f"{metric.name}_bucket", labels | {"le": "+Inf"}, total)
    metric.add_sample(f"{metric.name}_count", labels, total)
    weighted = sum(rows * count for rows, count in runs.items())
    metric.add_sample(f"{metric.name}_sum", labels, weighted)


_TRANSPORT = (
    ("connections", "gauge", "Connections open now"),
    ("connections_total", "counter", "Connections accepted"),
    ("connections_refused", "counter", "Connections closed at once: over the limit"),
    ("streams", "gauge", "Calls open now, including those still being received"),
    ("calls_running", "gauge", "Calls that a handler has not answered yet"),
    ("calls_total", "counter", "Calls received in full"),
    ("inflight_bytes", "gauge", "Bytes of requests and unsent answers held now"),
    ("resets_received", "counter", "Calls that clients cancelled"),
    ("dropped_requests", "counter", "Requests destroyed unanswered: a bug if not zero"),
)


def transport_metrics(stats: "ServerStats") -> Iterator[Metric]:
    """The listening side; names start with skein_transport_."""
    for field, kind, help_text in _TRANSPORT:
        name = f"skein_transport_{field.removesuffix('_total')}"
        metric = Metric(name, help_text, kind)
        sample = f"{name}_total" if kind == "counter" else name
        metric.add_sample(sample, {}, getattr(stats, field))
        yield metric


def request_log_metrics(stats: "ServerStats") -> Iterator[Metric]:
    """What the request log misses."""
    name = "skein_request_log_lost"
    metric = Metric(name, "Slow or sampled requests not logged: too many at once", "counter")
    metric.add_sample(f"{name}_total", {}, stats.lost_records)
    yield metric
