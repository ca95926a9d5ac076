"""What of a model runs in INT8, asked of the real runtimes."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

from server.examine.examination import Examination, ExaminationError
from server.examine.openvino import OpenVinoError, layers
from server.examine.subject import Subject
from server.truth.gather import report_of
from server.truth.text import render
from tests import graphs
from tests.e2e.conftest import Serve
from tests.e2e.metrics import Metrics
from tests.quantized_graphs import (
    MACS,
    SIGNED,
    UNSIGNED,
    dynamic_product,
    float_convolutions,
    integer_convolutions,
    paired_convolutions,
    residual,
)
from tests.server_process import ROOT, ServerFailedError, ServerProcess


def run_inspect(*words: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "server", "inspect", *map(str, words)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def inspected(folder: Path, made: onnx.ModelProto, provider: str) -> tuple[str, dict[str, Any]]:
    """The report on the model under one provider: as text and as JSON."""
    path = graphs.write_model(folder, "m", made)
    report = report_of(Subject(str(path), provider), "model")
    return render(report), json.loads(json.dumps(report.as_dict()))


def precisions(report: dict[str, Any]) -> list[str]:
    return [product["precision"] for product in report["products"]]


def finding(report: dict[str, Any], code: str) -> dict[str, Any]:
    (found,) = [each for each in report["findings"] if each["code"] == code]
    return dict(found)


def test_qlinearconv_aimed_at_cuda(tmp_path: Path) -> None:
    text, report = inspected(tmp_path, integer_convolutions(3), "cuda")
    first, reason = text.splitlines()[:2]
    assert first == "model on cuda: predicted, all 3 products run in INT8, but on the CPU"
    assert reason.startswith("not run: execution provider 'cuda'")
    assert finding(report, "on_cpu")["nodes"] == ["node_c0", "node_c1", "node_c2"]
    assert len(finding(report, "copies")["nodes"]) == 2
    assert "what to do: quantize the FP32 file for TensorRT (" in text
    assert report["macs"] == 3 * MACS


def test_pairs_aimed_at_cuda_run_in_float(tmp_path: Path) -> None:
    _, report = inspected(tmp_path, paired_convolutions(2), "cuda")
    assert precisions(report) == ["FP32", "FP32"]
    assert report["unfused"] == ["node_c0", "node_c1"]
    assert "tensorrt" in finding(report, "unfused")["advice"]


def test_a_half_fused_file_on_the_cpu(tmp_path: Path) -> None:
    text, report = inspected(tmp_path, paired_convolutions(4, float_after={1}), "cpu")
    assert precisions(report) == ["INT8", "FP32", "FP32", "INT8"]
    assert report["int8_share"] == 0.5
    assert "quantized products run in float (Conv): their output is not quantized: node_c1" in text
    assert "quantized products run in float (Conv): their input is not quantized: node_c2" in text
    assert set(finding(report, "conversions")["nodes"]) >= {"node_w1_dq", "node_c0_dq"}
    assert "what to do: quantize the FP32 file" in text


def test_nodes_without_names(tmp_path: Path) -> None:
    made = paired_convolutions(4)
    for node in made.graph.node:
        node.ClearField("name")
    _, report = inspected(tmp_path, made, "cpu")
    assert precisions(report) == ["INT8"] * 4
    assert report["macs"] == 4 * MACS


@pytest.mark.parametrize(("zero", "share"), [(SIGNED, 0.0), (UNSIGNED, 1.0)])
def test_signed_activations_that_are_shared_do_not_fuse(
    tmp_path: Path, zero: np.generic, share: float
) -> None:
    text, report = inspected(tmp_path, residual(zero), "cpu")
    assert report["int8_share"] == share
    assert ("signed (int8) and shared" in text) == (share == 0)


def test_signed_activations_of_integer_operators(tmp_path: Path) -> None:
    text, report = inspected(tmp_path, integer_convolutions(2, SIGNED), "cpu")
    assert report["int8_share"] == 1
    assert len(finding(report, "signed_activations")["nodes"]) == 2
    assert "what to do: use unsigned activations (U8S8)" in text


def test_a_well_prepared_file_on_openvino(tmp_path: Path) -> None:
    text, report = inspected(tmp_path, paired_convolutions(4), "openvino")
    assert text.startswith("model on openvino: all 4 products run in INT8\n")
    assert all(product["words"].endswith("_I8") for product in report["products"])
    assert report["findings"] == []
    assert report["macs"] == 4 * MACS


def test_openvino_leaves_integer_operators_to_the_cpu(tmp_path: Path) -> None:
    text, report = inspected(tmp_path, integer_convolutions(2), "openvino")
    assert {product["provider"] for product in report["products"]} == {"cpu"}
    assert "what to do: OpenVINO takes integers as" in text


def test_a_float_model(tmp_path: Path) -> None:
    path = graphs.write_model(tmp_path, "m", float_convolutions(3))
    run = run_inspect(path)
    first, second = run.stdout.strip().split("\n\n")  # on every provider that is here
    assert first.startswith("model.onnx on cpu: all 3 products run in FP32\n")
    assert second.startswith("model.onnx on openvino: all 3 products run in FP32\n")
    assert "what to do: measure whether INT8 pays" in first


def test_a_dynamically_quantized_product(tmp_path: Path) -> None:
    _, on_cpu = inspected(tmp_path, dynamic_product(), "cpu")
    assert [each["words"] for each in on_cpu["products"]] == ["DynamicQuantizeMatMul"]
    assert on_cpu["int8_share"] == 1
    text, on_openvino = inspected(tmp_path, dynamic_product(), "openvino")
    assert precisions(on_openvino) == ["FP32"]
    assert "openvino has no INT8 kernel for MatMulInteger" in text


def test_a_provider_that_nobody_can_ask(tmp_path: Path) -> None:
    text, report = inspected(tmp_path, paired_convolutions(2), "tensorrt")
    assert precisions(report) == ["unknown", "unknown"]
    assert "run in a precision that nobody can tell" in text.splitlines()[0]


def test_a_model_without_products(tmp_path: Path) -> None:
    text, _ = inspected(tmp_path, graphs.many_io(2), "cpu")
    assert "no convolution or matrix product" in text.splitlines()[0]


def test_dynamic_dimensions_are_those_of_the_first_warm_up_sample(tmp_path: Path) -> None:
    graphs.write_model(tmp_path, "encoder", graphs.encoder())
    sample = "{datatype: INT64, dims: [12], data: zero}"
    (tmp_path / "encoder" / "model.yaml").write_text(
        "execution_provider: cpu\n"
        f"warmup: [{{name: usual, inputs: {{IDS: {sample}, MASK: {sample}}}}}]\n"
    )
    run = run_inspect(tmp_path / "encoder", "--json", tmp_path / "out.json")
    (report,) = json.loads((tmp_path / "out.json").read_text())
    assert run.stdout.startswith("encoder/1 on cpu: all 2 products run in FP32\n")
    assert report["macs"] == 2 * 12 * 12 * 16


def test_openvino_and_its_kernels_agree(tmp_path: Path) -> None:
    """What its counters say of a compilation of our own is what runs inside ONNX Runtime."""
    path = graphs.write_model(tmp_path, "m", paired_convolutions(4, float_after={1}))
    script = (
        "from server.examine.opened import Opened\n"
        "from server.examine.subject import Subject\n"
        "from server.engine import Runtime\n"
        "from server.onnxruntime_locator import locate\n"
        f"subject = Subject({str(path)!r}, 'openvino')\n"
        "Opened(Runtime(str(locate().path)), subject).synthetic_outputs(1)\n"
    )
    environment = os.environ | {"ONEDNN_VERBOSE": "1"}
    run = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    ran = [line for line in run.stdout.splitlines() if ",exec,cpu,convolution," in line]
    sources = ["INT8" if "src:u8" in line else "FP32" for line in ran]
    _, report = inspected(tmp_path, paired_convolutions(4, float_after={1}), "openvino")
    assert sources == precisions(report) == ["INT8", "INT8", "FP32", "INT8"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"device_type": "GPU"}, "only OpenVINO's CPU device is asked, not GPU"),
        ({"load_config": '{"CPU": {"NO_SUCH_KEY": 1}}'}, "NO_SUCH_KEY"),
    ],
)
def test_layers_that_openvino_does_not_tell(
    tmp_path: Path, options: dict[str, str], words: str
) -> None:
    path = graphs.write_model(tmp_path, "m", paired_convolutions(1))
    with pytest.raises(OpenVinoError, match=words):
        layers(str(path), {"INPUT0": [1, 8, 8, 8]}, options)


def test_layers_by_the_worker(tmp_path: Path) -> None:
    path = str(graphs.write_model(tmp_path, "m", graphs.encoder()))
    wrong = Subject(path, "openvino", dims={"IDS": [5], "MASK": [4]})
    with Examination(wrong) as examination, pytest.raises(ExaminationError, match="ov_"):
        examination.layers(1)
    with Examination(Subject(path, "openvino")) as examination:
        assert "MatMul" in {layer["type"] for layer in examination.layers(2)}


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["nothing.onnx"], 1, "error: nothing.onnx: No such file or directory"),
        (["text.onnx"], 1, "text.onnx: is not an ONNX model"),
        (["empty"], 1, "there is no version folder"),
        (["text.onnx", "--execution-provider", "gpu"], 2, "invalid choice: 'gpu'"),
        (["text.onnx", "--version", "x"], 2, "'x' is not a version number"),
        (["text.onnx", "--version", "1"], 2, "is not a model's folder"),
        (["empty", "--version", "2"], 1, "there is no version folder"),
        (["text.onnx", "--json", "no/where.json"], 2, "there is no folder"),
        ([], 2, "the following arguments are required: MODEL"),
    ],
)
def test_errors(tmp_path: Path, words: list[str], code: int, message: str) -> None:
    (tmp_path / "text.onnx").write_text("not a model")
    (tmp_path / "empty").mkdir()
    at = [str(tmp_path / word) if word in ("text.onnx", "empty") else word for word in words]
    run = run_inspect(*at)
    assert run.returncode == code
    assert message in run.stderr
    assert "Traceback" not in run.stderr


def test_a_server_says_it_in_its_log_and_metrics(tmp_path: Path, serve: Serve) -> None:
    path = graphs.write_model(tmp_path, "m", paired_convolutions(4, float_after={1}))
    (path.parents[1] / "model.yaml").write_text("execution_provider: cpu\n")
    server = serve(tmp_path, "--assess")
    verdict = "m/1 on cpu: 50.0% of the arithmetic runs in INT8; of 4 products 2 run in FP32"
    server.wait_for_log(verdict)
    (line,) = [line for line in server.log().splitlines() if verdict in line]
    assert "their output is not quantized; what to do: quantize the FP32 file" in line
    told = Metrics.scrape(server.http)
    version = {"model": "m", "version": "1"}
    int8 = version | {"provider": "cpu", "precision": "INT8"}
    assert told.value("skein_model_arithmetic_share", **int8) == 0.5
    assert told.value("skein_model_nodes", **int8) >= 2
    assert told.value("skein_model_int8_share", **version) == 0.5
    assert told.value("skein_model_unfused_quantized_nodes", **version) == 2


def requiring(folder: Path, made: onnx.ModelProto, config: str) -> Path:
    """A repository of one model "m" with this model.yaml."""
    graphs.write_model(folder, "m", made)
    (folder / "m" / "model.yaml").write_text(f"{config}\n")
    return folder


def test_a_model_that_requires_int8_and_does_not_run_in_it(tmp_path: Path) -> None:
    made = paired_convolutions(4, float_after={1})
    repo = requiring(tmp_path / "repo", made, "execution_provider: cpu\nrequire_int8: true")
    command = [sys.executable, "-m", "server", "check", "--repo", str(repo)]
    check = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    reason = "require_int8: m/1 on cpu: 50.0% of the arithmetic runs in INT8"
    assert check.returncode == 1
    assert f"error: {repo / 'm' / 'model.yaml'}:2: {reason}" in check.stdout
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    with pytest.raises(ServerFailedError, match=reason):
        ServerProcess.start(repo, "--strict", scratch=scratch)


def test_a_model_that_requires_int8_and_runs_in_it(tmp_path: Path) -> None:
    config = "execution_provider: openvino\nrequire_int8: true"
    repo = requiring(tmp_path, paired_convolutions(2), config)
    command = [sys.executable, "-m", "server", "check", "--repo", str(repo)]
    check = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert check.returncode == 0, check.stdout


def test_int8_can_be_required_in_config_pbtxt(tmp_path: Path) -> None:
    path = graphs.write_model(
        tmp_path,
        "m",
        float_convolutions(1),
        config='parameters { key: "require_int8" value { string_value: "true" } }',
    )
    command = [sys.executable, "-m", "server", "check", "--repo", str(tmp_path)]
    check = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert check.returncode == 1
    assert f"{path.parents[1] / 'config.pbtxt'}:1: require_int8: m/1 on cpu: " in check.stdout
    assert "the file is not quantized; what to do: measure whether INT8 pays" in check.stdout
