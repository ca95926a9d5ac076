"""Runs a program in a root folder as a container would: namespaces, devices, user, environment.

The shell scripts run in a fresh mount namespace, so every mount ends with the program.
"""

import subprocess
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO

from tools.container.image import Image
from tools.container.machine import SEEN_AT, Machine

_DEVICES = """\
mount -t proc proc "$root/proc"
mount --rbind /sys "$root/sys"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
for node in null zero full random urandom tty; do
  touch "$root/dev/$node"
  mount --bind "/dev/$node" "$root/dev/$node"
done
ln -s /proc/self/fd "$root/dev/fd"
mkdir "$root/dev/shm"
mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
for file in resolv.conf hosts; do mount --bind -o ro "/etc/$file" "$root/etc/$file"; done
"""
_ENTER = """\
exec setpriv --no-new-privs chroot --userspec="$ids" --groups= "$root" \
  sh -c 'cd "$1" && shift && exec "$@"' sh "$workdir" "$@"
"""
_BUILD = f"""\
root=$1 machine=$2 folders=$3 ids=$4 workdir=$5; shift 5
{_DEVICES}
mount --bind -o ro "$machine" "$root{SEEN_AT}"
for folder in $folders; do mount --bind -o ro "$folder" "$root$folder"; done
{_ENTER}"""
# The root is mounted over itself to be read-only here and nowhere else.
_SERVE = f"""\
root=$1 repository=$2 models=$3 cache=$4 ids=$5 workdir=$6; shift 6
mount --bind "$root" "$root"
mount -o remount,bind,ro "$root"
{_DEVICES}
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mount -t tmpfs -o mode=0755,uid="${{ids%:*}}",gid="${{ids#*:}}" tmpfs "$root$cache"
mount --bind -o ro "$repository" "$root$models"
{_ENTER}"""
_UNSHARE = ("unshare", "--mount", "--pid", "--fork", "--kill-child", "--ipc", "--uts")


def run_step(
    root: Path, image: Image, command: str, machine: Machine, log: IO[bytes]
) -> subprocess.CompletedProcess[bytes]:
    """A RUN step: `command` under sh, with the host's network and the machine's settings."""
    folders = " ".join(map(str, machine.folders))
    arguments = [str(root), str(machine.files), folders, image.user, image.workdir]
    with ExitStack() as mount_points:
        for folder in machine.folders:
            mount_points.callback(_remove_empty, _make(root, folder))
        return subprocess.run(
            [*_UNSHARE, "sh", "-e", "-c", _BUILD, "sh", *arguments, "sh", "-c", command],
            env={**image.variables, **machine.env},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            check=False,
        )


def serve_command(root: Path, image: Image, repository: Path, program: Sequence[str]) -> list[str]:
    """The command that runs `program` as process 1 of a container with a read-only root, a tmpfs
    at /tmp and the cache volume, and `repository` at the models volume."""
    models, cache = image.volumes
    ids = ":".join(map(str, image.ids))
    arguments = [str(root), str(repository), models, cache, ids, image.workdir]
    return [*_UNSHARE, "sh", "-e", "-c", _SERVE, "sh", *arguments, *program]


def enter_command(pid: int, image: Image, program: Sequence[str], *, uid: int) -> list[str]:
    """The command that runs `program` beside process `pid`, in its namespaces and root."""
    into = ["nsenter", "--target", str(pid), "--mount", "--pid", "--net", "--ipc", "--uts"]
    user = [f"--setuid={uid}", f"--setgid={image.ids[1] if uid else 0}"]
    return [*into, "--root", "--wd", *user, "--", *program]


def _make(root: Path, folder: Path) -> list[Path]:
    """The folders that had to be created so that `folder` is one inside `root`, outermost first."""
    inside = root / folder.relative_to("/")
    missing = [each for each in reversed((inside, *inside.parents)) if not each.exists()]
    inside.mkdir(parents=True, exist_ok=True)
    return missing


def _remove_empty(folders: Iterable[Path]) -> None:
    for each in reversed(list(folders)):
        each.rmdir()
