"""A quantized version appears in the repository whole, or not at all."""

import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from server.making.error import CommandError
from server.making.version_folder import Written, check_output, write_version
from server.repository import scan

EXTRA = {"quantization.json": b"{}", "quantization.md": b"#"}
RUNS = 4
YAML = "execution_provider: cpu\n"


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "made.onnx"
    path.write_bytes(b"graph")
    return path


def test_a_new_model_gets_a_configuration(tmp_path: Path, model: Path) -> None:
    output = tmp_path / "repository" / "digits"
    written = write_version(output, model, EXTRA, YAML)
    assert (written.folder, written.configured) == (output / "1", True)
    assert (output / "model.yaml").read_text() == YAML
    assert (output / "1" / "model.onnx").read_bytes() == b"graph"
    assert (output / "1" / "quantization.json").read_bytes() == b"{}"
    assert [each.versions for each in scan(output.parent).models] == [(1,)]


def test_another_version_leaves_what_is_there(tmp_path: Path, model: Path) -> None:
    output = tmp_path / "repository" / "digits"
    (output / "7").mkdir(parents=True)
    (output / "config.pbtxt").write_text("max_batch_size: 4\n")
    written = write_version(output, model, EXTRA, YAML)
    assert (written.folder, written.configured) == (output / "8", False)
    assert sorted(each.name for each in output.iterdir()) == ["7", "8", "config.pbtxt"]


def test_runs_that_create_the_same_model_all_keep_their_work(tmp_path: Path, model: Path) -> None:
    output = tmp_path / "digits"
    together = threading.Barrier(RUNS)

    def run(number: int) -> Written:
        together.wait()
        return write_version(output, model, {"run": str(number).encode()}, YAML)

    for _ in range(20):
        with ThreadPoolExecutor(RUNS) as pool:
            written = list(pool.map(run, range(RUNS)))
        assert {each.folder.name for each in written} == {"1", "2", "3", "4"}
        assert {(each.folder / "run").read_text() for each in written} == {"0", "1", "2", "3"}
        assert [each.configured for each in written].count(True) == 1
        shutil.rmtree(output)
    assert list(tmp_path.iterdir()) == [model]


def test_nothing_is_left_of_what_could_not_be_written(tmp_path: Path) -> None:
    repository = tmp_path / "repository"
    (repository / "old" / "1").mkdir(parents=True)
    for name in ("old", "new"):
        with pytest.raises(CommandError, match=r"cannot be written: No such file"):
            write_version(repository / name, tmp_path / "nowhere.onnx", EXTRA, YAML)
    assert sorted(str(each.relative_to(repository)) for each in repository.rglob("*")) == [
        "old",
        "old/1",
    ]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("made.onnx", "this is a file"),
        ("repository/digits/1", "the version folder and model.onnx are made in it"),
        ("made.onnx/digits", "is not a writable folder"),
    ],
)
def test_a_wrong_output_is_refused_at_once(
    tmp_path: Path, model: Path, name: str, message: str
) -> None:
    with pytest.raises(CommandError, match=message):
        check_output(tmp_path / name)
