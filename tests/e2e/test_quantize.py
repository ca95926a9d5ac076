"""`python -m server quantize` on real models: what it keeps, refuses and writes."""

import io
import json
import os
import signal
import subprocess
import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import yaml
from numpy.typing import NDArray
from onnx import ModelProto, TensorProto, helper

from benchmarks.networks import text_encoder
from server.machine import inspect
from server.quantize.command import quantize as quantize_here
from server.quantize.options import QuantizeOptions
from tests import graphs
from tests.conftest import StartServer
from tests.e2e import interrupted
from tests.e2e.client import Client
from tests.server_process import ROOT

Arrays = dict[str, NDArray[Any]]
EPOCHS = 4  # enough for a model that is right most of the time
IMAGES = np.random.default_rng(3).normal(size=(40, 3, 16, 16)).astype(np.float32)


def command(*words: Path | str) -> list[str]:
    return [sys.executable, "-m", "server", "quantize", *map(str, words), "--seconds", "0.5"]


def quantize(*words: Path | str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command(*words), cwd=ROOT, capture_output=True, text=True, check=False)


def write(folder: Path, model: ModelProto, arrays: Arrays) -> tuple[Path, Path]:
    """The model and its calibration data as files."""
    onnx.save(model, folder / "model.onnx")
    keywords: dict[str, Any] = dict(arrays)
    np.savez(folder / "data.npz", **keywords)
    return folder / "model.onnx", folder / "data.npz"


def made(folder: Path, model: ModelProto, arrays: Arrays, *words: str) -> tuple[Path, Any]:
    """Quantizes; the version folder and what quantization.json says."""
    path, data = write(folder, model, arrays)
    output = folder / "repository" / "model"
    done = quantize(path, "--calibration", data, "--output", output, *words)
    assert done.returncode == 0, done.stderr
    version = max(output.glob("[0-9]*"), key=lambda each: int(each.name))
    assert done.stdout.splitlines()[-1].startswith("wrote ") or version.name != "1"
    return version, json.loads((version / "quantization.json").read_text())


def candidates(report: Any, precision: str) -> list[Any]:
    return [each for each in report["candidates"] if each["precision"] == precision]


def chosen(report: Any) -> Any:
    found = report["decision"]["chosen"]
    return next(each for each in report["candidates"] if each["title"] == found)


def test_digits_lose_no_more_than_half_a_point(tmp_path: Path, start_server: StartServer) -> None:
    trained = tmp_path / "trained"
    script = str(ROOT / "examples" / "train_digits.py")
    words = ["--float-only", str(trained), "--epochs", str(EPOCHS)]
    # Products this small gain nothing from threads, which only wait for each other.
    one_thread = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
    subprocess.run([sys.executable, script, *words], cwd=ROOT, env=one_thread, check=True)
    output = tmp_path / "repository" / "digits"
    evaluation = trained / "evaluation.npz"
    data = ("--calibration", trained / "calibration.npz", "--evaluation", evaluation)
    done = quantize(trained / "digits.onnx", *data, "--output", output)
    assert done.returncode == 0, done.stderr

    report = json.loads((output / "1" / "quantization.json").read_text())
    quantized = candidates(report, "int8")
    assert quantized
    for each in quantized:
        assert each["accuracy"]["top1_drop_points"] <= 0.5
        assert each["layers_in_float"] == []
        assert set(each["timings"]) >= {"1", "8"}
    assert report["decision"]["chosen"] in done.stdout
    assert report["evaluation"]["samples"] == 360
    assert f"# digits: {report['decision']['chosen']}" in (output / "1/quantization.md").read_text()
    assert "<svg" in (output / "1" / "quantization.svg").read_text()

    server = start_server(output.parent, "--strict")
    with np.load(evaluation) as kept, Client(server.grpc) as client:
        batches = np.array_split(kept["image"], 12)
        digits = [client.infer("digits", {"image": batch})["digit"][:, 0] for batch in batches]
        right = float(np.mean(np.concatenate(digits) == kept["label"]))
    assert right == pytest.approx(chosen(report)["accuracy"]["top1_percent"] / 100, abs=0.01)


