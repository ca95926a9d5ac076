"""The laboratory runs to its end and writes its report. Its figures are not judged here."""

import json
import subprocess
import sys
from pathlib import Path

from tests.server_process import ROOT

MODEL = """
about: a small model
seconds: 0.3
in_flight: 16
models:
- name: net
  graph: {form: mlp, sizes: [16, 32, 4]}
  config: {max_batch_size: 8, instance_count: 1, intra_op_threads: 1}
"""
SECOND = """
- name: grid
  graph: {form: grid, rows: 4, width: 8, layers: 2}
"""
ENCODERS = """
about: a small encoder
seconds: 0.3
models:
- name: exact
  graph: &graph {form: encoder, sizes: [8, 4], shortest: 2, longest: 6}
- name: padded
  graph: *graph
  config: {max_batch_size: 8, padding: {inputs: {IDS: 0}, mask: MASK}}
"""
IDEAL = MODEL + "kind: ideal\nloads: [{fraction: 0.3, most: 2}]"
SCENARIOS = {
    "ideal": IDEAL,
    "spike": MODEL + "kind: spike\nmost_ms: 100\nbase: 0.1\nfactor: 2",
    "overload": MODEL + "kind: overload\nfactor: 1.1\ngoodput: 0.9\nlate: 0.1",
    "tuning": MODEL + "kind: tuning\npreferred: [4]\ndelays_us: [10]\nthroughput: 1\np99: 1",
    "fairness": MODEL + SECOND + "kind: fairness\nrate: 100\nmost: 2",
    "refusal": MODEL + "kind: refusal\ndeadline_ms: 0.001\nmost: 1",
    "padding": ENCODERS + "kind: padding\nleast: 2",
}


def lab(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "benchmarks.lab", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_a_run_writes_tables_pictures_and_a_stamp(tmp_path: Path) -> None:
    paths = [tmp_path / f"{name}.yaml" for name in SCENARIOS]
    for path, text in zip(paths, SCENARIOS.values(), strict=True):
        path.write_text(text)
    done = lab("--quick", *paths, f"--out={tmp_path / 'out'}")
    assert done.returncode == 0, done.stderr
    (report,) = tmp_path.glob("out/lab-*/report.json")
    content = json.loads(report.read_text())
    assert content["stamp"]["command"].startswith("python -m benchmarks.lab --quick")
    assert content["stamp"]["commit"] in report.parent.name
    assert content["stamp"]["load generator"].endswith("of 7 open loops valid")
    assert [section["name"] for section in content["sections"]] == [*SCENARIOS]
    for section in content["sections"]:
        figures = {figure["name"]: figure for figure in section["figures"]}
        assert any(figure["target"] and figure["verdict"] for figure in figures.values())
        for plot in section["plots"]:
            assert (report.parent / plot).read_bytes().startswith(b"\x89PNG")
    text = report.with_suffix(".md").read_text()
    assert text in done.stdout
    for name in ("ideal", "spike", "tuning"):
        assert f"## {name}" in text and f"({name}-net.png)" in text


def test_a_mistake_is_told_before_anything_is_measured(tmp_path: Path) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text(IDEAL.replace("0.3, most", "3.0, most"))
    done = lab(path, f"--out={tmp_path / 'out'}")
    assert done.returncode == 1
    assert f"{path}: loads[0].fraction: 3.0: Input should be less than 1" in done.stderr
    assert not (tmp_path / "out").exists()
