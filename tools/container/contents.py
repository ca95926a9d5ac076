"""What is in an image: sizes, what was added to the base, and what must not be there."""

import os
import re
import stat
import tarfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from tools.container.problems import ProofError
from tools.container.progress import size

# Build tools, package managers of Python, and what they leave behind.
FORBIDDEN = re.compile(
    r"usr/bin/(.*-)?(gcc|g\+\+|cc|c\+\+|clang|ld|make|cmake|ninja|pip3?)"
    r"|.*/site-packages/(pip|setuptools)/__init__\.py|usr/include/.*\.h"
    r"|var/cache/apt/archives/.*\.deb|var/lib/apt/lists/.*_Packages.*|root/\.cache/.*|mnt/.*"
)
_SHOWN = 8  # of each list


def inventory(root: Path) -> dict[str, tuple[int, int]]:
    """Bytes and modification time of every regular file; links to one file count once."""
    found, seen = {}, set()
    for folder, _, names in os.walk(root):
        for name in names:
            status = os.lstat(os.path.join(folder, name))  # noqa: PTH118
            if stat.S_ISREG(status.st_mode) and status.st_ino not in seen:
                seen.add(status.st_ino)
                path = os.path.relpath(os.path.join(folder, name), root)  # noqa: PTH118
                found[path] = (status.st_size, int(status.st_mtime))
    return found


def bare_inventory(tar: Path) -> dict[str, tuple[int, int]]:
    with tarfile.open(tar) as archive:
        return {
            member.name.removeprefix("./"): (member.size, int(member.mtime))
            for member in archive
            if member.isreg()
        }


def check(files: Iterable[str]) -> None:
    """Raises ProofError if the image holds what only building needs."""
    unwanted = sorted(path for path in files if FORBIDDEN.fullmatch(path))
    if unwanted:
        raise ProofError(
            f"contents: expected no build tools, caches or headers, got {len(unwanted)} such "
            f"files: {', '.join(unwanted[:5])}"
        )


def report(root: Path, tar: Path) -> Iterator[str]:
    """Lines: totals, then the largest of what was added."""
    bare, whole = bare_inventory(tar), inventory(root)
    added = {path: each[0] for path, each in whole.items() if bare.get(path) != each}
    total = sum(count for count, _ in whole.values())
    base = sum(count for count, _ in bare.values())
    yield f"total {size(total)}: base {size(base)}, added {size(sum(added.values()))}"
    yield from _largest("Python packages", _by_package(added))
    yield from _largest("Debian packages added", _debian_packages(root, tar))
    yield from _largest("files added", added)


def _largest(title: str, sizes: Mapping[str, int]) -> Iterator[str]:
    yield f"largest {title} ({len(sizes)} in all, {size(sum(sizes.values()))}):"
    for name, count in sorted(sizes.items(), key=lambda each: -each[1])[:_SHOWN]:
        yield f"  {size(count):>12}  {name}"


def _by_package(files: Mapping[str, int]) -> Counter[str]:
    packages: Counter[str] = Counter()
    for path, count in files.items():
        match = re.search(r"/site-packages/(nvidia/[^/]+|[^/]+)", path)
        if match:
            packages[match[1]] += count
    return packages


def _debian_packages(root: Path, tar: Path) -> dict[str, int]:
    status = "var/lib/dpkg/status"
    with tarfile.open(tar) as archive:
        before = archive.extractfile(f"./{status}")
        assert before is not None
        known = _installed(before.read().decode())
    now = _installed((root / status).read_text(encoding="utf-8"))
    return {name: count for name, count in now.items() if name not in known}


def _installed(status: str) -> dict[str, int]:
    pattern = re.compile(r"^Package: (\S+)\n(?:.+\n)*?Installed-Size: (\d+)$", re.MULTILINE)
    return {name: int(kib) * 1024 for name, kib in pattern.findall(status)}
