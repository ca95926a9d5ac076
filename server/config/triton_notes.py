"""Collects what a config.pbtxt asks for that is refused or has no effect."""

from pathlib import Path

from server.config.lines import Lines, Location
from server.config.problem import Problem


class Notes:
    """Findings of one file, each placed at the line of the location it is about, or at the first
    one of a field."""

    def __init__(self, path: Path, lines: Lines) -> None:
        self._path = path
        self._lines = lines
        self.refusals: list[Problem] = []
        self.warnings: list[Problem] = []

    def refuse(self, at: str | Location, message: str) -> None:
        self.refusals.append(self._problem(at, message))

    def warn(self, at: str | Location, message: str) -> None:
        self.warnings.append(self._problem(at, message))

    def _problem(self, at: str | Location, message: str) -> Problem:
        line = self._lines.of_key(at) if isinstance(at, str) else self._lines.of(at)
        return Problem(self._path, message, line)
