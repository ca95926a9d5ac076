"""Which provider is selected, whether two answer the same, and what is remembered."""

from pathlib import Path

import numpy as np
import pytest

from server.config.spec import ModelConfig
from server.examine.subject import Subject
from server.selection.agreement import disagreement
from server.selection.assessment import Assessment, Question
from server.selection.fingerprint import fingerprint, machine_text
from server.selection.memory import available, needed
from server.selection.question import question_of
from server.selection.selection import Selection, Trial, choose
from server.selection.store import Store
from server.truth.report import TruthReport

CPU = Trial("cpu", {1: (100.0, 120.0, 100.0), 8: (50.0, 60.0, 50.0)})


def openvino(alone: float, full: float, provider: str = "openvino") -> Trial:
    """With so many times the time per row of CPU in every round."""
    return Trial(
        provider,
        {
            1: tuple(alone * ns for ns in CPU.ns_per_row[1]),
            8: tuple(full * ns for ns in CPU.ns_per_row[8]),
        },
    )


ASSESSMENT = Assessment(
    Selection("openvino", "why", (CPU, Trial("openvino", failure="differs"))),
    TruthReport("m/1", "openvino", "", (), (), ()),
)


@pytest.mark.parametrize(
    ("trials", "provider", "reason"),
    [
        ([CPU, openvino(0.5, 0.5)], "openvino", "openvino makes 2.00 times the rows/s of cpu"),
        ([CPU, openvino(0.97, 0.97)], "cpu", "1.03 times the rows/s of cpu (batches of 1, 8, to"),
        ([CPU, openvino(4.0, 0.5)], "cpu", "0.71 times"),
        ([CPU, Trial("openvino", {8: (25.0, 25.0)})], "openvino", "2.20 times"),
        ([CPU, Trial("openvino", {8: (25.0, 70.0, 25.0)})], "cpu", "needed in every round"),
        ([CPU, Trial("openvino", failure="outputs differ")], "cpu", "openvino: outputs differ"),
        ([Trial("cpu", failure="no shape"), Trial("openvino")], "cpu", "be measured: no shape"),
        (
            [CPU, openvino(0.5, 0.5), openvino(0.1, 0.1, "cuda")],
            "cuda",
            "openvino makes 2.00 times the rows/s of cpu; cuda makes 10.00 times",
        ),
    ],
)
def test_the_fastest_correct_one_is_chosen(trials: list[Trial], provider: str, reason: str) -> None:
    chosen = choose(trials)
    assert chosen.provider == provider
    assert reason in chosen.reason
    assert list(chosen.trials) == trials


@pytest.mark.parametrize(
    ("other", "quantized", "words"),
    [
        ([1.0, 2.0], False, ""),
        ([1.0, 2.0001], False, ""),
        ([1.0, 2.1], False, "normalised error"),
        ([1.0, 2.1], True, ""),
        ([1.0, 4.0], True, "normalised error"),
        ([1.0, np.nan], True, "not finite"),
        ([[1.0, 2.0]], False, "shape (1, 2), not (2,)"),
    ],
)
def test_float_outputs_agree_within_a_limit(
    other: list[float], quantized: bool, words: str
) -> None:
    found = disagreement({"y": np.array([1.0, 2.0])}, {"y": np.array(other)}, quantized)
    assert words in found
    assert bool(found) == bool(words)


def test_labels_must_be_equal_but_for_some_of_a_quantized_model() -> None:
    labels, almost = np.array([1, 2, 3, 4]), np.array([1, 2, 3, 5])
    assert disagreement({"y": labels}, {"y": labels}, quantized=False) == ""
    assert "75%" in disagreement({"y": labels}, {"y": almost}, quantized=False)
    assert disagreement({"y": labels}, {"y": almost}, quantized=True) == ""


def test_what_is_stored_comes_back(tmp_path: Path) -> None:
    store = Store(tmp_path / "new" / "folder")
    assert store.find("key") is None
    store.put("key", ASSESSMENT)
    assert store.find("key") == ASSESSMENT
    assert store.find("other") is None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"selection": {}}', '{"selection": 1}', "\x00"])
