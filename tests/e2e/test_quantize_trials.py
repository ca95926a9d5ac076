"""Candidates that do not run, or not as they should: noted, and never chosen."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import ModelProto, helper

from server.machine import inspect
from server.making.error import CommandError
from server.quantize.accuracy import Limits
from server.quantize.forge import Forge
from server.quantize.host import Host, inspect_host
from server.quantize.preparation import LEAST_OPSET, prepare
from server.quantize.qdq import cpu_style
from server.quantize.samples import Samples
from server.quantize.search import Search
from server.quantize.source import read_source
from server.quantize.trial import Trials
from server.quantize.variant import Variant
from tests import graphs

ROWS = np.random.default_rng(1).random((20, 64), np.float32)
SAMPLES = Samples({"INPUT0": ROWS}, None, True)
LIMITS = Limits(drop=0.5, error=5)


@pytest.fixture(scope="module")
def host() -> Host:
    """This machine with one slot."""
    return replace(inspect_host(), cores=1)


def write(folder: Path, model: ModelProto) -> Path:
    onnx.save(model, folder / "model.onnx")
    return folder / "model.onnx"


def test_what_does_not_open_is_noted(tmp_path: Path, host: Host) -> None:
    path = write(tmp_path, graphs.mlp())
    missing = Variant("bf16", tmp_path / "missing.onnx", ("cpu",))
    with Trials(host, SAMPLES, Variant("float", path, ("cpu",)), LIMITS) as trials:
        (trial,) = trials.run(missing)
        assert trial.objection is not None
        assert trial.objection.startswith("does not run: ")
        assert "missing.onnx" in trial.objection
        assert trials.all == [trials.reference, trial]
        assert trials.accepted() == [trials.reference]


def test_a_stand_in_does_not_hide_a_file_that_does_not_open(tmp_path: Path, host: Host) -> None:
    path = write(tmp_path, graphs.mlp())
    missing = Variant("int8", tmp_path / "missing.onnx", ("cpu",), stand_in=path)
    with Trials(host, SAMPLES, Variant("float", path, ("cpu",)), LIMITS) as trials:
        (trial,) = trials.run(missing)
        assert trial.objection is not None
        assert "missing.onnx" in trial.objection


@pytest.mark.skipif(inspect(["cuda"]).gpu, reason="there is a GPU that runs the model")
def test_a_gpu_that_runs_nothing_is_said(tmp_path: Path, host: Host) -> None:
    path = write(tmp_path, graphs.mlp())
    broken = replace(host, gpu=True, providers=("cpu", "cuda"))
    with Trials(broken, SAMPLES, Variant("float", path, ("cpu",)), LIMITS) as trials:
        forge = Forge(read_source(path), tmp_path / "prepared.onnx", broken, SAMPLES)
        with pytest.raises(CommandError, match="float on cuda cannot be measured: does not run: "):
            forge.for_gpu(trials)


def test_the_search_ends_where_int8_does_not_run(tmp_path: Path, host: Host) -> None:
    path = write(tmp_path, graphs.mlp())
    prepare(read_source(path), tmp_path / "prepared.onnx", LEAST_OPSET)
    style = cpu_style(onnx.load(tmp_path / "prepared.onnx"), reduce_range=False)
    search = Search(
        tmp_path / "prepared.onnx",
        SAMPLES,
        style,
        lambda *_: Variant("int8", tmp_path / "missing.onnx", ("cpu",)),
    )
    with Trials(host, SAMPLES, Variant("float", path, ("cpu",)), LIMITS) as trials:
        found = search.find(trials.run)
        assert found.notes == ("INT8 does not run under any provider here",)
        assert len(trials.all) == 2


def test_the_only_layer_is_not_left_in_float(tmp_path: Path, host: Host) -> None:
    weights = np.eye(64, dtype=np.float32)
    product = helper.make_node("MatMul", ["INPUT0", "weights"], ["OUTPUT0"], name="product")
    tensors = [graphs.tensor("INPUT0", ("n", 64))], [graphs.tensor("OUTPUT0", ("n", 64))]
    path = write(tmp_path, graphs.graph([product], *tensors, {"weights": weights}))
    prepare(read_source(path), tmp_path / "prepared.onnx", LEAST_OPSET)
    style = cpu_style(onnx.load(tmp_path / "prepared.onnx"), reduce_range=False)
    search = Search(
        tmp_path / "prepared.onnx",
        SAMPLES,
        style,
        lambda path, *_: Variant("int8", path, ("cpu",)),
    )
    exact = replace(LIMITS, error=0)
    with Trials(host, SAMPLES, Variant("float", path, ("cpu",)), exact) as trials:
        (note,) = search.find(trials.run).notes
        assert note == (
            "INT8 is too inaccurate, and at most half of the layers may be left in float"
        )
        assert all(not each.candidate.variant.excluded for each in trials.all)


def test_what_is_inaccurate_once_is_not_tried_again(tmp_path: Path, host: Host) -> None:
    path = write(tmp_path, graphs.mlp())
    wrong = graphs.mlp()
    wrong.graph.node[-1].op_type = "Neg"
    onnx.save(wrong, tmp_path / "wrong.onnx")
    with Trials(host, SAMPLES, Variant("float", path, ("cpu",)), LIMITS) as trials:
        (trial,) = trials.run(Variant("int8", tmp_path / "wrong.onnx", ("cpu", "openvino")))
        assert trial.objection == "outputs differ by 200 %; 5 % are allowed"


def test_outputs_of_any_length_cannot_be_compared(tmp_path: Path, host: Host) -> None:
    nodes = [
        helper.make_node("NonZero", ["INPUT0"], ["places"]),
        helper.make_node("Transpose", ["places"], ["OUTPUT0"]),
    ]
    tensors = [graphs.tensor("INPUT0", (64,))], [graphs.tensor("OUTPUT0", ("n", 1), "INT64")]
    path = write(tmp_path, graphs.graph(nodes, *tensors))
    rows = np.tril(np.ones((20, 64), np.float32))
    samples = Samples({"INPUT0": rows}, None, False)
    with pytest.raises(CommandError, match="shape of an output depends on the values of inputs"):
        Trials(host, samples, Variant("float", path, ("cpu",)), LIMITS)
