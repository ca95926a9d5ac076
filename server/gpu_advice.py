"""What to install when a GPU provider finds a library missing."""

import re
from pathlib import Path

from server.onnxruntime_locator import RuntimeNotFoundError, locate

_MISSING = re.compile(r"(lib\w+)\.so\.(\d+)[\d.]*: cannot open shared object file")
_TENSORRT = ("libnvinfer", "libnvinfer_plugin", "libnvonnxparser")


def explained(message: str, site: Path | None = None) -> str:
    """`message` of a session that could not be opened; where that is for lack of a library of
    NVIDIA's, what to do about it instead. `site`: where the wheels are; default: the runtime's."""
    found = _MISSING.search(message)
    if found is None:
        return message
    name, major = found.groups()
    return _advice(name, major, site or _runtime_site())


def _runtime_site() -> Path | None:
    try:
        return locate().path.parents[2]
    except RuntimeNotFoundError:
        return None


def _advice(name: str, major: str, site: Path | None) -> str:
    library = f"{name}.so.{major}"
    others = sorted({_major(path) for path in _files(site, name)} - {major})
    if name in _TENSORRT:
        if others:
            return (
                f"this ONNX Runtime needs TensorRT {major} ({library}), but TensorRT "
                f"{' and '.join(others)} is installed: pip install 'skein-server[gpu,tensorrt]'"
            )
        return f"TensorRT ({library}) is missing: pip install 'skein-server[gpu,tensorrt]'"
    if others:
        return (
            f"this ONNX Runtime needs {library}, but {name}.so.{' and '.join(others)} is "
            "installed: pip install --upgrade 'skein-server[gpu]'"
        )
    return f"{library} is missing: pip install 'skein-server[gpu]'"


def _files(site: Path | None, name: str) -> list[Path]:
    if site is None:
        return []
    return [*site.glob(f"nvidia/*/lib/{name}.so.*"), *site.glob(f"tensorrt_libs/{name}.so.*")]


def _major(path: Path) -> str:
    return path.name.split(".so.", 1)[1].split(".", 1)[0]
