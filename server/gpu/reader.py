"""Reads every GPU that NVML shows."""

import logging
from dataclasses import dataclass, field
from typing import Any

from server.gpu.gpm import GpmSampler
from server.gpu.values import READERS, Value

_log = logging.getLogger(__name__)


@dataclass
class Reading:
    """Per GPU (by UUID) its values; None for one that was there before and cannot be read."""

    gpus: dict[str, list[Value] | None] = field(default_factory=dict)


class NvmlReader:
    """Use by one thread at a time; any call may take as long as the driver takes."""

    def __init__(self) -> None:
        self._nvml: Any = None  # pynvml while NVML is open
        self._samplers: dict[str, GpmSampler] = {}

    def read(self, known: set[str]) -> Reading:
        """`known`: UUIDs seen before. A value that NVML does not have is left out. When no GPU
        can be read, NVML is opened anew at the next call."""
        import pynvml

        reading = Reading(dict.fromkeys(known))
        try:
            if self._nvml is None:
                pynvml.nvmlInit()
                self._nvml = pynvml
            for index in range(pynvml.nvmlDeviceGetCount()):
                self._read_gpu(index, reading)
        except pynvml.NVMLError as error:
            _log.debug("no GPU metrics: %s", error)
        gone = [uuid for uuid, values in reading.gpus.items() if values is None]
        self._forget(gone)
        if len(gone) == len(reading.gpus):
            self._close()
        return reading

    def _read_gpu(self, index: int, reading: Reading) -> None:
        nvml = self._nvml
        try:
            gpu = nvml.nvmlDeviceGetHandleByIndex(index)
            uuid = nvml.nvmlDeviceGetUUID(gpu)
            reading.gpus[uuid] = None
            reading.gpus[uuid] = self._values(uuid, gpu)
        except nvml.NVMLError as error:
            _log.debug("GPU %d: %s", index, error)

    def _values(self, uuid: str, gpu: Any) -> list[Value]:
        """Raises NVMLError when the GPU is gone."""
        nvml = self._nvml
        gone = (
            *(nvml.NVML_ERROR_GPU_IS_LOST, nvml.NVML_ERROR_RESET_REQUIRED),
            *(nvml.NVML_ERROR_DRIVER_NOT_LOADED, nvml.NVML_ERROR_UNINITIALIZED),
        )
        sampler = self._samplers.setdefault(uuid, GpmSampler())
        values: list[Value] = []
        for read in (*READERS, sampler.read):
            try:
                values.extend(read(nvml, gpu))
            except nvml.NVMLError as error:
                if error.value in gone:
                    raise
                _log.debug("%s: %s", uuid, error)
        return values

    def _forget(self, gone: list[str]) -> None:
        for uuid in gone:
            try:
                self._samplers.pop(uuid, GpmSampler()).close(self._nvml)
            except self._nvml.NVMLError as error:
                _log.debug("%s: a sample cannot be freed: %s", uuid, error)

    def _close(self) -> None:
        nvml, self._nvml = self._nvml, None
        try:
            if nvml is not None:
                nvml.nvmlShutdown()
        except nvml.NVMLError as error:
            _log.debug("NVML cannot be shut down: %s", error)
