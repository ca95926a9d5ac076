"""GPU metrics of a real server over a library that stands in for the driver's."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.gpu.utilization import watched
from tests import graphs
from tests.e2e.metrics import Metrics
from tests.fake_nvml.build import build
from tests.server_process import ServerProcess

UUID = {"gpu_uuid": "GPU-fake"}
GIB = float(1 << 30)
EXPECTED = [
    ("skein_gpu_up", {}, 1),
    ("nv_gpu_utilization", {}, 0.75),
    ("nv_gpu_memory_total_bytes", {}, 141 * GIB),
    ("nv_gpu_memory_used_bytes", {}, 21 * GIB),
    ("nv_gpu_power_usage", {}, 650),
    ("nv_gpu_power_limit", {}, 700),
    ("nv_energy_consumption", {}, 5),
    ("skein_gpu_memory_free_bytes", {}, 120 * GIB),
    ("skein_gpu_process_memory_bytes", {}, 3 * GIB),
    ("skein_gpu_memory_utilization_ratio", {}, 0.4),
    ("skein_gpu_temperature_celsius", {}, 61),
    ("skein_gpu_clock_hertz", {"clock": "sm"}, 1.755e9),
    ("skein_gpu_clock_max_hertz", {"clock": "sm"}, 1.98e9),
    ("skein_gpu_clock_hertz", {"clock": "memory"}, 3.201e9),
    ("skein_gpu_throttle", {"reason": "software_power_cap"}, 1),
    ("skein_gpu_throttle", {"reason": "hardware_thermal"}, 0),
    ("skein_gpu_ecc_errors_total", {"error": "uncorrected", "scope": "volatile"}, 10),
    ("skein_gpu_ecc_errors_total", {"error": "corrected", "scope": "aggregate"}, 1),
]
GPM = [
    ("skein_gpu_sm_utilization_ratio", {}, 0.02),
    ("skein_gpu_sm_occupancy_ratio", {}, 0.03),
    ("skein_gpu_tensor_utilization_ratio", {"pipe": "any"}, 0.05),
    ("skein_gpu_tensor_utilization_ratio", {"pipe": "half"}, 0.07),
    ("skein_gpu_tensor_utilization_ratio", {"pipe": "integer"}, 0.09),
    ("skein_gpu_memory_bandwidth_utilization_ratio", {}, 0.1),
    ("skein_gpu_pcie_bytes_per_second", {"direction": "transmit"}, 20 * (1 << 20)),
]


class FakeGpu:
    """A server whose driver says what `become` was told last."""

    def __init__(self, server: ServerProcess, state: Path) -> None:
        self.server = server
        self._state = state

    def become(self, state: str) -> None:
        new = self._state.with_suffix(".new")
        new.write_text(state)
        new.rename(self._state)

    def scrape(self) -> Metrics:
        return Metrics.scrape(self.server.http)

    def until(self, name: str, expected: list[float], **labels: str) -> Metrics:
        """The first scrape in which the metric has these values."""
        found: list[Metrics] = []

        def reached() -> bool:
            found.append(self.scrape())
            return found[-1].values(name, **labels) == expected

        self.server.wait_until(f"{name} is {expected}", reached)
        return found[-1]


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("nvml"))


@pytest.fixture
def gpu(
    library: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    start_server: Callable[..., ServerProcess],
) -> FakeGpu:
    state = tmp_path / "state"
    state.write_text("healthy")
    path = f"{library}:{os.environ.get('LD_LIBRARY_PATH', '')}"
    monkeypatch.setenv("LD_LIBRARY_PATH", path)
    monkeypatch.setenv("FAKE_NVML", str(state))
    graphs.write_model(tmp_path / "repository", "identity", graphs.identity())
    return FakeGpu(start_server(tmp_path / "repository"), state)


def test_a_healthy_gpu_shows_everything(gpu: FakeGpu) -> None:
    metrics = gpu.until("skein_gpu_up", [1.0])
    for name, labels, number in EXPECTED:
        assert metrics.value(name, **UUID, **labels) == pytest.approx(number), (name, labels)


def test_gpm_shows_averages_between_two_scrapes(gpu: FakeGpu) -> None:
    first = gpu.scrape()
    assert first.values("skein_gpu_sm_utilization_ratio") == []
    for _ in range(4):  # samples that were not freed would run out
        gpu.become("no_gpm")
        gpu.until("skein_gpu_sm_utilization_ratio", [])
        gpu.become("healthy")
        metrics = gpu.until("skein_gpu_sm_utilization_ratio", [0.02])
    for name, labels, number in GPM:
        assert metrics.value(name, **UUID, **labels) == pytest.approx(number), (name, labels)
    assert metrics.values("skein_gpu_pcie_bytes_per_second", direction="receive") == []


@pytest.mark.parametrize("state", ["lost", "unloaded", "hang"])
def test_a_gpu_that_is_gone_is_down_and_comes_back(gpu: FakeGpu, state: str) -> None:
    gpu.until("skein_gpu_sm_utilization_ratio", [0.02])
    gpu.become(state)
    gone = gpu.until("skein_gpu_up", [0.0])
    assert gone.values("nv_gpu_memory_used_bytes") == []
    assert gone.value("skein_transport_dropped_requests_total") == 0
    gpu.become("healthy")
    back = gpu.until("skein_gpu_up", [1.0])
    assert back.value("nv_gpu_memory_used_bytes", **UUID) == 21 * GIB
    gpu.until("skein_gpu_sm_utilization_ratio", [0.02])


def test_values_that_are_not_supported_are_left_out(gpu: FakeGpu) -> None:
    gpu.until("skein_gpu_up", [1.0])
    gpu.become("unsupported")
    gpu.until("nv_gpu_utilization", [])
    metrics = gpu.until("skein_gpu_up", [1.0])
    assert metrics.value("skein_gpu_up", **UUID) == 1
    assert metrics.value("nv_gpu_memory_used_bytes", **UUID) == 21 * GIB
    for name, labels, _ in (*EXPECTED, *GPM):
        if "memory_" not in name and name != "skein_gpu_up":
            assert metrics.values(name, **labels) == [], name


def test_the_gpu_suite_reads_utilization_while_it_loads_a_server(gpu: FakeGpu) -> None:
    with watched(gpu.server.http) as seen:
        gpu.server.wait_until("GPM was seen", lambda: len(list(seen.rows())) == 8)
    means = {f"{name}, {unit}": value for name, value, unit in seen.rows()}
    assert means["GPU busy, %"] == pytest.approx(75)
    assert means["of that INT8, %"] == pytest.approx(9)
    assert means["GPU memory of the server, GiB"] == pytest.approx(3)


def test_before_a_driver_is_there_nothing_is_shown(gpu: FakeGpu) -> None:
    gpu.become("unloaded")
    metrics = gpu.scrape()
    assert metrics.values("skein_gpu_up") == []
    assert metrics.values("nv_gpu_memory_total_bytes") == []
    gpu.become("healthy")
    gpu.until("skein_gpu_up", [1.0])
