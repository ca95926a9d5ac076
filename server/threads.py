"""How many CPUs this process may use, and how they are shared out."""

import os
from dataclasses import dataclass
from pathlib import Path

from server.config.spec import ModelConfig


def usable_cores() -> int:
    """CPUs of the affinity mask, bounded by the cgroup's quota; at least 1."""
    allowed = len(os.sched_getaffinity(0))
    try:
        membership = Path("/proc/self/cgroup").read_text(encoding="utf-8")
    except OSError:
        return allowed
    quota = cgroup_quota(membership, Path("/sys/fs/cgroup"))
    return allowed if quota is None else max(1, min(allowed, int(quota)))


def cgroup_quota(membership: str, mount: Path) -> float | None:
    """CPUs granted to the groups in `membership` (/proc/self/cgroup), version 1 or 2.

    The smallest quota on the way up counts; None means unlimited.
    """
    quotas = []
    for line in membership.splitlines():
        _, controllers, path = line.split(":", 2)
        if controllers == "":
            quotas += [_quota_v2(folder) for folder in _upwards(mount, path)]
        elif "cpu" in controllers.split(","):
            for top in (mount / controllers, mount / "cpu"):
                quotas += [_quota_v1(folder) for folder in _upwards(top, path)]
    return min((quota for quota in quotas if quota is not None), default=None)


def _upwards(top: Path, path: str) -> list[Path]:
    parts = [part for part in path.split("/") if part not in ("", "..")]
    return [top.joinpath(*parts[:length]) for length in range(len(parts), -1, -1)]


def _quota_v2(folder: Path) -> float | None:
    words = _read(folder / "cpu.max").split()
    if len(words) != 2 or words[0] == "max":
        return None
    return int(words[0]) / int(words[1])


def _quota_v1(folder: Path) -> float | None:
    quota = _read(folder / "cpu.cfs_quota_us").strip()
    period = _read(folder / "cpu.cfs_period_us").strip()
    if not quota or not period or int(quota) <= 0:
        return None
    return int(quota) / int(period)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii")
    except OSError:
        return ""


def io_threads(cores: int) -> int:
    """A quarter of the cores: one I/O thread outpaces several that run models."""
    return max(1, min(8, cores // 4))


@dataclass(frozen=True)
class Slots:
    """Execution slots of a model and the threads of one run in each."""

    instance_count: int
    intra_op_threads: int


def share(config: ModelConfig, cores: int) -> Slots:
    """Slots x threads = cores unless the configuration says otherwise.

    One-thread runs side by side give the most throughput, so that is the default. On each GPU two
    slots, so that the copies of one batch overlap the run of another.
    """
    instances, threads = config.instance_count, config.intra_op_threads
    if config.on_gpu:
        return Slots(instances or 2, threads or 1)
    if threads is None:
        threads = max(1, cores // instances) if instances else 1
    return Slots(instances or max(1, cores // threads), threads)
