"""Triton's nv_gpu_* metrics by NVML; nothing at all on a machine without an NVIDIA GPU."""

import logging
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

from prometheus_client.core import Metric

_log = logging.getLogger(__name__)

# name, kind, help, reader of (pynvml, handle)
_METRICS: tuple[tuple[str, str, str, Callable[[Any, Any], float]], ...] = (
    (
        "nv_gpu_utilization",
        "gauge",
        "GPU utilization, 0.0 to 1.0",
        lambda nvml, gpu: nvml.nvmlDeviceGetUtilizationRates(gpu).gpu / 100,
    ),
    (
        "nv_gpu_memory_total_bytes",
        "gauge",
        "GPU memory, in bytes",
        lambda nvml, gpu: nvml.nvmlDeviceGetMemoryInfo(gpu).total,
    ),
    (
        "nv_gpu_memory_used_bytes",
        "gauge",
        "GPU memory in use, in bytes",
        lambda nvml, gpu: nvml.nvmlDeviceGetMemoryInfo(gpu).used,
    ),
    (
        "nv_gpu_power_usage",
        "gauge",
        "GPU power, in watts",
        lambda nvml, gpu: nvml.nvmlDeviceGetPowerUsage(gpu) / 1000,
    ),
    (
        "nv_gpu_power_limit",
        "gauge",
        "GPU power limit, in watts",
        lambda nvml, gpu: nvml.nvmlDeviceGetEnforcedPowerLimit(gpu) / 1000,
    ),
    (
        "nv_energy_consumption",
        "counter",
        "GPU energy since the driver was loaded, in joules",
        lambda nvml, gpu: nvml.nvmlDeviceGetTotalEnergyConsumption(gpu) / 1000,
    ),
)


class GpuMetrics:
    """Reads every GPU that NVML shows; a value that cannot be read is left out."""

    def __init__(self, nvml: ModuleType | None) -> None:
        self._nvml = nvml

    @classmethod
    def detect(cls) -> "GpuMetrics":
        """Opens NVML if the driver is there."""
        try:
            import pynvml

            pynvml.nvmlInit()
        except Exception as error:  # nvidia-ml-py raises many kinds; none may stop the server
            _log.debug("no GPU metrics: %s", error)
            return cls(None)
        return cls(pynvml)

    def collect(self) -> Iterator[Metric]:
        """One metric per name, labelled gpu_uuid; empty without a GPU."""
        devices = self._devices()
        if not devices:
            return
        for name, kind, help_text, read in _METRICS:
            metric = Metric(name, help_text, kind)
            for uuid, handle in devices:
                try:
                    metric.add_sample(name, {"gpu_uuid": uuid}, read(self._nvml, handle))
                except Exception as error:  # a failing GPU must not break /metrics
                    _log.debug("%s of %s: %s", name, uuid, error)
            yield metric

    def _devices(self) -> list[tuple[str, Any]]:
        nvml = self._nvml
        if nvml is None:
            return []
        found = []
        try:
            for index in range(nvml.nvmlDeviceGetCount()):
                handle = nvml.nvmlDeviceGetHandleByIndex(index)
                found.append((nvml.nvmlDeviceGetUUID(handle), handle))
        except Exception as error:  # a failing GPU must not break /metrics
            _log.debug("GPUs cannot be listed: %s", error)
        return found