def test_layers_that_eight_bits_ruin_stay_in_float(tmp_path: Path) -> None:
    fragile = graphs.convolutions(4, outlier=1e5)
    version, report = made(tmp_path, fragile, {"INPUT0": IMAGES})
    whole = [each for each in candidates(report, "int8") if not each["layers_in_float"]]
    assert len({each["calibration"] for each in whole}) == 3  # other ranges were tried first
    for each in whole:
        assert "outputs differ by" in each["refused"]
    accurate = [each for each in candidates(report, "int8") if each["refused"] is None]
    assert {frozenset(each["layers_in_float"]) for each in accurate} == {
        frozenset({"conv0", "conv1"})
    }
    assert {each["name"] for each in report["layers"][:2]} == {"conv0", "conv1"}
    assert (
        "left in float, since INT8 harms them most: conv"
        in (version / "quantization.md").read_text()
    )


def test_a_model_that_int8_ruins_is_kept_in_float(tmp_path: Path) -> None:
    (tmp_path / "repository" / "model" / "1").mkdir(parents=True)
    version, report = made(tmp_path, graphs.convolutions(2, outlier=1e5), {"INPUT0": IMAGES})
    assert version.name == "2"
    assert all(each["refused"] for each in candidates(report, "int8"))
    assert "INT8 stays too inaccurate with 1 of 3 layers left in float" in report["notes"]
    assert report["decision"]["reasons"][-1].startswith("INT8 does not pay here: ")
    assert chosen(report)["precision"] in ("float", "bf16")
    assert (version / "model.onnx").read_bytes() == (tmp_path / "model.onnx").read_bytes()


def test_encoders_are_quantized_at_run_time_too(tmp_path: Path) -> None:
    encoder = text_encoder(layers=1, hidden=32, heads=2, vocabulary=64)
    ids = np.random.default_rng(1).integers(0, 64, (24, 8))
    mask = np.ones_like(ids)
    _, report = made(tmp_path, encoder, {"input_ids": ids, "attention_mask": mask}, "--batch", "1")
    (dynamic,) = candidates(report, "int8 dynamic")
    assert dynamic["refused"] is None
    assert candidates(report, "int8")


def test_clients_see_no_difference_in_half_precision(tmp_path: Path) -> None:
    weights = np.random.default_rng(2).random((8, 2)).astype(np.float16)
    product = helper.make_node("MatMul", ["INPUT0", "weights"], ["OUTPUT0"], name="product")
    tensors = [graphs.tensor("INPUT0", (4, 8), "FP16")], [graphs.tensor("OUTPUT0", (4, 2), "FP16")]
    model = graphs.graph([product], *tensors, {"weights": weights})
    inputs = np.random.default_rng(1).random((24, 4, 8)).astype(np.float16)
    version, report = made(tmp_path, model, {"INPUT0": inputs})
    assert all(each["refused"] is None for each in candidates(report, "int8"))
    kept = onnx.load(version / "model.onnx").graph
    for tensor in (*kept.input, *kept.output):
        assert tensor.type.tensor_type.elem_type == TensorProto.FLOAT16


