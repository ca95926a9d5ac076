"""Is there an NVIDIA driver, and can what the CUDA provider needs be opened?

Standard library only: asked before anything is unpacked.
"""

import ctypes
import subprocess
import sys
from collections.abc import Mapping

NVML = "libnvidia-ml.so.1"
# What libonnxruntime_providers_cuda.so loads, at once or when a model needs it.
CUDA_LIBRARIES = (
    *("libcudart.so.13", "libcublasLt.so.13", "libcublas.so.13", "libcurand.so.10"),
    *("libcufft.so.12", "libnvrtc.so.13", "libcudnn.so.9"),
)


class DriverError(Exception):
    """The GPU cannot be used; one line."""


def require_driver() -> None:
    """Raises DriverError when NVML does not open or shows no GPU."""
    try:
        nvml = ctypes.CDLL(NVML)
    except OSError as error:
        raise DriverError(f"no NVIDIA driver: {error}") from None
    code = nvml.nvmlInitWithFlags(0)
    if code:
        raise DriverError(f"no NVIDIA driver: NVML answers {code} when it is opened")
    count = ctypes.c_uint(0)
    code = nvml.nvmlDeviceGetCount_v2(ctypes.byref(count))
    nvml.nvmlShutdown()
    if code or not count.value:
        raise DriverError(f"no NVIDIA GPU: NVML answers {code} and {count.value} devices")


def require_libraries(environment: Mapping[str, str]) -> None:
    """Raises DriverError naming the CUDA libraries that a process with this environment cannot
    open."""
    code = (
        "import ctypes, sys\n"
        "for name in sys.argv[1:]:\n"
        "    try: ctypes.CDLL(name)\n"
        "    except OSError as error: print(error)\n"
    )
    command = [sys.executable, "-c", code, *CUDA_LIBRARIES]
    problems = subprocess.check_output(command, env=dict(environment), text=True).splitlines()
    if problems:
        raise DriverError(
            f"CUDA libraries are missing: {'; '.join(problems)}. Add their folder "
            "to LD_LIBRARY_PATH, or ship them: make gpu-bundle CUDA=..."
        )
