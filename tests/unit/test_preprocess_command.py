"""`python -m server preprocess` writes what the library makes."""

from pathlib import Path

import numpy as np
import pytest

from server.cli import main
from server.preprocess import Columns, Image
from tests.unit.pictures import encode, pattern

YAML = """
inputs:
  - {name: image, datatype: FP32, dims: [3, 20, 30]}
  - {name: row, datatype: FP32, dims: [2]}
preprocess:
  image: {image: {resize: shortest, shorter_side: 32, mean: [0.5], std: [0.25]}}
  row: {columns: {features: [{name: a, datatype: FP32}, {name: b, datatype: FP32}]}}
"""


@pytest.fixture
def declaration(tmp_path: Path) -> Path:
    path = tmp_path / "model.yaml"
    path.write_text(YAML)
    return path


def pictures(folder: Path, count: int) -> list[bytes]:
    folder.mkdir()
    made = [encode(pattern(40 + number, 50), "PNG") for number in range(count)]
    for number, content in enumerate(made):
        (folder / f"{number}.png").write_bytes(content)
    (folder / "notes.txt").write_text("no picture")
    return made


def test_a_folder_of_pictures(declaration: Path, tmp_path: Path) -> None:
    encoded = pictures(tmp_path / "pictures", 3)
    out = tmp_path / "made.npy"
    words = [str(declaration.parent), str(tmp_path / "pictures"), "--output", str(out)]
    assert main(["preprocess", *words, "--input", "image"]) == 0
    image = Image(dims=(3, 20, 30), resize="shortest", shorter_side=32, mean=(0.5,), std=(0.25,))
    np.testing.assert_array_equal(np.load(out), image(encoded))
    np.testing.assert_array_equal(Image.from_yaml(declaration)(encoded), image(encoded))


def test_rows_of_columns(declaration: Path, tmp_path: Path) -> None:
    rows = tmp_path / "rows.jsonl"
    rows.write_text('{"a": 1.5, "b": 2}\n\n{"a": 3, "b": -4}\n')
    out = tmp_path / "made.npz"
    words = [str(declaration), str(rows), "--output", str(out), "--input", "row"]
    assert main(["preprocess", *words]) == 0
    features = [{"name": name, "datatype": "FP32"} for name in "ab"]
    wanted = Columns(features=features)(['{"a": 1.5, "b": 2}', '{"a": 3, "b": -4}'])
    np.testing.assert_array_equal(np.load(out)["row"], wanted)


def test_a_broken_picture_is_named(
    declaration: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pictures(tmp_path / "pictures", 3)
    broken = tmp_path / "pictures" / "1.png"
    broken.write_bytes(b"GIF89a")
    words = [str(declaration), str(tmp_path / "pictures"), "--output", str(tmp_path / "x.npy")]
    assert main(["preprocess", *words, "--input", "image"]) == 1
    assert f"error: {broken}: image: expected JPEG" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--output", "x.npy"], "expected one; name it by --input"),
        (["--output", "x.npy", "--input", "imag"], 'expected "imag"'),
        (["--output", "x.npy", "--input", "image"], "No such file"),
    ],
)
def test_what_is_wrong_is_said(
    declaration: Path, words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["preprocess", str(declaration), "nowhere", *words]) == 1
    assert message in capsys.readouterr().err


def test_an_output_of_another_kind(declaration: Path) -> None:
    with pytest.raises(SystemExit):
        main(["preprocess", str(declaration), "x", "--output", "x.txt"])


def test_a_declaration_without_inputs_needs_the_model(tmp_path: Path) -> None:
    path = tmp_path / "preprocess.yaml"
    path.write_text("preprocess:\n  image: {image: {}}\n")
    with pytest.raises(ValueError, match="declare name, datatype and dims"):
        Image.from_yaml(path)


def test_the_line_of_a_wrong_key_is_named(tmp_path: Path) -> None:
    path = tmp_path / "preprocess.yaml"
    path.write_text("preprocess:\n  image:\n    image:\n      colour: rgb\n")
    with pytest.raises(ValueError, match=r'preprocess.yaml:4: unknown key "colour"'):
        Image.from_yaml(path)
