"""Words for people."""

import sys
from collections.abc import Iterator, Sequence

_LONGEST = 300  # characters of what a library said


def say(line: str) -> None:
    """One line for whoever waits; results go to stdout."""
    print(line, file=sys.stderr, flush=True)


def first_line(error: Exception) -> str:
    """What a library said, on one line."""
    text = " ".join(str(error).split())
    return text[:_LONGEST] if text else type(error).__name__


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Markdown, aligned for those who read it as text."""
    lines = [headings, *rows]
    widths = [max(len(line[i]) for line in lines) for i in range(len(headings))]
    for number, line in enumerate(lines):
        cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        yield f"| {' | '.join(cells)} |"
        if number == 0:
            yield f"|{'|'.join('-' * (width + 2) for width in widths)}|"
