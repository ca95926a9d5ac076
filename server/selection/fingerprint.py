"""What a measurement depends on: the model file, the machine, the runtime and how it is run."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

from server.config.spec import ModelConfig

FORM = 1  # of what is stored; another number forgets all
_RELEVANT = {
    *("max_batch_size", "dynamic_batching", "inputs", "outputs", "warmup", "instance_count"),
    *("provider_options", "intra_op_threads", "inter_op_threads"),
    *("device_ids", "gpu_memory_limit_mib", "cuda_graph"),
    "optimization_level",
}


def fingerprint(
    path: Path, config: ModelConfig, providers: Sequence[str], runtime: str, machine: str
) -> str:
    """Hexadecimal. Equal where the model file, what the configuration says about how it runs, the
    providers to try, the runtime and the machine are. Raises OSError. Weights in files beside the
    model's are not looked at: they do not change its speed."""
    parts = {
        "form": FORM,
        "model": file_hash(path),
        "config": config.model_dump(mode="json", include=_RELEVANT),
        "providers": list(providers),
        "runtime": runtime,
        "machine": machine,
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def file_hash(path: Path) -> str:
    """SHA-256 of a file. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def machine_text(cores: int, root: Path = Path("/")) -> str:
    """Processor and its instruction sets, usable cores, and GPUs with their driver."""
    lines = [f"cores: {cores}"]
    for line in _read(root / "proc/cpuinfo").splitlines():
        if line.startswith(("model name", "flags", "Features")) and line not in lines:
            lines.append(line)
    gpus = sorted((root / "proc/driver/nvidia/gpus").glob("*/information"))
    lines += [line for gpu in gpus for line in _read(gpu).splitlines() if line.startswith("Model")]
    lines += _read(root / "proc/driver/nvidia/version").splitlines()[:1]
    return "\n".join(lines)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
