"""Whether there is memory for measuring a model beside what is served."""

from pathlib import Path

_SPARE = 300 << 20  # of each worker, besides the model
_COPIES = 2.5  # of the weights in a session: as they are read, and as kernels want them


def needed(model: Path, providers: int) -> int:
    """Bytes, roughly: one worker per provider, and the session of the one that takes over."""
    weights = sum(file.stat().st_size for file in model.parent.iterdir() if file.is_file())
    return (providers + 1) * (round(_COPIES * weights) + _SPARE)


def available(root: Path = Path("/")) -> int | None:
    """Bytes that can be had without pushing others out, also within the cgroup; None: unknown."""
    found = [_machine(root / "proc/meminfo"), _cgroup(root / "sys/fs/cgroup")]
    known = [each for each in found if each is not None]
    return min(known) if known else None


def _machine(meminfo: Path) -> int | None:
    for line in _read(meminfo).splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) << 10
    return None


def _cgroup(folder: Path) -> int | None:
    """As a container sees its own."""
    limit, used = _read(folder / "memory.max").strip(), _read(folder / "memory.current").strip()
    return int(limit) - int(used) if limit.isdecimal() and used.isdecimal() else None


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii")
    except OSError:
        return ""
