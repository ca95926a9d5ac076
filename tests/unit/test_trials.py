"""Providers on real models, in worker processes."""

import dataclasses
from pathlib import Path

import numpy as np
import onnx
import pytest

from server.examine.subject import Subject
from server.selection.assessment import Question
from server.selection.process import AssessmentError, Assessor
from server.selection.trials import run_trials
from server.stopped import StoppedError
from tests import graphs


def subjects(folder: Path, name: str, *providers: str) -> tuple[Subject, ...]:
    path = graphs.write_model(folder, name, graphs.GRAPHS[name]())
    return tuple(Subject(str(path), provider) for provider in providers)


def test_every_provider_is_timed_at_every_size(tmp_path: Path) -> None:
    trials = run_trials(subjects(tmp_path, "mlp", "cpu", "openvino"), (1, 4), quantized=False)
    assert [trial.provider for trial in trials] == ["cpu", "openvino"]
    for trial in trials:
        assert trial.failure == ""
        assert set(trial.ns_per_row) == {1, 4}
        assert min(min(rounds) for rounds in trial.ns_per_row.values()) > 0


def test_one_that_cannot_be_used_is_out_and_the_rest_goes_on(tmp_path: Path) -> None:
    trials = run_trials(subjects(tmp_path, "mlp", "cpu", "cuda"), (1,), quantized=False)
    assert trials[0].failure == ""
    assert "'cuda' is not in this build" in trials[1].failure
    assert trials[1].ns_per_row == {}


def test_one_that_answers_otherwise_is_out(tmp_path: Path) -> None:
    """The second subject is another model: what a provider with a fault looks like."""
    cpu, openvino = subjects(tmp_path, "identity_fp32", "cpu", "openvino")
    wrong = graphs.write_model(tmp_path, "wrong", graphs.mlp((16, 16)))
    other = dataclasses.replace(openvino, path=str(wrong))
    trials = run_trials((cpu, other), (1,), quantized=False)
    assert trials[0].failure == ""
    assert "output OUTPUT0 differs" in trials[1].failure


def test_the_assessment_selects_and_tells_the_truth(tmp_path: Path) -> None:
    asked = Question("m/1", subjects(tmp_path, "mlp", "cpu", "openvino"), (1, 4))
    assessment = Assessor().ask(asked)
    assert assessment.selection.provider in ("cpu", "openvino")
    assert assessment.truth.provider == assessment.selection.provider
    assert assessment.truth.int8_share == 0


def test_a_file_that_is_no_model_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(b"this is no model")
    asked = Question("m/1", (Subject(str(tmp_path / "model.onnx"), "cpu"),), (1,))
    with pytest.raises(AssessmentError, match=r"model\.onnx"):
        Assessor().ask(asked)


def test_nothing_is_asked_after_the_stop(tmp_path: Path) -> None:
    assessor = Assessor()
    assessor.stop()
    with pytest.raises(StoppedError):
        assessor.ask(Question("m/1", subjects(tmp_path, "mlp", "cpu"), (1,)))


def test_a_model_that_synthetic_data_does_not_fit_is_assessed_once(tmp_path: Path) -> None:
    table = graphs.write_model(tmp_path, "lookup", beyond_the_table())
    asked = Question("m/1", (Subject(str(table), "cpu"), Subject(str(table), "openvino")), (1,))
    assessment = Assessor().ask(asked)
    assert assessment.selection.provider == "cpu"
    assert "could not be measured: with synthetic data" in assessment.selection.reason


def beyond_the_table() -> onnx.ModelProto:
    """A table of one row, and indices of 0 or 1."""
    node = onnx.helper.make_node("Gather", ["table", "INDEX"], ["OUTPUT0"], name="lookup")
    return graphs.graph(
        [node],
        [graphs.tensor("INDEX", ("batch",), "INT64")],
        [graphs.tensor("OUTPUT0", ("batch", 2))],
        {"table": np.ones((1, 2), np.float32)},
    )
