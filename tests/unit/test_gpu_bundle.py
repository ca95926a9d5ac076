"""Before the GPU suite measures: the bundle's parts, the driver and the libraries."""

import os
from contextlib import nullcontext
from pathlib import Path

import pytest

from benchmarks.gpu import driver, parts
from benchmarks.gpu.driver import DriverError, require_driver, require_libraries
from benchmarks.gpu.parts import BundleError, Manifest, pack, unpack, verify
from benchmarks.gpu.prepare import prepare
from tests.fake_nvml.build import build


@pytest.fixture
def bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two files of 60 KB together, in parts of 16 KiB."""
    monkeypatch.setattr(parts, "PART_BYTES", 16 << 10)
    folder = tmp_path / "bundle"
    folder.mkdir()
    for name, size in (("a", 20_000), ("b", 40_000)):
        (tmp_path / name).write_bytes(os.urandom(size))
    group = pack("things", [(f"in/{name}", tmp_path / name) for name in "ab"], folder)
    Manifest("abc", "3.12", {"things": group}).write(folder)
    return folder


def test_what_was_packed_is_unpacked(bundle: Path, tmp_path: Path) -> None:
    manifest = Manifest.read(bundle)
    group = manifest.groups["things"]
    assert [part.name for part in group.parts] == [f"things.tar.xz.{n:03d}" for n in range(4)]
    assert all((bundle / part.name).stat().st_size <= 16 << 10 for part in group.parts)
    assert sorted(path.name for path in bundle.iterdir()) == sorted(
        ["manifest.json", *(part.name for part in group.parts)]
    )
    verify(manifest, bundle)
    unpack(group, bundle, tmp_path / "out")
    for name in "ab":
        assert (tmp_path / "out/in" / name).read_bytes() == (tmp_path / name).read_bytes()


def test_a_part_that_is_missing_or_differs_is_named(bundle: Path) -> None:
    manifest = Manifest.read(bundle)
    (bundle / "things.tar.xz.001").write_bytes(b"other")
    with pytest.raises(BundleError, match=r"things\.tar\.xz\.001 differs"):
        verify(manifest, bundle)
    (bundle / "things.tar.xz.002").unlink()
    with pytest.raises(BundleError, match=r"lacks things\.tar\.xz\.002: copy"):
        verify(manifest, bundle)


def test_no_bundle_and_the_wrong_python_are_named(bundle: Path, tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="run `make gpu-bundle`"):
        prepare(tmp_path / "nowhere", tmp_path / "into")
    Manifest("abc", "2.7", {}).write(bundle)
    with pytest.raises(BundleError, match=r"for Python 2\.7.*PYTHON=python2\.7"):
        prepare(bundle, tmp_path / "into")


def test_cuda_libraries_that_do_not_open_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(driver, "CUDA_LIBRARIES", ("libc.so.6", "libnone.so.1"))
    with pytest.raises(DriverError, match=r"missing: libnone\.so\.1: cannot open.*LD_LIBRARY_PATH"):
        require_libraries(os.environ)


@pytest.mark.parametrize(
    ("state", "message"),
    [("unloaded", "no NVIDIA driver: NVML answers 9"), ("healthy", None)],
)
def test_a_driver_is_asked_for_before_anything_else(
    state: str, message: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = build(tmp_path) / "libnvidia-ml.so.1"
    monkeypatch.setattr(driver, "NVML", str(library))
    (tmp_path / "state").write_text(state)
    monkeypatch.setenv("FAKE_NVML", str(tmp_path / "state"))
    with nullcontext() if message is None else pytest.raises(DriverError, match=message):
        require_driver()
