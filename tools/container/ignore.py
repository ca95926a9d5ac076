""".dockerignore: which files of the context a build may see."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath


@dataclass(frozen=True)
class _Pattern:
    text: str
    expression: re.Pattern[str]
    keeps: bool  # begins with "!"


class Ignore:
    """The patterns of one file, in order: the last that matches a path or a folder above it
    decides."""

    def __init__(self, text: str) -> None:
        self._patterns = [
            _pattern(line)
            for line in map(str.strip, text.splitlines())
            if line and not line.startswith("#")
        ]

    @classmethod
    def of(cls, context: Path) -> "Ignore":
        """The context's own; a context without the file is seen whole."""
        file = context / ".dockerignore"
        return cls(file.read_text(encoding="utf-8") if file.exists() else "")

    def leaves_out(self, path: str) -> bool:
        """`path`: relative to the context, with slashes."""
        parts = PurePosixPath(path)
        candidates = [str(parts), *(str(each) for each in parts.parents if str(each) != ".")]
        left_out = False
        for pattern in self._patterns:
            if any(pattern.expression.fullmatch(each) for each in candidates):
                left_out = not pattern.keeps
        return left_out

    def leaves_out_below(self, folder: str) -> bool:
        """Whether nothing in `folder` can be seen; one that is left out may hold kept files."""
        return self.leaves_out(folder) and not any(
            each.keeps and (each.text.startswith(f"{folder}/") or "**" in each.text)
            for each in self._patterns
        )


def seen_files(context: Path, ignore: Ignore) -> Iterator[str]:
    """Relative paths of the files and links that COPY may see."""
    for folder, folders, files in os.walk(context):
        here = Path(folder).relative_to(context)
        links = [name for name in folders if Path(folder, name).is_symlink()]
        folders[:] = sorted(
            name
            for name in folders
            if name not in links and not ignore.leaves_out_below((here / name).as_posix())
        )
        for name in sorted([*files, *links]):
            relative = (here / name).as_posix()
            if not ignore.leaves_out(relative):
                yield relative


def _pattern(line: str) -> _Pattern:
    text = line.removeprefix("!").strip("/ ")
    return _Pattern(text, _expression(text), line.startswith("!"))


def _expression(pattern: str) -> re.Pattern[str]:
    """Go's filepath.Match with `**` for any number of folders."""
    out = ""
    rest = pattern
    while rest:
        if rest.startswith("**/"):
            out, rest = out + "(?:.*/)?", rest[3:]
        elif rest.startswith("**"):
            out, rest = out + ".*", rest[2:]
        elif rest[0] in "*?":
            out, rest = out + ("[^/]*" if rest[0] == "*" else "[^/]"), rest[1:]
        elif rest[0] == "[" and "]" in rest:
            inside, _, rest = rest[1:].partition("]")
            out += f"[{inside}]"
        else:
            out, rest = out + re.escape(rest[0]), rest[1:]
    return re.compile(out, re.DOTALL)
