"""Root folders: a bare one that stands in for the base image, made once and kept as a tar file."""

import shutil
import subprocess
from pathlib import Path

from tools.container import machine
from tools.container.dockerfile import Instruction
from tools.container.problems import ProofError

SUITE = "trixie"
# What Debian's slim images do after debootstrap: no documentation, no caches, now or later.
_EXCLUDES = """\
path-exclude /usr/share/doc/*
path-include /usr/share/doc/*/copyright
path-exclude /usr/share/info/*
path-exclude /usr/share/locale/*
path-exclude /usr/share/man/*
"""
_FOLDERS = ("usr/share/doc", "usr/share/info", "usr/share/locale", "usr/share/man")
_CACHES = ("var/cache/apt", "var/lib/apt/lists", "var/log")


def check_base(base: str, start: Instruction) -> None:
    """Raises ProofError unless the bare root can stand in for the image `base`."""
    name = base.split("@", 1)[0]
    if name != f"debian:{SUITE}-slim":
        raise start.problem(f"{base}: only debian:{SUITE}-slim has a stand-in here")


def bare_tar(folder: Path) -> Path:
    """The bare root as a tar file in `folder`, made if missing."""
    tar = folder / f"{SUITE}.tar"
    if not tar.exists():
        root = folder / f"{SUITE}-root"
        shutil.rmtree(root, ignore_errors=True)
        log = folder / "debootstrap.log"
        with log.open("wb") as out:
            command = ["debootstrap", "--variant=minbase", SUITE, str(root), machine.mirror()]
            ended = subprocess.run(command, stdout=out, stderr=subprocess.STDOUT, check=False)
        if ended.returncode != 0:
            raise ProofError(f"debootstrap: expected exit code 0; {log} says why not")
        _slim(root)
        partial = tar.with_suffix(".partial")
        subprocess.run(["tar", "-C", str(root), "-cf", str(partial), "."], check=True)
        partial.replace(tar)
        shutil.rmtree(root)
    return tar


def unpack(tar: Path, root: Path) -> None:
    root.mkdir(parents=True)
    subprocess.run(["tar", "-C", str(root), "--numeric-owner", "-xpf", str(tar)], check=True)


def copy(source: Path, root: Path) -> None:
    """All of `source`, ownership and links included."""
    subprocess.run(["cp", "-a", str(source), str(root)], check=True)


def remove(root: Path) -> None:
    subprocess.run(["rm", "-rf", str(root)], check=True)


def _slim(root: Path) -> None:
    (root / "etc/dpkg/dpkg.cfg.d/slim").write_text(_EXCLUDES)
    for folder in _FOLDERS:
        for path in sorted((root / folder).rglob("*"), reverse=True):
            if path.is_dir() and not path.is_symlink():
                if not any(path.iterdir()):
                    path.rmdir()
            elif path.name != "copyright":
                path.unlink()
    for folder in _CACHES:
        for path in (root / folder).iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    for name in ("resolv.conf", "hosts", "hostname"):
        (root / "etc" / name).write_text("")
