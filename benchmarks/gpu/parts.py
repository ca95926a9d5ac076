"""Groups of files as compressed archives in parts small enough to carry, with their sums.

Standard library only: the machine that unpacks has nothing else yet.
"""

import hashlib
import io
import json
import lzma
import subprocess
import sys
import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

PART_BYTES = 48 << 20
MANIFEST = "manifest.json"


class BundleError(Exception):
    """The bundle cannot be written or read; one line, with what mends it."""


@dataclass(frozen=True)
class Part:
    """One file of the bundle."""

    name: str
    bytes: int
    sha256: str


@dataclass(frozen=True)
class Group:
    """An archive: its parts in order, and how much they hold."""

    parts: tuple[Part, ...]
    unpacked_bytes: int

    @property
    def bytes(self) -> int:
        return sum(part.bytes for part in self.parts)


@dataclass(frozen=True)
class Manifest:
    """`python`: the version that the bundle's wheels and headers are for, as 3.12."""

    commit: str
    python: str
    groups: dict[str, Group]

    def write(self, bundle: Path) -> None:
        (bundle / MANIFEST).write_text(json.dumps(asdict(self), indent=2) + "\n")

    @classmethod
    def read(cls, bundle: Path) -> "Manifest":
        try:
            raw = json.loads((bundle / MANIFEST).read_text())
        except FileNotFoundError:
            raise BundleError(
                f"{bundle}/{MANIFEST} is not there: run `make gpu-bundle` on a machine with a "
                "network and copy its folder here"
            ) from None
        groups = {name: _group(group) for name, group in raw["groups"].items()}
        return cls(raw["commit"], raw["python"], groups)


def _group(raw: dict[str, Any]) -> Group:
    return Group(tuple(Part(**part) for part in raw["parts"]), raw["unpacked_bytes"])


def pack(name: str, files: Iterable[tuple[str, Path]], bundle: Path) -> Group:
    """Writes the parts of one group. `files`: name in the archive, where it is now."""
    listed = sorted(files)
    archive = bundle / f"{name}.tar.xz"
    with archive.open("wb") as packed:
        _compress(listed, packed)
    with archive.open("rb") as packed:
        parts = tuple(_split(packed, archive.name, bundle))
    archive.unlink()
    return Group(parts, sum(path.stat().st_size for _, path in listed))


def _compress(files: list[tuple[str, Path]], packed: IO[bytes]) -> None:
    command = ["xz", "--stdout", "--threads=0", "-6"]
    xz = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=packed)
    with xz, tarfile.open(fileobj=xz.stdin, mode="w|") as archive:
        for inside, path in files:
            archive.add(path, inside, filter=_anonymous)
    if xz.returncode:
        raise BundleError(f"xz ended with {xz.returncode}")


def _anonymous(info: tarfile.TarInfo) -> tarfile.TarInfo:
    info.uid = info.gid = 0
    info.uname = info.gname = ""
    return info


def _split(packed: IO[bytes], name: str, bundle: Path) -> Iterator[Part]:
    number = 0
    while content := packed.read(PART_BYTES):
        part = f"{name}.{number:03d}"
        (bundle / part).write_bytes(content)
        yield Part(part, len(content), hashlib.sha256(content).hexdigest())
        number += 1


def verify(manifest: Manifest, bundle: Path) -> None:
    """Raises BundleError, naming every part that is missing, or one that differs."""
    parts = [part for group in manifest.groups.values() for part in group.parts]
    missing = [part.name for part in parts if not (bundle / part.name).is_file()]
    if missing:
        raise BundleError(f"{bundle} lacks {', '.join(missing)}: copy them here too")
    for part in parts:
        if hashlib.sha256((bundle / part.name).read_bytes()).hexdigest() != part.sha256:
            raise BundleError(f"{bundle}/{part.name} differs from its sum: copy it again")


def unpack(group: Group, bundle: Path, into: Path) -> None:
    """Extracts a verified group."""
    joined = io.BufferedReader(_Joined([bundle / part.name for part in group.parts]))
    with lzma.open(joined) as plain, tarfile.open(fileobj=plain, mode="r|") as archive:
        archive.extractall(into, filter="data")


class _Joined(io.RawIOBase):
    """The parts read one after the other."""

    def __init__(self, paths: list[Path]) -> None:
        self._paths = iter(paths)
        self._open: IO[bytes] | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while True:
            if self._open is None:
                path = next(self._paths, None)
                if path is None:
                    return 0
                self._open = path.open("rb")
            content = self._open.read(len(buffer))
            if content:
                buffer[: len(content)] = content
                return len(content)
            self._open.close()
            self._open = None


def size(count: int) -> str:
    """As MiB."""
    return f"{count / (1 << 20):,.1f} MiB"


def fail(error: Exception) -> int:
    """Prints the one line; the exit code."""
    print(f"gpu-suite: {error}", file=sys.stderr)
    return 1
