"""Where a version came from: hashes, tools, machine."""

import hashlib
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from server import __version__
from server.quantize.host import Host
from server.quantize.samples import Samples
from server.quantize.source import Source

_TOOLS = ("onnx", "onnxruntime", "onnxruntime-openvino", "onnxruntime-gpu", "numpy")


def sha256(path: Path) -> str:
    """Of a file, or of the names and contents of a folder's .npy files."""
    digest = hashlib.sha256()
    for file in sorted(path.glob("*.npy")) if path.is_dir() else [path]:
        if path.is_dir():
            digest.update(file.name.encode() + b"\0")
        with file.open("rb") as opened:
            while block := opened.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()


def about_source(source: Source) -> dict[str, Any]:
    return {
        "file": source.path.name,
        "sha256": source.sha256,
        "bytes": source.path.stat().st_size,
        "opset": source.opset,
        "weights": "FP16" if source.half else "FP32",
    }


def about_data(path: Path, samples: Samples) -> dict[str, Any]:
    return {"file": path.name, "sha256": sha256(path), "samples": samples.count}


def about_host(host: Host) -> dict[str, Any]:
    return {
        "processor": host.processor,
        "cores": host.cores,
        "bf16": host.bf16,
        "int8_sums_saturate": host.saturates,
        "gpu": host.gpu,
        "providers": list(host.providers),
        "system": f"{platform.system()} {platform.release()}",
    }


def tools() -> dict[str, str]:
    """Versions of what took part."""
    found = {"skein": __version__, "python": platform.python_version()}
    for name in _TOOLS:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
