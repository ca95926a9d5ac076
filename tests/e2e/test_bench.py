"""The benchmarks run to their end. Their figures are not judged here."""

import json
import subprocess
import sys
from pathlib import Path

from tests.server_process import ROOT


def test_quick_run_prints_and_saves_every_scenario(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "benchmarks", "--quick", f"--out={tmp_path}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (saved,) = tmp_path.glob("*.json")
    content = json.loads(saved.read_text())
    assert content["stamp"]["commit"] in saved.name
    assert all(figure["value"] >= 0 for figure in content["figures"] if figure["unit"] != "%")
    scenarios = {figure["scenario"].partition(",")[0] for figure in content["figures"]}
    assert scenarios == {
        "identity FP32[1",
        "MLP 64-128-128-10",
        "identity 150 KB",
        "slow model",
        "5",
    }
    assert saved.with_suffix(".md").read_text() in done.stdout


def test_micro_benchmarks_run() -> None:
    command = [sys.executable, "-m", "pytest", "benchmarks/micro", "--benchmark-disable"]
    command += ["-q", "-p", "no:cacheprovider"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
