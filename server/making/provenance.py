"""Where a version came from: hashes and tools."""

import hashlib
import platform
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from server import __version__


def sha256(path: Path) -> str:
    """Of a file, or of the names and contents of all files below a folder."""
    digest = hashlib.sha256()
    files = (each for each in path.rglob("*") if each.is_file()) if path.is_dir() else [path]
    for file in sorted(files):
        if path.is_dir():
            digest.update(file.relative_to(path).as_posix().encode() + b"\0")
        with file.open("rb") as opened:
            while block := opened.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()


def tools(packages: Iterable[str]) -> dict[str, str]:
    """Versions of what took part; packages that are not installed are left out."""
    found = {"skein": __version__, "python": platform.python_version()}
    for name in packages:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
