"""`python -m server profile` on a real model."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests import graphs
from tests.server_process import ROOT

COLUMNS = ["rows", "median ms", "p95 ms", "us per row", "rows/s per slot", "samples"]


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("repository")
    for version in (1, 2):
        graphs.write_model(
            folder, "mlp", graphs.mlp(), version=version, config="max_batch_size: 6\n"
        )
    graphs.write_model(folder, "dynamic", graphs.dynamic_inner())
    return folder


def profile(repository: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "server", "profile", "--repo", str(repository), *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_every_size_is_measured_and_advice_follows(repository: Path, tmp_path: Path) -> None:
    out = tmp_path / "mlp.json"
    done = profile(repository, "--model", "mlp", "--seconds", "0.2", "--out", str(out))
    assert done.returncode == 0, done.stderr
    title, header, *lines = done.stdout.splitlines()
    assert title.startswith("mlp/2: cpu, ")
    assert [name for name in COLUMNS if name in header] == COLUMNS
    assert [line.split()[0] for line in lines[:5]] == ["1", "2", "3", "4", "6"]
    assert "latency_slo_ms: " in lines[-1]
    assert "measuring batches of 6" in done.stderr
    written = json.loads(out.read_text())
    assert [figure["rows"] for figure in written["figures"]] == [1, 2, 3, 4, 6]
    assert all(0 < each["median_s"] <= each["p95_s"] for each in written["figures"])
    assert written["advice"] == lines[5:]


def test_the_page_has_plot_and_table(repository: Path, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    out = tmp_path / "mlp.html"
    words = ["--model", "mlp", "--version", "1", "--seconds", "0.1", "--out", str(out)]
    done = profile(repository, *words)
    assert done.returncode == 0, done.stderr
    html = out.read_text()
    assert "<h1>mlp/1: cpu, " in html
    assert "<svg" in html
    assert html.count("<tr>") == 6


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["--model", "mpl"], 2, 'there is no model "mpl". Did you mean "mlp"?'),
        (["--model", "mlp", "--version", "3"], 2, "has no version 3; it has: 1, 2"),
        (["--model", "dynamic"], 1, 'input "INPUT0" has dims [-1]'),
    ],
)
def test_what_cannot_be_measured_is_said(
    repository: Path, words: list[str], code: int, message: str
) -> None:
    done = profile(repository, *words)
    assert (done.returncode, done.stdout) == (code, "")
    assert message in done.stderr
