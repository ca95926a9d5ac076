"""What a benchmark says: figures, each with its target where the project has one."""

import json
import math
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Target:
    """A bound. `low`: the value must be at least `bound`; else at most."""

    bound: float
    low: bool = False

    def met_by(self, value: float) -> bool:
        return value >= self.bound if self.low else value <= self.bound

    def __str__(self) -> str:
        return f"{'>=' if self.low else '<='} {self.bound:,g}"


def at_most(bound: float) -> Target:
    return Target(bound)


def at_least(bound: float) -> Target:
    return Target(bound, low=True)


@dataclass(frozen=True)
class Figure:
    """`valid`: False when the run did not measure what it was to, so that nothing is judged."""

    scenario: str
    name: str
    value: float
    unit: str = ""
    target: Target | None = None
    valid: bool = True

    def text(self) -> str:
        size = abs(self.value)
        digits = 0 if size >= 1000 else 1 if size >= 100 else 2 if self.unit else 3
        return f"{self.value:,.{digits}f} {self.unit}".strip()

    def verdict(self) -> str:
        if self.target is None:
            return ""
        if not self.valid or math.isnan(self.value):
            return "INVALID"
        return "met" if self.target.met_by(self.value) else "MISSED"

    def as_dict(self) -> dict[str, Any]:
        target = str(self.target) if self.target else None
        value = self.value if math.isfinite(self.value) else str(self.value)
        return {**asdict(self), "value": value, "target": target, "verdict": self.verdict()}


def markdown(figures: Sequence[Figure], stamp: Mapping[str, str]) -> str:
    """One table, and under it where it came from."""
    return "\n".join([*table(figures), "", *(f"- {key}: {value}" for key, value in stamp.items())])


def table(figures: Sequence[Figure]) -> Iterator[str]:
    """The lines of a Markdown table; a scenario is named where it begins."""
    rows = [("scenario", "figure", "value", "target", "")]
    scenario = ""
    for figure in figures:
        name = figure.scenario if figure.scenario != scenario else ""
        scenario = figure.scenario
        rows.append((name, figure.name, figure.text(), str(figure.target or ""), figure.verdict()))
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    for index, row in enumerate(rows):
        cells = [
            cell.rjust(width) if column == 2 else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield "| " + " | ".join(cells) + " |"
        if index == 0:
            dashes = [
                "-" * (width - 1) + (":" if column == 2 else "-")
                for column, width in enumerate(widths)
            ]
            yield "| " + " | ".join(dashes) + " |"


def report(figures: Sequence[Figure], stamp: Mapping[str, str], folder: Path) -> None:
    """Prints the table; writes it and the same as JSON into `folder`, named by date and commit."""
    text = markdown(figures, stamp)
    print(text)
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{time.strftime('%Y%m%d-%H%M%S')}-{stamp['commit']}"
    (folder / f"{name}.md").write_text(text + "\n")
    content = {"stamp": dict(stamp), "figures": [figure.as_dict() for figure in figures]}
    (folder / f"{name}.json").write_text(json.dumps(content, indent=2) + "\n")
