#!/usr/bin/env python3
"""Prints pyproject.toml's requirements, one a line: the base ones and the extras named.

The extra "build" is the build system's own. An extra that includes another ("skein-server[client]")
is followed. For `pip install --requirement`, where the project itself is built by CMake in place.
"""

import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

PYPROJECT = Path(__file__).resolve().parent.parent / "pyproject.toml"


def expand(extra: str, extras: dict[str, list[str]], own_name: str) -> Iterator[str]:
    """The requirements of `extra`, with references to this project's own extras followed."""
    if extra not in extras:
        sys.exit(f"no extra {extra!r} in pyproject.toml; it has {', '.join(sorted(extras))}")
    for requirement in extras[extra]:
        own = re.fullmatch(rf"{re.escape(own_name)}\[(.+)\]", requirement)
        if own:
            for name in own[1].split(","):
                yield from expand(name.strip(), extras, own_name)
        else:
            yield requirement


def main() -> None:
    pyproject = tomllib.loads(PYPROJECT.read_text())
    project = pyproject["project"]
    extras = project["optional-dependencies"] | {"build": pyproject["build-system"]["requires"]}
    requirements = list(project["dependencies"])
    for extra in sys.argv[1:]:
        requirements += expand(extra, extras, project["name"])
    print("\n".join(dict.fromkeys(requirements)))


if __name__ == "__main__":
    main()
