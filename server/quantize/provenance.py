"""Where a version came from: hashes, tools, machine."""

import platform
from pathlib import Path
from typing import Any

from server.making.provenance import sha256, tools
from server.quantize.host import Host
from server.quantize.samples import Samples
from server.quantize.source import Source

_TOOLS = ("onnx", "onnxruntime", "onnxruntime-openvino", "onnxruntime-gpu", "numpy")


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


def about_tools() -> dict[str, str]:
    """Versions of what took part."""
    return tools(_TOOLS)
