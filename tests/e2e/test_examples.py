"""The scripts of examples/ as a newcomer runs them, on the models that ship with the project."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import StartServer

ROOT = Path(__file__).resolve().parents[2]
REQUIRED_ACCURACY = 0.97


def run_example(script: str, *args: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "examples" / script), *args]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_classify_reaches_the_recorded_accuracy(
    start_server: StartServer, model_repository: Path
) -> None:
    server = start_server(model_repository)
    done = run_example("classify.py", "--address", server.grpc)
    assert done.returncode == 0, done.stderr
    assert re.search(r"by name: 0\.\d{6}:\d:[a-z]+, 0\.\d{6}:\d:[a-z]+, 0\.", done.stdout)
    found = re.search(r"(\d+) of (\d+) .*accuracy ([0-9.]+)", done.stdout)
    assert found is not None, done.stdout
    recorded = json.loads((model_repository / "digits" / "metrics.json").read_text())
    assert int(found[2]) == recorded["held_out_images"]
    accuracy = int(found[1]) / int(found[2])
    assert accuracy >= REQUIRED_ACCURACY
    # Another processor may round one image to the other side.
    assert accuracy == pytest.approx(recorded["held_out_accuracy_int8"], abs=0.005)


def test_classify_wine_prints_label_and_probabilities(
    start_server: StartServer, model_repository: Path
) -> None:
    server = start_server(model_repository)
    done = run_example("classify_wine.py", "--address", server.grpc)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("cultivar 0, probabilities 0.99")


def test_a_refused_request_is_told_with_its_reason(
    start_server: StartServer, model_repository: Path
) -> None:
    server = start_server(model_repository)
    done = run_example("classify_wine.py", "--address", server.grpc, "1", "2", "3")
    assert done.returncode == 1
    assert "INVALID_ARGUMENT" in done.stderr
    assert "[1,3]" in done.stderr


def test_without_a_server_classify_says_how_to_start_one(tmp_path: Path) -> None:
    done = run_example("classify.py", "--address", f"unix:{tmp_path / 'nobody'}")
    assert done.returncode == 1
    assert "make serve" in done.stderr


def test_the_wine_script_trains_the_model_that_is_committed(
    tmp_path: Path, model_repository: Path
) -> None:
    done = run_example("train_wine.py", "--output", str(tmp_path))
    assert done.returncode == 0, done.stderr
    made = json.loads((tmp_path / "metrics.json").read_text())
    recorded = json.loads((model_repository / "wine" / "metrics.json").read_text())
    assert made["held_out_accuracy"] == recorded["held_out_accuracy"]
    assert (tmp_path / "1" / "model.onnx").is_file()
