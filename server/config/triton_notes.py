"""Collects what a config.pbtxt asks for that is refused or has no effect."""

from pathlib import Path

from server.config.pbtxt import line_of
from server.config.problem import Problem


class Notes:
    """Findings of one file, each placed at the line of the field it is about."""

    def __init__(self, path: Path, text: str) -> None:
        self._path = path
        self._text = text
        self.refusals: list[Problem] = []
        self.warnings: list[Problem] = []

    def refuse(self, field: str, message: str) -> None:
        self.refusals.append(Problem(self._path, message, line_of(self._text, field)))

    def warn(self, field: str, message: str) -> None:
        self.warnings.append(Problem(self._path, message, line_of(self._text, field)))
