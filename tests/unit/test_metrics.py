"""The text of /metrics from recorded values."""

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import cast

from prometheus_client.parser import text_string_to_metric_families

from server.engine import ModelSnapshot
from server.gpu import GpuMetrics
from server.metrics import NativeSource, exporter
from server.scheduling_metrics import scheduling_metrics


@dataclass
class Values:
    """A histogram with its values."""

    values: list[int]

    @property
    def count(self) -> int:
        return len(self.values)

    @property
    def sum(self) -> int:
        return sum(self.values)

    def quantile(self, q: float) -> int:
        return sorted(self.values)[int(q * (len(self.values) - 1))]

    def count_up_to(self, bound: int) -> int:
        return bisect_right(sorted(self.values), bound)


@dataclass
class Duration:
    count: int
    ns: int


@dataclass
class Row:
    rows: int
    median_ns: int
    high_ns: int
    samples: int


@dataclass
class Snapshot:
    name: str = "digits"
    version: int = 3
    inference_count: int = 7
    execution_count: int = 2
    padded: bool = True
    input_elements: int = 640
    padding_elements: int = 160
    pending: int = 4
    failures: dict[str, int] = field(default_factory=lambda: {"REJECTED": 5, "OTHER": 0})
    success: Duration = field(default_factory=lambda: Duration(3, 9_000_000))
    queue: Duration = field(default_factory=lambda: Duration(3, 1_500_000))
    compute_input: Duration = field(default_factory=lambda: Duration(3, 1_000))
    compute_infer: Duration = field(default_factory=lambda: Duration(3, 6_000_000))
    compute_output: Duration = field(default_factory=lambda: Duration(3, 2_000))
    request_ns: Values = field(default_factory=lambda: Values([1_000_000, 2_000_000, 6_000_000]))
    queue_ns: Values = field(default_factory=lambda: Values([1000, 2000, 3000]))
    prepare_ns: Values = field(default_factory=lambda: Values([40_000, 2_000_000]))
    compute_ns: Values = field(default_factory=lambda: Values([3_000_000, 3_000_000]))
    batches: dict[int, tuple[Duration, Duration, Duration]] = field(
        default_factory=lambda: {rows: (Duration(1, 1),) * 3 for rows in (1, 8)}
    )
    queued: int = 2
    releases: dict[str, int] = field(default_factory=lambda: {"FULL": 1, "IDLE_SLOT": 1})
    refusals: dict[str, int] = field(default_factory=lambda: {"OVERLOAD": 6, "EXPIRED": 0})
    predicted: Duration = field(default_factory=lambda: Duration(2, 5_000_000))
    actual: Duration = field(default_factory=lambda: Duration(2, 6_000_000))
    predicted_percent: Values = field(default_factory=lambda: Values([100, 120]))
    latency: list[Row] = field(
        default_factory=lambda: [Row(1, 1_000_000, 2_000_000, 4), Row(8, 3_000_000, 4_000_000, 9)]
    )


@dataclass
class Stats:
    connections: int = 2
    connections_total: int = 9
    connections_refused: int = 0
    streams: int = 1
    calls_running: int = 1
    calls_total: int = 100
    inflight_bytes: int = 4096
    resets_received: int = 3
    dropped_requests: int = 0
    lost_records: int = 12


class Recorded:
    def models(self) -> list[Snapshot]:
        return [Snapshot()]

    def stats(self) -> Stats:
        return Stats()


def render() -> str:
    return exporter(cast(NativeSource, Recorded()), GpuMetrics(), list)().decode()


def samples(text: str) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    found = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels = {k: v for k, v in sample.labels.items() if k not in ("model", "version")}
            found[(sample.name, frozenset(labels.items()))] = sample.value
    return found


def value(name: str, **labels: str) -> float:
    return samples(render())[(name, frozenset(labels.items()))]


def test_tritons_counters_have_tritons_names() -> None:
    lines = render().splitlines()
    labels = '{model="digits",version="3"}'
    assert "# TYPE nv_inference_request_success counter" in lines
    assert f"nv_inference_request_success{labels} 3.0" in lines
    assert f"nv_inference_count{labels} 7.0" in lines
    assert f"nv_inference_exec_count{labels} 2.0" in lines
    assert f"nv_inference_pending_request_count{labels} 4.0" in lines
    assert not any(line.startswith("nv_") and "_total" in line for line in lines)


