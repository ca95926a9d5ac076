"""The GPU suite runs to its end on the CPU provider. Its figures are not judged here."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.tools import DEFAULT_BUILD, ROOT


def suite(module: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", module, *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_a_quick_run_on_the_cpu_writes_its_figures(tmp_path: Path) -> None:
    done = suite(
        "benchmarks.gpu",
        *("--provider", "cpu", "--quick", "--build", DEFAULT_BUILD, "--out", tmp_path),
    )
    assert done.returncode == 0, done.stderr
    (path,) = tmp_path.glob("*.json")
    assert path.with_suffix(".md").is_file()
    written = json.loads(path.read_text())
    assert written["stamp"]["provider"] == "cpu"
    values = {(each["scenario"], each["name"]): each["value"] for each in written["figures"]}
    for model in ("resnet50", "encoder", "digits", "wine"):
        assert values["correctness", model] == 0
    for model in ("resnet50", "encoder"):
        assert values[model, "offline, slots: 2, batch 4"] > 0
        assert (model, "served / offline") in values
    assert ("CUDA graph", "with / without") in values
    assert ("copies", "two slots / one") in values


@pytest.mark.parametrize("module", ["benchmarks.gpu", "benchmarks.gpu.prepare"])
def test_without_a_driver_it_says_so_in_one_line(
    module: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "libnvidia-ml.so.1").write_text("not a library")
    monkeypatch.setenv("LD_LIBRARY_PATH", str(tmp_path))
    done = suite(module)
    assert done.returncode == 1
    assert done.stderr.startswith("gpu-suite: no NVIDIA driver: ")
    assert done.stderr.count("\n") == 1
