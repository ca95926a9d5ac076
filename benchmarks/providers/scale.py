"""How long to measure, and where."""

from dataclasses import dataclass
from pathlib import Path

from benchmarks.pinning import Pinning
from benchmarks.providers.kinds import Kind


@dataclass(frozen=True)
class Scale:
    """seconds of one measurement; rounds in which variants take turns; folder: for files; kinds:
    of models that auto is tried on."""

    seconds: float
    rounds: int
    build: Path
    pinning: Pinning
    folder: Path
    kinds: tuple[Kind, ...]