def test_failures_have_a_reason() -> None:
    labels = '{model="digits",reason="REJECTED",version="3"}'
    assert f"nv_inference_request_failure{labels} 5.0" in render().splitlines()


def test_tritons_durations_are_microseconds() -> None:
    lines = render().splitlines()
    labels = '{model="digits",version="3"}'
    assert f"nv_inference_request_duration_us{labels} 9000.0" in lines
    assert f"nv_inference_queue_duration_us{labels} 1500.0" in lines
    assert f"nv_inference_compute_input_duration_us{labels} 1.0" in lines
    assert f"nv_inference_compute_infer_duration_us{labels} 6000.0" in lines
    assert f"nv_inference_compute_output_duration_us{labels} 2.0" in lines


def test_histograms_are_cumulative_and_in_seconds() -> None:
    name = "skein_request_duration_seconds"
    assert value(f"{name}_bucket", le="0.0005") == 0
    assert value(f"{name}_bucket", le="0.001") == 1
    assert value(f"{name}_bucket", le="0.0025") == 2
    assert value(f"{name}_bucket", le="0.01") == 3
    assert value(f"{name}_bucket", le="+Inf") == value(f"{name}_count") == 3
    assert abs(value(f"{name}_sum") - 0.009) < 1e-12


def test_batch_sizes_are_counted_in_rows() -> None:
    assert value("skein_batch_size_bucket", le="4.0") == 1
    assert value("skein_batch_size_bucket", le="8.0") == 2
    assert value("skein_batch_size_sum") == 9


def test_padding_is_shown_for_models_that_have_it() -> None:
    class Mixed(Recorded):
        def models(self) -> list[Snapshot]:
            return [Snapshot(), Snapshot(name="exact", padded=False)]

    lines = exporter(cast(NativeSource, Mixed()), GpuMetrics(), list)().decode().splitlines()
    labels = '{model="digits",version="3"}'
    assert [line for line in lines if "_elements_total{" in line] == [
        f"skein_input_elements_total{labels} 640.0",
        f"skein_padding_elements_total{labels} 160.0",
    ]


def test_percentiles_are_gauges() -> None:
    name = "skein_request_duration_quantile_seconds"
    assert value(name, quantile="0.5") == 0.002
    for quantile in ("0.9", "0.95", "0.99", "0.999"):
        assert value(name, quantile=quantile) == 0.002


def test_scheduling_is_shown_by_reason() -> None:
    assert value("skein_batch_release_total", reason="FULL") == 1
    assert value("skein_refused_requests_total", reason="OVERLOAD") == 6
    assert value("skein_refused_requests_total", reason="EXPIRED") == 0
    assert value("skein_queue_depth") == 2


def test_predictions_are_held_against_what_happened() -> None:
    assert value("skein_batch_predicted_seconds_total") == 0.005
    assert value("skein_batch_actual_seconds_total") == 0.006
    assert value("skein_batch_actual_to_predicted_ratio", quantile="0.5") == 1.0
    assert value("skein_batch_latency_seconds", rows="1", quantile="0.5") == 0.001
    assert value("skein_batch_latency_seconds", rows="8", quantile="0.95") == 0.004


def test_without_predictions_there_is_no_ratio() -> None:
    snapshot = Snapshot(predicted_percent=Values([]))
    metrics = scheduling_metrics([({}, cast(ModelSnapshot, snapshot))])
    (ratio,) = (each for each in metrics if each.name == "skein_batch_actual_to_predicted_ratio")
    assert ratio.samples == []


def test_transport_is_shown() -> None:
    assert value("skein_transport_connections") == 2
    assert value("skein_transport_connections_total") == 9
    assert value("skein_transport_inflight_bytes") == 4096
    assert value("skein_transport_dropped_requests_total") == 0


def test_what_the_request_log_lost_is_counted() -> None:
    assert value("skein_request_log_lost_total") == 12


def test_without_a_gpu_there_are_no_gpu_metrics() -> None:
    assert "nv_gpu" not in render()
