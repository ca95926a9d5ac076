"""What one run of the suite is told."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Settings:
    """`seconds`: of one measurement. `scratch`: a folder for models and servers."""

    provider: str
    quick: bool
    scratch: Path
    build: Path
    say: Callable[[str], None]

    @property
    def seconds(self) -> float:
        return 0.2 if self.quick else 3.0

    @property
    def probes(self) -> int:
        """Rates that are tried for the highest that keeps its bound."""
        return 2 if self.quick else 6

    def folder(self, name: str) -> Path:
        """A new one."""
        made = self.scratch / name
        made.mkdir(parents=True)
        return made
