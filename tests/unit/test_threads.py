"""Cores from cgroups, and how they are shared out."""

from pathlib import Path

import pytest

from server.config.spec import ModelConfig, Provider
from server.threads import Slots, cgroup_quota, io_threads, share, usable_cores


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_the_smallest_quota_on_the_way_up_counts(tmp_path: Path) -> None:
    write(tmp_path / "a" / "cpu.max", "150000 100000\n")
    write(tmp_path / "a" / "b" / "cpu.max", "400000 100000\n")
    assert cgroup_quota("0::/a/b\n", tmp_path) == 1.5


def test_max_means_unlimited(tmp_path: Path) -> None:
    write(tmp_path / "a" / "cpu.max", "max 100000\n")
    assert cgroup_quota("0::/a\n", tmp_path) is None


def test_a_container_sees_its_quota_at_the_root(tmp_path: Path) -> None:
    write(tmp_path / "cpu.max", "200000 100000\n")
    assert cgroup_quota("0::/\n", tmp_path) == 2.0
    assert cgroup_quota("0::/../elsewhere\n", tmp_path) == 2.0


def test_version_1_groups(tmp_path: Path) -> None:
    folder = tmp_path / "cpu,cpuacct" / "docker" / "x"
    write(folder / "cpu.cfs_quota_us", "50000\n")
    write(folder / "cpu.cfs_period_us", "100000\n")
    write(tmp_path / "cpu,cpuacct" / "cpu.cfs_quota_us", "-1\n")
    write(tmp_path / "cpu,cpuacct" / "cpu.cfs_period_us", "100000\n")
    membership = "5:memory:/docker/x\n4:cpu,cpuacct:/docker/x\n1:name=systemd:/docker/x\n"
    assert cgroup_quota(membership, tmp_path) == 0.5


def test_this_machine_has_a_core() -> None:
    assert usable_cores() >= 1


@pytest.mark.parametrize(("cores", "threads"), [(1, 1), (2, 1), (4, 1), (8, 2), (64, 8)])
def test_io_threads(cores: int, threads: int) -> None:
    assert io_threads(cores) == threads


@pytest.mark.parametrize(
    ("provider", "instances", "threads", "cores", "slots"),
    [
        ("cpu", None, None, 8, Slots(8, 1)),
        ("cpu", None, 4, 8, Slots(2, 4)),
        ("cpu", None, 16, 8, Slots(1, 16)),
        ("cpu", 2, None, 8, Slots(2, 4)),
        ("cpu", 16, None, 8, Slots(16, 1)),
        ("cpu", 3, 3, 8, Slots(3, 3)),
        ("openvino", None, None, 2, Slots(2, 1)),
        ("cuda", None, None, 8, Slots(2, 1)),
        ("tensorrt", 3, None, 8, Slots(3, 1)),
    ],
)
def test_slots_times_threads_are_the_cores(
    provider: Provider, instances: int | None, threads: int | None, cores: int, slots: Slots
) -> None:
    config = ModelConfig(
        execution_provider=provider, instance_count=instances, intra_op_threads=threads
    )
    assert share(config, cores) == slots
