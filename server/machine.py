"""What this machine offers to models."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from server.threads import usable_cores

_NVIDIA = Path("/dev/nvidiactl")


@dataclass(frozen=True)
class Machine:
    """CPUs this process may use, and whether the runtime can use a GPU."""

    cores: int
    gpu: bool


def inspect(providers: Iterable[str]) -> Machine:
    """`providers`: those of the installed runtime."""
    return Machine(usable_cores(), "cuda" in providers and _NVIDIA.exists())
