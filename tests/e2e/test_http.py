"""The HTTP port: health for orchestrators, /metrics for Prometheus."""

import http.client
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from tests.e2e.client import Client, infer_request
from tests.e2e.metrics import Metrics
from tests.e2e.repositories import triton_repository
from tests.server_process import ServerProcess

COUNTERS = (
    "nv_inference_request_success",
    "nv_inference_request_failure",
    "nv_inference_count",
    "nv_inference_exec_count",
    "nv_inference_request_duration_us",
    "nv_inference_queue_duration_us",
    "nv_inference_compute_input_duration_us",
    "nv_inference_compute_infer_duration_us",
    "nv_inference_compute_output_duration_us",
)
SIZES = (1, 1, 2, 5, 64)


def fetch(server: ServerProcess, path: str, method: str = "GET") -> tuple[int, str, str]:
    """Status, content type and text."""
    connection = http.client.HTTPConnection(server.http, timeout=60)
    connection.request(method, path)
    reply = connection.getresponse()
    text = reply.read().decode()
    connection.close()
    return reply.status, reply.headers["Content-Type"], text


@pytest.fixture
def used(start_server: Callable[..., ServerProcess], tmp_path: Path) -> Iterator[ServerProcess]:
    """A server that has answered SIZES requests of mlp, and refused one."""
    server = start_server(triton_repository(tmp_path))
    with Client(server.grpc) as client:
        for rows in SIZES:
            client.infer("mlp", {"INPUT0": np.ones((rows, 64), np.float32)})
        client.refusal(infer_request("mlp", {"INPUT0": np.ones((65, 64), np.float32)}))
    yield server


def test_health(zoo_server: ServerProcess) -> None:
    assert fetch(zoo_server, "/v2/health/live")[0] == 200
    assert fetch(zoo_server, "/v2/health/ready")[0] == 200
    assert fetch(zoo_server, "/v2/health/live", "HEAD")[::2] == (200, "")


def test_other_paths_and_methods(zoo_server: ServerProcess) -> None:
    status, _, text = fetch(zoo_server, "/")
    assert status == 404
    assert "/metrics" in text
    assert fetch(zoo_server, "/metrics", "POST")[0] == 405
    assert fetch(zoo_server, "/../../etc/passwd")[0] == 404


def test_metrics_have_tritons_exact_names(used: ServerProcess) -> None:
    status, content_type, text = fetch(used, "/metrics")
    assert status == 200
    assert content_type.startswith("text/plain; version=0.0.4")
    for name in COUNTERS:
        assert f"# TYPE {name} counter\n" in text
        assert f'\n{name}{{model="mlp",' in text


def test_metrics_are_true_counts(used: ServerProcess) -> None:
    metrics = Metrics.scrape(used.http)
    mlp = {"model": "mlp", "version": "1"}
    assert metrics.value("nv_inference_request_success", **mlp) == len(SIZES)
    assert metrics.value("nv_inference_count", **mlp) == sum(SIZES)
    assert metrics.value("nv_inference_exec_count", **mlp) == len(SIZES)
    assert sum(metrics.values("nv_inference_request_failure", **mlp)) == 1
    assert metrics.value("nv_inference_request_duration_us", **mlp) > 0
    assert metrics.value("nv_inference_count", model="identity", version="1") == 0
    assert metrics.value("skein_transport_dropped_requests_total") == 0


@pytest.mark.parametrize("kind", ["request", "queue", "compute"])
def test_histograms_of_time(used: ServerProcess, kind: str) -> None:
    metrics = Metrics.scrape(used.http)
    name = f"skein_{kind}_duration_seconds"
    mlp = {"model": "mlp", "version": "1"}
    buckets = metrics.values(f"{name}_bucket", **mlp)
    assert buckets == sorted(buckets)
    assert metrics.value(f"{name}_bucket", le="+Inf", **mlp) == len(SIZES)
    assert metrics.value(f"{name}_count", **mlp) == len(SIZES)
    assert 0 < metrics.value(f"{name}_sum", **mlp) < 60
    quantiles = [
        metrics.value(f"skein_{kind}_duration_quantile_seconds", quantile=quantile, **mlp)
        for quantile in ("0.5", "0.9", "0.95", "0.99", "0.999")
    ]
    assert quantiles == sorted(quantiles)


def test_the_histogram_of_batch_sizes(used: ServerProcess) -> None:
    metrics = Metrics.scrape(used.http)
    up_to = {
        bound: metrics.value("skein_batch_size_bucket", model="mlp", le=f"{bound}.0")
        for bound in (1, 2, 4, 8, 32, 64)
    }
    assert up_to == {1: 2, 2: 3, 4: 3, 8: 4, 32: 4, 64: 5}
    assert metrics.value("skein_batch_size_sum", model="mlp") == sum(SIZES)


def test_scrapes_agree_while_requests_run(triton_server: ServerProcess) -> None:
    """Counters never go back, and no request is counted that was not sent."""

    def drive(_: int) -> None:
        with Client(triton_server.grpc) as client:
            for _ in range(100):
                client.infer("identity", {"INPUT0": np.ones((1, 16), np.float32)})

    def successes() -> float:
        return Metrics.scrape(triton_server.http).value(
            "nv_inference_request_success", model="identity"
        )

    before = successes()
    with ThreadPoolExecutor(4) as pool:
        running = [pool.submit(drive, i) for i in range(4)]
        seen = [before]
        while not all(each.done() for each in running):
            seen.append(successes())
        for each in running:
            each.result()
    assert seen == sorted(seen)
    assert successes() == before + 400
