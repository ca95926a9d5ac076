"""The report of a run: Markdown with pictures, and the same as JSON."""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from benchmarks.figures import Figure, markdown, table
from benchmarks.lab.section import Section

Stamp = Mapping[str, str]


def new_folder(parent: Path, stamp: Stamp) -> Path:
    """Made for one run, named by date and commit."""
    folder = parent / f"lab-{time.strftime('%Y%m%d-%H%M%S')}-{stamp['commit']}"
    folder.mkdir(parents=True)
    return folder


def write(folder: Path, sections: Sequence[Section], stamp: Stamp) -> str:
    """Writes report.md and report.json beside the pictures; returns the text."""
    stamp = {**stamp, "load generator": generator(sections)}
    text = "\n".join(lines(sections, stamp, folder)) + "\n"
    (folder / "report.md").write_text(text)
    content = {"stamp": stamp, "sections": [as_dict(section) for section in sections]}
    (folder / "report.json").write_text(json.dumps(content, indent=2) + "\n")
    return text


def as_dict(section: Section) -> dict[str, object]:
    return {
        "name": section.name,
        "about": section.about,
        "figures": [figure.as_dict() for figure in section.figures],
        "notes": section.notes,
        "plots": [plot.path.name for plot in section.plots],
    }


def lines(sections: Sequence[Section], stamp: Stamp, folder: Path) -> Iterator[str]:
    figures = [figure for section in sections for figure in section.figures]
    yield "# Laboratory"
    yield ""
    yield verdicts(figures)
    yield ""
    yield from markdown(judged(figures), stamp).splitlines()
    for section in sections:
        yield ""
        yield f"## {section.name}"
        yield f"{section.about[:1].upper()}{section.about[1:]}."
        yield ""
        yield from table(section.figures)
        if section.notes:
            yield ""
            yield from (f"- Note: {note}" for note in section.notes)
        for plot in section.plots:
            yield ""
            yield f"![{plot.caption}]({plot.path.relative_to(folder).as_posix()})"


def generator(sections: Sequence[Section]) -> str:
    """Whether the load generator kept its schedules."""
    loops = sum(section.open_loops for section in sections)
    invalid = sum(section.invalid_loops for section in sections)
    return f"{loops - invalid} of {loops} open loops valid"


def judged(figures: Sequence[Figure]) -> list[Figure]:
    """Those with a target."""
    return [figure for figure in figures if figure.target is not None]


def verdicts(figures: Sequence[Figure]) -> str:
    """How many targets were met, missed, and could not be judged."""
    found = [figure.verdict() for figure in judged(figures)]
    counted = ((word, found.count(word)) for word in ("met", "MISSED", "INVALID"))
    return "Targets: " + ", ".join(f"{number} {word}" for word, number in counted) + "."
