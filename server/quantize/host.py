"""What this machine can run and measure."""

from collections.abc import Set
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
_EXACT = {"avx512_vnni", "avx_vnni", "amx_int8"}


@dataclass(frozen=True)
class Host:
    """Cores, a GPU that can be used, providers of the installed runtime, and what its processor
    can do."""

    cores: int
    gpu: bool
    providers: tuple[str, ...]
    processor: str
    bf16: bool
    saturates: bool  # sums of two INT8 products may overflow 16 bits


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
        bf16=computes_bf16(flags),
        saturates=saturates(flags),
    )


def computes_bf16(flags: Set[str]) -> bool:
    """`flags`: of /proc/cpuinfo; empty where it is no x86."""
    return not flags.isdisjoint(_BF16)


def saturates(flags: Set[str]) -> bool:
    """Only x86 without VNNI adds pairs of products in 16 bits."""
    return "avx2" in flags and flags.isdisjoint(_EXACT)


def _processor(path: Path) -> dict[str, str]:
    """What the kernel says about the first one."""
    lines = path.read_text(encoding="utf-8").split("\n\n")[0].splitlines()
    pairs = (line.partition(":") for line in lines)
    return {key.strip(): value.strip() for key, _, value in pairs}
