"""COPY: files of the context or of another stage into a root."""

import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

from tools.container.dockerfile import Instruction
from tools.container.ignore import Ignore, seen_files


@dataclass(frozen=True)
class Rights:
    """What copied files get: ids, and a mode (None: the source's)."""

    uid: int
    gid: int
    mode: int | None


def copy(instruction: Instruction, words: list[str], source: Path, root: Path, workdir: str) -> int:
    """Copies `words` (sources, then the destination) and returns how many files that were.

    `source` is the context, of which .dockerignore hides a part, or another stage's root.
    Folders are copied as their contents; links stay links. Raises ProofError.
    """
    if len(words) < 2:
        raise instruction.problem("expected sources and a destination")
    *patterns, destination = words
    target = PurePosixPath(workdir) / destination
    into = destination.endswith(("/", ".")) or len(patterns) > 1
    rights = _rights(instruction)
    count = 0
    for pattern in patterns:
        pairs = list(_pairs(pattern, source, "from" in instruction.flags))
        if not pairs:
            raise instruction.problem(f"{pattern}: no such file (.dockerignore may hide it)")
        for file, relative in pairs:
            name = relative or (file.name if into or _is_folder(root, target) else "")
            _copy_one(file, root / str(target / name).lstrip("/"), rights)
        count += len(pairs)
    return count


def _pairs(pattern: str, source: Path, from_stage: bool) -> Iterable[tuple[Path, str]]:
    """Each file with its path below the folder that was named; "" for a file named itself."""
    wanted = pattern.strip("/").removeprefix("./")
    if wanted in ("", "."):
        wanted = ""
    names = _stage_files(source, wanted) if from_stage else seen_files(source, Ignore.of(source))
    depth = len(PurePosixPath(wanted).parts)
    for name in names:
        parts = PurePosixPath(name).parts
        if fnmatchcase("/".join(parts[:depth]), wanted) and len(parts) >= depth:
            yield source / name, "/".join(parts[depth:])


def _stage_files(root: Path, wanted: str) -> Iterable[str]:
    """Files, links and empty folders at or below `wanted`, which holds no pattern."""
    top = root / wanted
    if top.is_file() or top.is_symlink():
        yield wanted
        return
    for folder, folders, files in os.walk(top):
        here = Path(folder).relative_to(root)
        links = [name for name in folders if Path(folder, name).is_symlink()]
        for name in (*files, *links):
            yield (here / name).as_posix()
        if not folders and not files:
            yield here.as_posix()


def _copy_one(source: Path, target: Path, rights: Rights) -> None:
    _make_folders(target.parent, rights)
    if source.is_dir() and not source.is_symlink():
        _make_folders(target, rights)
        return
    target.unlink(missing_ok=True)
    shutil.copy2(source, target, follow_symlinks=False)
    os.chown(target, rights.uid, rights.gid, follow_symlinks=False)
    if rights.mode is not None and not source.is_symlink():
        target.chmod(rights.mode)


def _make_folders(folder: Path, rights: Rights) -> None:
    if folder.is_dir():
        return
    _make_folders(folder.parent, rights)
    folder.mkdir(mode=0o755)
    os.chown(folder, rights.uid, rights.gid)


def _is_folder(root: Path, target: PurePosixPath) -> bool:
    return (root / str(target).lstrip("/")).is_dir()


def _rights(instruction: Instruction) -> Rights:
    owner, mode = instruction.flags.get("chown", "0:0"), instruction.flags.get("chmod")
    user, _, group = owner.partition(":")
    if not user.isdecimal() or not (group or user).isdecimal():
        raise instruction.problem(f"--chown={owner}: expected numbers, as UID:GID")
    try:
        return Rights(int(user), int(group or user), int(mode, 8) if mode else None)
    except ValueError:
        raise instruction.problem(f"--chmod={mode}: expected an octal mode") from None
