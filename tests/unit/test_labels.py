"""Files that name classes, read at load by the real engine."""

from pathlib import Path

import pytest

from server.registry import State
from tests import graphs
from tests.unit.serving import Serving

YAML = "max_batch_size: 8\nlabels:\n  OUTPUT0: names.txt\n"
TEN = "".join(f"class {index}\n" for index in range(10))


@pytest.fixture
def serving(tmp_path: Path) -> Serving:
    return Serving(tmp_path)


def loaded(serving: Serving, files: dict[str, bytes], pbtxt: str = "") -> tuple[State, str]:
    """State and reason of a model with ten classes; `files`: by path below its folder."""
    if pbtxt:
        folder = serving.add("m", graphs.mlp(), pbtxt=pbtxt)
    else:
        folder = serving.add("m", graphs.mlp(), yaml=YAML)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return serving.load()["m/1"]


@pytest.mark.parametrize(
    "content", [TEN, TEN.rstrip("\n"), TEN.replace("\n", "\r\n"), "\ufeff" + TEN, "\n" * 10]
)
@pytest.mark.parametrize("place", ["names.txt", "1/names.txt"])
def test_one_label_a_line(serving: Serving, place: str, content: str) -> None:
    assert loaded(serving, {place: content.encode()}) == (State.READY, "")


def test_the_versions_file_goes_before_the_models(serving: Serving) -> None:
    files = {"names.txt": b"too few\n", "1/names.txt": TEN.encode()}
    assert loaded(serving, files) == (State.READY, "")


def test_a_dynamic_number_of_classes_takes_any_number_of_labels(serving: Serving) -> None:
    folder = serving.add("m", graphs.dynamic_inner(), yaml=YAML)
    (folder / "names.txt").write_text("a\nb\n")
    assert serving.load()["m/1"] == (State.READY, "")


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({}, ["there is neither", "/m/1/names.txt nor ", "/m/names.txt"]),
        ({"names.txt": b""}, ["/m/names.txt is empty"]),
        (
            {"names.txt": TEN.encode()[:-8]},
            ["/m/names.txt has 9 labels, but there are 10 classes (dims [10])"],
        ),
        ({"1/names.txt": TEN.encode() + b"\n"}, ["/m/1/names.txt has 11 labels", "10 classes"]),
        ({"names.txt": b"a\nb\xff\n"}, ["/m/names.txt:2: is not UTF-8"]),
    ],
)
def test_a_file_that_does_not_fit_is_told(
    serving: Serving, files: dict[str, bytes], words: list[str]
) -> None:
    state, reason = loaded(serving, files)
    assert state is State.UNAVAILABLE
    assert 'model.yaml:3: labels of output "OUTPUT0": ' in reason
    for word in words:
        assert word in reason


def test_in_tritons_form_the_line_is_the_filenames(serving: Serving) -> None:
    pbtxt = """max_batch_size: 8
        input { name: "INPUT0" data_type: TYPE_FP32 dims: [ 64 ] }
        output { name: "OUTPUT0" data_type: TYPE_FP32 dims: [ 10 ]
                 label_filename: "names.txt" }"""
    state, reason = loaded(serving, {"names.txt": b"one\n"}, pbtxt=pbtxt)
    assert state is State.UNAVAILABLE
    assert "config.pbtxt:4: " in reason
    assert "has 1 labels, but there are 10 classes" in reason
