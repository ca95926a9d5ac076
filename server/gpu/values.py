"""What is read of one GPU: a value is (metric, labels, number), in the units its name says."""

import os
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple


class Value(NamedTuple):
    """One sample of one GPU; the label gpu_uuid is added where it is shown."""

    metric: str
    labels: dict[str, str]
    number: float


def _utilization(nvml: Any, gpu: Any) -> Iterator[Value]:
    rates = nvml.nvmlDeviceGetUtilizationRates(gpu)
    yield Value("nv_gpu_utilization", {}, rates.gpu / 100)
    yield Value("skein_gpu_memory_utilization_ratio", {}, rates.memory / 100)


def _memory(nvml: Any, gpu: Any) -> Iterator[Value]:
    memory = nvml.nvmlDeviceGetMemoryInfo(gpu)
    yield Value("nv_gpu_memory_total_bytes", {}, memory.total)
    yield Value("nv_gpu_memory_used_bytes", {}, memory.used)
    yield Value("skein_gpu_memory_free_bytes", {}, memory.free)


def _process_memory(nvml: Any, gpu: Any) -> Iterator[Value]:
    """Left out where NVML knows this process by another number: in a container with process
    numbers of its own."""
    processes = nvml.nvmlDeviceGetComputeRunningProcesses(gpu)
    ours = [process.usedGpuMemory for process in processes if process.pid == os.getpid()]
    if ours and None not in ours:
        yield Value("skein_gpu_process_memory_bytes", {}, sum(ours))


def _power(nvml: Any, gpu: Any) -> Iterator[Value]:
    yield Value("nv_gpu_power_usage", {}, nvml.nvmlDeviceGetPowerUsage(gpu) / 1000)


def _power_limit(nvml: Any, gpu: Any) -> Iterator[Value]:
    yield Value("nv_gpu_power_limit", {}, nvml.nvmlDeviceGetEnforcedPowerLimit(gpu) / 1000)


def _energy(nvml: Any, gpu: Any) -> Iterator[Value]:
    yield Value("nv_energy_consumption", {}, nvml.nvmlDeviceGetTotalEnergyConsumption(gpu) / 1000)


def _temperature(nvml: Any, gpu: Any) -> Iterator[Value]:
    degrees = nvml.nvmlDeviceGetTemperature(gpu, nvml.NVML_TEMPERATURE_GPU)
    yield Value("skein_gpu_temperature_celsius", {}, degrees)


def _clocks(nvml: Any, gpu: Any) -> Iterator[Value]:
    for clock, kind in (("sm", nvml.NVML_CLOCK_SM), ("memory", nvml.NVML_CLOCK_MEM)):
        labels = {"clock": clock}
        now = nvml.nvmlDeviceGetClockInfo(gpu, kind)
        yield Value("skein_gpu_clock_hertz", labels, now * 1e6)
        most = nvml.nvmlDeviceGetMaxClockInfo(gpu, kind)
        yield Value("skein_gpu_clock_max_hertz", labels, most * 1e6)


_REASONS = {
    "gpu_idle": "GpuIdle",
    "applications_clocks": "ApplicationsClocksSetting",
    "software_power_cap": "SwPowerCap",
    "hardware_slowdown": "HwSlowdown",
    "sync_boost": "SyncBoost",
    "software_thermal": "SwThermalSlowdown",
    "hardware_thermal": "HwThermalSlowdown",
    "power_brake": "HwPowerBrakeSlowdown",
    "display_clock": "DisplayClockSetting",
}


def _throttle(nvml: Any, gpu: Any) -> Iterator[Value]:
    active = nvml.nvmlDeviceGetCurrentClocksEventReasons(gpu)
    for reason, name in _REASONS.items():
        bit = getattr(nvml, f"nvmlClocksEventReason{name}")
        yield Value("skein_gpu_throttle", {"reason": reason}, float(bool(active & bit)))


def _ecc(nvml: Any, gpu: Any) -> Iterator[Value]:
    for error in ("corrected", "uncorrected"):
        for scope in ("volatile", "aggregate"):
            kind = getattr(nvml, f"NVML_MEMORY_ERROR_TYPE_{error.upper()}")
            counter = getattr(nvml, f"NVML_{scope.upper()}_ECC")
            count = nvml.nvmlDeviceGetTotalEccErrors(gpu, kind, counter)
            yield Value("skein_gpu_ecc_errors", {"error": error, "scope": scope}, count)


# Each asks NVML for what fails together. Its PCIe counters take 20 ms a call and are not among
# them: GPM has the same for nothing.
READERS: tuple[Callable[[Any, Any], Iterable[Value]], ...] = (
    *(_utilization, _memory, _process_memory, _power, _power_limit, _energy),
    *(_temperature, _clocks, _throttle, _ecc),
)
