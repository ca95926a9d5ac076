"""One model file under one provider, in a worker process."""

import os
import signal
from pathlib import Path

import numpy as np
import onnx
import pytest

from server.examine.arrays import from_raw, to_raw
from server.examine.examination import Examination, ExaminationError
from server.examine.subject import Subject
from tests import graphs


def subject(folder: Path, name: str, provider: str = "cpu", **how: object) -> Subject:
    path = graphs.write_model(folder, name, graphs.GRAPHS[name]())
    return Subject(str(path), provider, **how)  # type: ignore[arg-type]


@pytest.mark.parametrize("provider", ["cpu", "openvino"])
def test_runs_are_timed_and_answered(tmp_path: Path, provider: str) -> None:
    with Examination(subject(tmp_path, "mlp", provider, slots=2)) as examination:
        assert examination.inputs == [{"name": "INPUT0", "datatype": "FP32", "dims": [-1, 64]}]
        times = examination.time(4, 0.0)
        assert len(times) >= 2  # one on each slot
        assert min(times) > 0
        assert len(examination.time(9, 0.0)) >= 2  # more rows than before
        rows = np.ones((3, 64), np.float32)
        answer = examination.outputs_of({"INPUT0": rows})["OUTPUT0"]
        assert answer.shape == (3, 10)
        assert np.array_equal(answer[0], answer[2])
        assert examination.synthetic_outputs(2)["OUTPUT0"].shape == (2, 10)


def test_the_profile_names_nodes_and_providers(tmp_path: Path) -> None:
    with Examination(subject(tmp_path, "mlp")) as examination:
        events = examination.profile(1)
    assert {event["args"]["provider"] for event in events} == {"CPUExecutionProvider"}
    assert sum("Gemm" in event["args"]["op_name"] for event in events) == 3


def test_dynamic_dimensions_are_given(tmp_path: Path) -> None:
    dims = {"INPUT0": [7]}
    with Examination(subject(tmp_path, "dynamic_inner", dims=dims)) as examination:
        assert examination.synthetic_outputs(2)["OUTPUT0"].shape == (2, 7)


def test_a_model_without_batch_dimension(tmp_path: Path) -> None:
    with Examination(subject(tmp_path, "no_batch", batched=False)) as examination:
        assert examination.synthetic_outputs(1)["OUTPUT0"].shape == (4, 4)


def test_strings(tmp_path: Path) -> None:
    with Examination(subject(tmp_path, "identity_bytes")) as examination:
        given = np.array([[b"a", b"", b"long one", b"d"]])
        assert np.array_equal(examination.outputs_of({"INPUT0": given})["OUTPUT0"], given)


def test_tensors_may_be_called_anything(tmp_path: Path) -> None:
    """Also like the parameters of what stores them."""
    node = onnx.helper.make_node("Neg", ["file"], ["allow_pickle"], name="negate")
    dims = ("batch", 2)
    made = graphs.graph(
        [node], [graphs.tensor("file", dims)], [graphs.tensor("allow_pickle", dims)]
    )
    path = graphs.write_model(tmp_path, "names", made)
    with Examination(Subject(str(path), "cpu")) as examination:
        rows = np.ones((1, 2), np.float32)
        assert examination.outputs_of({"file": rows})["allow_pickle"].tolist() == [[-1, -1]]


def test_a_file_that_cannot_be_opened(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(b"this is no model")
    with pytest.raises(ExaminationError, match=r"model\.onnx"):
        Examination(Subject(str(path), "cpu"))


def test_a_provider_that_is_not_here(tmp_path: Path) -> None:
    with pytest.raises(ExaminationError, match="'cuda' is not in this build"):
        Examination(subject(tmp_path, "mlp", "cuda"))


def test_a_run_that_fails_leaves_the_worker_at_work(tmp_path: Path) -> None:
    with Examination(subject(tmp_path, "fails_at_run")) as examination:
        with pytest.raises(ExaminationError, match="indices"):
            examination.outputs_of({"INDEX": np.array([99])})
        assert examination.outputs_of({"INDEX": np.array([1])})["OUTPUT0"].tolist() == [[2, 3]]


def test_a_worker_that_dies_is_an_error(tmp_path: Path) -> None:
    with Examination(subject(tmp_path, "mlp")) as examination:
        os.kill(examination.pid, signal.SIGKILL)
        with pytest.raises(ExaminationError, match=r"on cpu ended \(signal 9\)"):
            examination.time(1, 0.0)


@pytest.mark.parametrize("datatype", ["BF16", "BOOL", "INT8", "UINT64", "FP16", "FP64", "BYTES"])
def test_arrays_survive_the_way_to_raw_and_back(datatype: str) -> None:
    array = np.array([[0, 1], [1, 0]]).astype(np.bytes_ if datatype == "BYTES" else np.float64)
    shape, raw = to_raw(array, datatype)
    again = from_raw(shape, raw, datatype)
    assert np.array_equal(again.astype(array.dtype), array)
