"""GPM: what the parts of a GPU did between two readings. Hopper and newer."""

from collections.abc import Iterator
from typing import Any

from server.gpu.values import Value

_MIB = 1 << 20
# NVML's metric -> ours, its labels, and what one of NVML's units is in ours
_METRICS: dict[str, tuple[str, dict[str, str], float]] = {
    "SM_UTIL": ("skein_gpu_sm_utilization_ratio", {}, 0.01),
    "SM_OCCUPANCY": ("skein_gpu_sm_occupancy_ratio", {}, 0.01),
    "ANY_TENSOR_UTIL": ("skein_gpu_tensor_utilization_ratio", {"pipe": "any"}, 0.01),
    "HMMA_TENSOR_UTIL": ("skein_gpu_tensor_utilization_ratio", {"pipe": "half"}, 0.01),
    "IMMA_TENSOR_UTIL": ("skein_gpu_tensor_utilization_ratio", {"pipe": "integer"}, 0.01),
    "DRAM_BW_UTIL": ("skein_gpu_memory_bandwidth_utilization_ratio", {}, 0.01),
    "PCIE_TX_PER_SEC": ("skein_gpu_pcie_bytes_per_second", {"direction": "transmit"}, _MIB),
    "PCIE_RX_PER_SEC": ("skein_gpu_pcie_bytes_per_second", {"direction": "receive"}, _MIB),
}


class GpmSampler:
    """Owns the sample of the reading before, of one GPU; use by one thread."""

    def __init__(self) -> None:
        self._before: Any = None

    def read(self, nvml: Any, gpu: Any) -> list[Value]:
        """Averages since the call before; nothing at the first. Raises NVMLError."""
        if not nvml.nvmlGpmQueryDeviceSupport(gpu).isSupportedDevice:
            return []
        now = nvml.nvmlGpmSampleAlloc()
        try:
            nvml.nvmlGpmSampleGet(gpu, now)
            values = [] if self._before is None else list(_between(nvml, self._before, now))
        except nvml.NVMLError:
            nvml.nvmlGpmSampleFree(now)
            raise
        self.close(nvml)
        self._before = now
        return values

    def close(self, nvml: Any) -> None:
        """Frees the sample; before NVML is shut down. Raises NVMLError."""
        before, self._before = self._before, None
        if before is not None:
            nvml.nvmlGpmSampleFree(before)


def _between(nvml: Any, before: Any, now: Any) -> Iterator[Value]:
    asked = nvml.c_nvmlGpmMetricsGet_t()
    asked.version = nvml.NVML_GPM_METRICS_GET_VERSION
    asked.numMetrics = len(_METRICS)
    asked.sample1, asked.sample2 = before, now
    for index, name in enumerate(_METRICS):
        asked.metrics[index].metricId = getattr(nvml, f"NVML_GPM_METRIC_{name}")
    nvml.nvmlGpmMetricsGet(asked)
    for got, (metric, labels, unit) in zip(asked.metrics, _METRICS.values(), strict=False):
        if got.nvmlReturn == nvml.NVML_SUCCESS:
            yield Value(metric, labels, got.value * unit)
