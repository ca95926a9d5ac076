"""Finds ONNX Runtime's shared library in the installed wheel, without importing the package."""

import ctypes
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

_DISTRIBUTIONS = ("onnxruntime", "onnxruntime-openvino", "onnxruntime-gpu")
# What CUDA, cuDNN and TensorRT wheels bring, in the order in which they need each other.
_GPU_LIBRARIES = (
    "libcudart.so",
    "libnvrtc.so",
    "libnvJitLink.so",
    "libcublasLt.so",
    "libcublas.so",
    "libcufft.so",
    "libcurand.so",
    "libcudnn.so",
    "libnvinfer.so",
    "libnvinfer_plugin.so",
    "libnvonnxparser.so",
)


class RuntimeNotFoundError(Exception):
    """No usable runtime; the message holds the command that mends it."""


@dataclass(frozen=True)
class RuntimeLibrary:
    """The library and the distribution ("onnxruntime-openvino") it came with."""

    path: Path
    distribution: str


def locate(search: Iterable[str] | None = None) -> RuntimeLibrary:
    """The runtime in the first folder of `search` (default: sys.path) that holds one."""
    for entry in sys.path if search is None else search:
        folder = Path(entry)
        if (folder / "onnxruntime" / "capi").is_dir():
            return _in_folder(folder)
    raise RuntimeNotFoundError(
        "ONNX Runtime is not installed. Install one: pip install 'skein-server[cpu]' "
        "(or 'skein-server[gpu]' on a machine with an NVIDIA GPU)"
    )


def _in_folder(folder: Path) -> RuntimeLibrary:
    installed = _installed(folder)
    if len(installed) > 1:
        raise RuntimeNotFoundError(
            f"{' and '.join(installed)} are installed in the same folder ({folder}) and overwrite "
            f"each other's files. Mend it: pip uninstall -y {' '.join(installed)} && "
            f"pip install {_preferred(installed)}"
        )
    name = installed[0] if installed else "onnxruntime"
    libraries = sorted((folder / "onnxruntime" / "capi").glob("libonnxruntime.so.*"))
    if not libraries:
        raise RuntimeNotFoundError(
            f"{folder / 'onnxruntime' / 'capi'} holds no libonnxruntime.so.*. Mend it: "
            f"pip install --force-reinstall {name}"
        )
    return RuntimeLibrary(libraries[-1], name)


def _installed(folder: Path) -> list[str]:
    names = {
        re.sub(r"[-_.]+", "-", info.name.split("-", 1)[0]).lower()
        for info in folder.glob("onnxruntime*.dist-info")
    }
    return [name for name in _DISTRIBUTIONS if name in names]


def _preferred(installed: list[str]) -> str:
    if "onnxruntime-gpu" in installed:
        return "'onnxruntime-gpu[cuda,cudnn]'"
    return installed[-1]


def gpu_libraries(site: Path) -> list[Path]:
    """CUDA's and TensorRT's libraries among the wheels in `site`, dependencies first."""
    folders = [*sorted(site.glob("nvidia/*/lib")), site / "tensorrt_libs"]
    return [
        path
        for name in _GPU_LIBRARIES
        for folder in folders
        for path in sorted(folder.glob(f"{name}.*"))
    ]


def preload(library: RuntimeLibrary) -> None:
    """Opens the libraries that the GPU providers look for by bare name; they have no search
    path to the wheels. The CPU and OpenVINO wheels find their own."""
    if library.distribution != "onnxruntime-gpu":
        return
    for path in gpu_libraries(library.path.parents[2]):
        try:
            ctypes.CDLL(str(path), mode=ctypes.RTLD_GLOBAL)
        except OSError:
            continue  # The provider that needs it says so by name when a model asks for it.
