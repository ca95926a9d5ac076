"""What this machine can run and measure."""

from dataclasses import dataclass
from pathlib import Path

from server.machine import inspect

_PROVIDERS = {
    "CPUExecutionProvider": "cpu",
    "OpenVINOExecutionProvider": "openvino",
    "CUDAExecutionProvider": "cuda",
    "TensorrtExecutionProvider": "tensorrt",
}
_BF16 = {"avx512_bf16", "amx_bf16"}
_VNNI = {"avx512_vnni", "avx_vnni", "amx_int8"}


@dataclass(frozen=True)
class Host:
    """Cores, a GPU that can be used, providers of the installed runtime, and CPU instructions."""

    cores: int
    gpu: bool
    providers: tuple[str, ...]
    processor: str
    bf16: bool
    vnni: bool


def inspect_host() -> Host:
    """Of this machine and the onnxruntime package on it."""
    import onnxruntime

    available = set(onnxruntime.get_available_providers())
    providers = tuple(name for known, name in _PROVIDERS.items() if known in available)
    machine = inspect(providers)
    described = _processor(Path("/proc/cpuinfo"))
    flags = set(described.get("flags", "").split())
    return Host(
        cores=machine.cores,
        gpu=machine.gpu,
        providers=providers,
        processor=described.get("model name", "unknown"),
        bf16=not flags.isdisjoint(_BF16),
        vnni=not flags.isdisjoint(_VNNI),
    )


def _processor(path: Path) -> dict[str, str]:
    """What the kernel says about the first one."""
    try:
        lines = path.read_text(encoding="utf-8").split("\n\n")[0].splitlines()
    except OSError:
        return {}
    pairs = (line.partition(":") for line in lines)
    return {key.strip(): value.strip() for key, _, value in pairs}