@pytest.mark.skipif(inspect(["cuda"]).gpu, reason="there is a GPU to measure on")
def test_without_a_gpu_nothing_is_claimed_about_it(tmp_path: Path) -> None:
    model = graphs.convolutions(2)
    words = ["--target", "gpu", "--unmeasured"]
    version, report = made(tmp_path, model, {"INPUT0": IMAGES}, *words)
    assert "not measured: no GPU here" in report["decision"]["reasons"][-1]
    assert not report["decision"]["measured"]
    assert chosen(report)["precision"] == "int8"
    title = "int8 (MinMax) for tensorrt (judged by an FP32 stand-in on cpu)"
    assert report["decision"]["chosen"] == title
    assert any("was opened, but not evaluated" in note for note in report["notes"])
    kinds = {each.data_type for each in onnx.load(version / "model.onnx").graph.initializer}
    assert TensorProto.FLOAT16 in kinds
    assert TensorProto.FLOAT not in kinds
    configured = yaml.safe_load((version.parent / "model.yaml").read_text())
    assert configured["execution_provider"] == "tensorrt"


def unconvertible() -> ModelProto:
    cast = helper.make_node("Cast", ["INPUT0"], ["OUTPUT0"], name="cast", to="FLOAT")
    tensors = [graphs.tensor("INPUT0", ("n", 4))], [graphs.tensor("OUTPUT0", ("n", 4))]
    return graphs.graph([cast], *tensors, opset=5)


def unknown() -> ModelProto:
    made = graphs.identity(("n", 4))
    made.graph.node[0].domain = "elsewhere"
    made.opset_import.append(helper.make_opsetid("elsewhere", 1))
    return made


ROWS = np.random.default_rng(1).random((24, 4), np.float32)


@pytest.mark.parametrize(
    ("model", "arrays", "words", "message"),
    [
        (graphs.identity(("n", 4)), {"INPUT": ROWS}, [], 'input "INPUT0" is missing'),
        (graphs.identity(("n", 4)), {"INPUT0": ROWS[:, :3]}, [], "expected FP32 [samples, 4], got"),
        (graphs.identity(("n", 4)), {"INPUT0": ROWS[:9]}, [], "9 samples are too few"),
        (unconvertible(), {"INPUT0": ROWS}, [], "opset 5 is not supported"),
        (unknown(), {"INPUT0": ROWS}, [], "elsewhere:Identity(-1) is not a registered"),
        (graphs.identity(("n", 4)), {"INPUT0": ROWS}, ["--target", "gpu"], "there is no GPU here"),
    ],
)
def test_mistakes_are_one_line_and_leave_nothing(
    tmp_path: Path, model: ModelProto, arrays: Arrays, words: list[str], message: str
) -> None:
    path, data = write(tmp_path, model, arrays)
    repository = tmp_path / "repository"
    done = quantize(path, "--calibration", data, "--output", repository / "model", *words)
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("error: ")
    assert message in line
    assert not repository.exists()


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_leaves_nothing(tmp_path: Path, stop: signal.Signals) -> None:
    path, data = write(tmp_path, graphs.convolutions(4), {"INPUT0": IMAGES})
    repository = tmp_path / "repository"
    words = command(path, "--calibration", data, "--output", repository / "model")
    interrupted.leaves_nothing(words, stop, "calibrating", tmp_path, repository)


def test_an_interrupt_that_comes_too_late_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    class Impatient(io.StringIO):
        """Interrupts as soon as the version is written."""

        def write(self, text: str, /) -> int:
            if text.startswith("wrote"):
                raise KeyboardInterrupt
            return super().write(text)

    weights = np.eye(4, dtype=np.float32)
    product = helper.make_node("MatMul", ["INPUT0", "weights"], ["OUTPUT0"], name="product")
    tensors = [graphs.tensor("INPUT0", ("n", 4))], [graphs.tensor("OUTPUT0", ("n", 4))]
    model = graphs.graph([product], *tensors, {"weights": weights})
    path, data = write(tmp_path, model, {"INPUT0": ROWS})
    options = QuantizeOptions(path, data, tmp_path / "model", seconds=0.1)
    with redirect_stdout(Impatient()):
        assert quantize_here(options) == 130
    assert (tmp_path / "model" / "1" / "model.onnx").exists()
    said = capsys.readouterr().err.splitlines()[-1]
    assert said == f"interrupted: see whether {options.output} has a new version"
