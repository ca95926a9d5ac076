"""GPU metrics by NVML: Triton's nv_gpu_* names where they exist, skein_gpu_* for the rest.

Unverified on hardware: tested against a library that stands in for the driver's.
"""

from server.gpu.metrics import GpuMetrics

__all__ = ["GpuMetrics"]