def test_a_spoilt_file_is_measured_again(tmp_path: Path, text: str) -> None:
    store = Store(tmp_path)
    store.put("key", ASSESSMENT)
    next(tmp_path.glob("*/key.json")).write_text(text)
    assert store.find("key") is None
    store.put("key", ASSESSMENT)
    assert store.find("key") == ASSESSMENT


def test_a_folder_that_cannot_be_written_keeps_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").touch()
    store = Store(tmp_path / "file")
    store.put("key", ASSESSMENT)
    assert store.find("key") is None
    assert "--cache-dir" in caplog.text


def test_the_fingerprint_tells_what_matters(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(b"one")
    config = ModelConfig(max_batch_size=8)
    key = fingerprint(path, config, ["cpu"], "1.24", "machine")
    assert key == fingerprint(path, config, ["cpu"], "1.24", "machine")
    assert key == fingerprint(
        path, ModelConfig(max_batch_size=8, weight=2.0), ["cpu"], "1.24", "machine"
    )
    others = [
        fingerprint(path, ModelConfig(max_batch_size=16), ["cpu"], "1.24", "machine"),
        fingerprint(path, config, ["cpu", "openvino"], "1.24", "machine"),
        fingerprint(path, config, ["cpu"], "1.25", "machine"),
        fingerprint(path, config, ["cpu"], "1.24", "another"),
    ]
    path.write_bytes(b"two")
    others.append(fingerprint(path, config, ["cpu"], "1.24", "machine"))
    assert len({key, *others}) == 6


def test_a_gpu_and_its_driver_belong_to_the_machine(tmp_path: Path) -> None:
    driver = tmp_path / "proc/driver/nvidia"
    (driver / "gpus/0000:01:00.0").mkdir(parents=True)
    (driver / "gpus/0000:01:00.0/information").write_text("Model: \t\t NVIDIA X\nIRQ: 7\n")
    (driver / "version").write_text("NVRM version: 580\nGCC version: 12\n")
    (tmp_path / "proc/cpuinfo").write_text("model name : C\nflags : avx2\ncpu MHz : 1\n" * 2)
    expected = ["cores: 3", "model name : C", "flags : avx2", "Model: \t\t NVIDIA X"]
    assert machine_text(3, tmp_path).splitlines() == [*expected, "NVRM version: 580"]


def test_the_question_has_a_subject_per_provider() -> None:
    written = ModelConfig.model_validate(
        {
            "max_batch_size": 64,
            "inputs": ({"name": "x", "datatype": "FP32", "dims": (3, -1)},),
            "optimization_level": "basic",
        }
    )
    completed = written.model_copy(update={"instance_count": 9, "dynamic_batching": True})
    asked = question_of("m/1", Path("m.onnx"), written, completed, ["cpu", "openvino"], 4)
    assert asked.sizes == (1, 8, 32)
    assert [each.provider for each in asked.subjects] == ["cpu", "openvino"]
    assert asked.subjects[0] == Subject(
        "m.onnx", "cpu", slots=4, dims={"x": [3, 64]}, optimization_level=1
    )
    assert Question.from_json(asked.to_json()) == asked


def test_measuring_takes_memory_that_must_be_free(tmp_path: Path) -> None:
    model = tmp_path / "model.onnx"
    model.write_bytes(bytes(1 << 20))
    assert needed(model, 2) > needed(model, 1) > 1 << 20
    assert available(tmp_path) is None
    (tmp_path / "proc").mkdir()
    (tmp_path / "proc/meminfo").write_text("MemTotal: 9000 kB\nMemAvailable:    2048 kB\n")
    assert available(tmp_path) == 2 << 20
    (tmp_path / "sys/fs/cgroup").mkdir(parents=True)
    (tmp_path / "sys/fs/cgroup/memory.max").write_text("3145728\n")
    (tmp_path / "sys/fs/cgroup/memory.current").write_text("2097152\n")
    assert available(tmp_path) == 1 << 20
    (tmp_path / "sys/fs/cgroup/memory.max").write_text("max\n")
    assert available(tmp_path) == 2 << 20
