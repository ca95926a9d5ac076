"""The benchmarks run to their end. Their figures are not judged here."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import models
from benchmarks.echo import Echo
from benchmarks.server import BenchServer
from tests.server_process import ROOT


def test_quick_run_prints_and_saves_every_scenario(tmp_path: Path) -> None:
    core = min(os.sched_getaffinity(0))
    done = bench("--quick", f"--out={tmp_path}", f"--pin={core}:{core}")
    assert done.returncode == 0, done.stderr
    (saved,) = tmp_path.glob("*.json")
    content = json.loads(saved.read_text())
    assert content["stamp"]["commit"] in saved.name
    assert content["stamp"]["pinned"] == f"servers on {core}, generators on {core}"
    assert all(figure["value"] >= 0 for figure in content["figures"] if figure["unit"] != "%")
    scenarios = {figure["scenario"].partition(",")[0] for figure in content["figures"]}
    assert scenarios == {
        "identity FP32[1",
        "MLP 64-128-128-10",
        "identity 150 KB",
        "identity 600 KB",
        "slow model",
        "5",
    }
    assert saved.with_suffix(".md").read_text() in done.stdout


def bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "benchmarks", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_servers_run_on_their_cores_and_nothing_is_left_of_them(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    repository, open_files = tmp_path / "repository", Path("/proc/self/fd")
    models.write_repository(repository)
    own, before = os.sched_getaffinity(0), len(list(open_files.iterdir()))
    cores = frozenset({min(own)})
    with BenchServer(repository, tmp_path, cores) as server, Echo(cores=cores) as echo:
        for pid in (server.pid, echo.pid):
            threads = Path(f"/proc/{pid}/task").iterdir()
            assert {core for t in threads for core in os.sched_getaffinity(int(t.name))} == cores
        assert os.sched_getaffinity(0) == own
    assert not Path(f"/proc/{server.pid}").exists()
    assert len(list(open_files.iterdir())) == before
    assert capfd.readouterr() == ("", "")


def test_a_failure_shows_the_servers_log(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    repository = tmp_path / "repository"
    models.write_repository(repository)
    with pytest.raises(ZeroDivisionError), BenchServer(repository, tmp_path) as server:
        raise ZeroDivisionError
    assert f"--- log of server {server.pid} (exit code 0)" in capsys.readouterr().err


@pytest.mark.parametrize("pin", ["0", "zero:1", "2-1:0", "0:9999", "0:0-99999999"])
def test_cores_that_cannot_be_used_are_refused(pin: str) -> None:
    done = bench("--pin", pin)
    assert done.returncode == 2
    assert f"argument --pin: {pin!r}: " in done.stderr


def test_micro_benchmarks_run() -> None:
    command = [sys.executable, "-m", "pytest", "benchmarks/micro", "--benchmark-disable"]
    command += ["-q", "-p", "no:cacheprovider"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_choice_of_the_provider_is_measured(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "benchmarks.providers", "auto", "--kind", "mlp", "--quick"]
    done = subprocess.run(
        [*command, f"--out={tmp_path}"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    (saved,) = tmp_path.glob("*.json")
    names = {figure["name"] for figure in json.loads(saved.read_text())["figures"]}
    assert {"rows served, auto", "rows served, cpu", "served / bare loop"} <= names
