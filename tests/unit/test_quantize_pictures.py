"""Folders of pictures as data of `quantize`: prepared as the server prepares them."""

from pathlib import Path

import numpy as np
import pytest

from server.making.error import CommandError
from server.preprocess import Image
from server.quantize.options import QuantizeOptions
from server.quantize.picture_data import find_declaration, holds_pictures
from server.quantize.quantization import Data, read_data
from server.quantize.signature import Signature, Tensor
from server.quantize.source import Source
from tests.unit.pictures import encode, pattern

FP32 = np.dtype(np.float32)
SIGNATURE = Signature(
    (Tensor("image", FP32, (None, 3, 8, 8)),), (Tensor("scores", FP32, (None, 10)),)
)
YAML = "preprocess:\n  image: {image: {color: bgr, mean: [0.5]}}\n"


def picture(number: int) -> bytes:
    return encode(pattern(9 + number, 12), "PNG")


def fill(folder: Path, numbers: range) -> None:
    folder.mkdir(parents=True)
    for number in numbers:
        (folder / f"{number:03}.png").write_bytes(picture(number))


def data(
    root: Path,
    calibration: Path,
    evaluation: Path | None = None,
    preprocess: Path | None = None,
) -> Data:
    model = root / "models" / "net" / "1" / "model.onnx"
    source = Source(model, "", 17, SIGNATURE, False)
    output = root / "out" / "net"
    options = QuantizeOptions(model, calibration, output, evaluation, preprocess=preprocess)
    return read_data(options, source)


def test_a_folder_is_prepared_by_the_file_given(tmp_path: Path) -> None:
    fill(tmp_path / "pictures", range(24))
    declaration = tmp_path / "preprocess.yaml"
    declaration.write_text(YAML)
    made = data(tmp_path, tmp_path / "pictures", preprocess=declaration)
    wanted = Image("FP32", (3, 8, 8), color="bgr", mean=(0.5,))([picture(n) for n in range(24)])
    np.testing.assert_array_equal(made.evaluation.inputs["image"], wanted[3::4])
    assert made.pictures is not None
    assert made.pictures.section == {"image": {"image": {"color": "bgr", "mean": [0.5]}}}


def test_the_model_yaml_of_the_model_is_found(tmp_path: Path) -> None:
    fill(tmp_path / "pictures", range(24))
    (tmp_path / "models" / "net").mkdir(parents=True)
    (tmp_path / "models" / "net" / "model.yaml").write_text(YAML)
    assert data(tmp_path, tmp_path / "pictures").calibration.count == 18


@pytest.mark.parametrize(
    ("names", "numbers"), [(("cat", "dog", "eel"), (0, 1, 2)), (("10", "7", "9"), (10, 7, 9))]
)
def test_a_folder_per_class_has_labels(
    tmp_path: Path, names: tuple[str, ...], numbers: tuple[int, ...]
) -> None:
    fill(tmp_path / "pictures", range(24))
    for place, name in enumerate(names):
        fill(tmp_path / "labelled" / name, range(place, place + 6))
    declaration = tmp_path / "preprocess.yaml"
    declaration.write_text(YAML)
    made = data(
        tmp_path,
        tmp_path / "pictures",
        evaluation=tmp_path / "labelled",
        preprocess=declaration,
    )
    assert made.evaluation.labels is not None
    np.testing.assert_array_equal(made.evaluation.labels, np.repeat(numbers, 6))


def test_pictures_need_a_declaration(tmp_path: Path) -> None:
    fill(tmp_path / "pictures", range(24))
    with pytest.raises(CommandError, match=r"give --preprocess FILE\.yaml"):
        data(tmp_path, tmp_path / "pictures")
    declaration = tmp_path / "other.yaml"
    declaration.write_text("preprocess:\n  picture: {image: {}}\n")
    with pytest.raises(CommandError, match=r"preprocess\.image\.image is missing"):
        data(tmp_path, tmp_path / "pictures", preprocess=declaration)


def test_a_declaration_without_pictures(tmp_path: Path) -> None:
    arrays = tmp_path / "data.npz"
    np.savez(arrays, image=np.zeros((24, 3, 8, 8), np.float32))
    declaration = tmp_path / "preprocess.yaml"
    declaration.write_text(YAML)
    with pytest.raises(CommandError, match="goes with a folder of pictures"):
        data(tmp_path, arrays, preprocess=declaration)


def test_a_broken_picture_is_named(tmp_path: Path) -> None:
    fill(tmp_path / "pictures", range(24))
    broken = tmp_path / "pictures" / "007.png"
    broken.write_bytes(picture(7)[:60])
    declaration = tmp_path / "preprocess.yaml"
    declaration.write_text(YAML)
    with pytest.raises(CommandError, match=r"007\.png: PNG image: cannot be decoded"):
        data(tmp_path, tmp_path / "pictures", preprocess=declaration)


def test_arrays_are_no_pictures(tmp_path: Path) -> None:
    assert not holds_pictures(tmp_path)
    fill(tmp_path / "pictures", range(2))
    assert holds_pictures(tmp_path)
    np.save(tmp_path / "image.npy", np.zeros(3))
    assert not holds_pictures(tmp_path)


def test_a_model_of_several_inputs(tmp_path: Path) -> None:
    two = Signature((*SIGNATURE.inputs, Tensor("more", FP32, (None, 1))), SIGNATURE.outputs)
    declaration = tmp_path / "preprocess.yaml"
    declaration.write_text(YAML)
    with pytest.raises(CommandError, match="models with one input"):
        find_declaration(declaration, tmp_path / "model.onnx", tmp_path, two)
