"""The scripts of examples/ as a newcomer runs them, on the models that ship with the project."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

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


def test_pictures_are_classified_as_recorded(
    start_server: StartServer, model_repository: Path
) -> None:
    server = start_server(model_repository)
    done = run_example("classify_picture.py", "--address", server.grpc)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert re.fullmatch(r"0_\d\d\.[a-z]+: zero \(\d+\.\d%\), [a-z]+ \(\d+\.\d%\)", lines[0])
    found = re.fullmatch(r"(\d+) of (\d+) held-out pictures are right", lines[-1])
    assert found is not None, done.stdout
    recorded = json.loads((model_repository / "digit_pictures" / "metrics.json").read_text())
    assert int(found[2]) == recorded["sent_pictures"]
    # Another processor may round one picture to the other side.
    assert int(found[1]) == pytest.approx(recorded["sent_pictures_right"], abs=1)


def test_a_refused_file_is_named_and_the_others_are_classified(
    start_server: StartServer, model_repository: Path, tmp_path: Path
) -> None:
    server = start_server(model_repository)
    good = min((ROOT / "examples" / "digit_pictures").iterdir())
    cut, text = tmp_path / "cut.jpg", tmp_path / "notes.txt"
    cut.write_bytes(good.read_bytes()[:-100])
    text.write_text("seven")
    files = [str(each) for each in (text, good, cut)]
    done = run_example("classify_picture.py", "--address", server.grpc, *files)
    assert done.returncode == 1
    assert done.stdout.startswith(f"{good.name}: zero")
    for file, line in zip((text, cut), done.stderr.splitlines(), strict=True):
        assert line.startswith(f"{file}: INVALID_ARGUMENT: ")


def test_a_row_and_its_columns_give_the_same_rent(
    start_server: StartServer, model_repository: Path
) -> None:
    server = start_server(model_repository)
    done = run_example("estimate_rent.py", "--address", server.grpc)
    assert (done.returncode, done.stderr) == (0, "")
    row, columns, refused = done.stdout.splitlines()
    assert row.removeprefix("as a row:   ") == columns.removeprefix("as columns: ")
    assert 500 < float(row.split()[3]) < 1500
    assert all(word in refused for word in ("row 0", "heating", "coal", "heat pump")), refused


def test_a_wrong_flat_is_told_with_its_column(
    start_server: StartServer, model_repository: Path
) -> None:
    server = start_server(model_repository)
    flat = '{"area": "large", "rooms": 2, "floor": 3, "balcony": true, "heating": "gas"}'
    done = run_example("estimate_rent.py", "--address", server.grpc, flat)
    assert done.returncode == 1
    assert all(word in done.stderr for word in ("INVALID_ARGUMENT", "area", "large")), done.stderr


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


def feature_keys(config: Any) -> list[tuple[str, ...]]:
    """What is made of which column; numbers may differ in their last digits."""
    features = config["preprocess"]["features"]["columns"]["features"]
    return [(each["name"], *sorted(each)) for each in features]


def test_the_rents_script_fits_the_model_that_is_committed(
    tmp_path: Path, model_repository: Path
) -> None:
    done = run_example("train_rents.py", "--output", str(tmp_path))
    assert done.returncode == 0, done.stderr
    kept = model_repository / "rents"
    made, recorded = (json.loads((at / "metrics.json").read_text()) for at in (tmp_path, kept))
    assert made["held_out_r2"] == recorded["held_out_r2"]
    fitted, served = (yaml.safe_load((at / "model.yaml").read_text()) for at in (tmp_path, kept))
    assert feature_keys(fitted) == feature_keys(served)
