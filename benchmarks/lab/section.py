"""What one scenario adds to the report."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.pinning import Pinning


@dataclass(frozen=True)
class Plot:
    caption: str
    path: Path


@dataclass
class Section:
    """`notes`: sentences a reader needs, such as why a run was not valid."""

    name: str
    about: str
    figures: list[Figure] = field(default_factory=list)
    plots: list[Plot] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    open_loops: int = 0
    invalid_loops: int = 0

    def judge(self, what: str, reasons: Iterable[str | None]) -> None:
        """Counts open loops: for each, why it was not valid, or None."""
        for reason in reasons:
            self.open_loops += 1
            if reason is not None:
                self.invalid_loops += 1
                self.notes.append(f"{what}: {reason}")


@dataclass(frozen=True)
class Lab:
    """What an experiment runs with: the CMake folder, the cores, where plots go, and how to tell
    the user what is being done."""

    build: Path
    pinning: Pinning
    plots: Path
    progress: Callable[[str], None]
