"""Calibration and evaluation data of `quantize`: its forms, and what is said when it is wrong."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from numpy.typing import NDArray
from pyarrow import parquet

from server.making.error import CommandError
from server.making.figures import plain
from server.quantize.accuracy import Limits
from server.quantize.options import QuantizeOptions
from server.quantize.quantization import read_data, resolution
from server.quantize.samples import (
    Samples,
    need_enough,
    read_samples,
    share_out,
)
from server.quantize.signature import Dims, Signature, Tensor
from server.quantize.source import Source

FP32 = np.dtype(np.float32)
INT64 = np.dtype(np.int64)
IMAGES = np.random.default_rng(1).random((20, 1, 4, 4), np.float32)
LABELS = np.arange(20) % 10


def signature(*inputs: Tensor, output: Dims = (None, 10)) -> Signature:
    return Signature(inputs, (Tensor("probabilities", FP32, output),))


IMAGE = signature(Tensor("image", FP32, (None, 1, 4, 4)))
TEXT = signature(Tensor("ids", INT64, (None, None)), Tensor("mask", INT64, (None, None)))


def npz(folder: Path, **arrays: NDArray[Any]) -> Path:
    path = folder / "data.npz"
    keywords: dict[str, Any] = dict(arrays)
    np.savez(path, **keywords)
    return path


def test_every_form_gives_the_same_samples(tmp_path: Path) -> None:
    named, one_each = tmp_path / "named", tmp_path / "one_each"
    named.mkdir()
    one_each.mkdir()
    np.save(named / "image.npy", IMAGES)
    np.save(named / "label.npy", LABELS)
    for number, image in enumerate(IMAGES):
        np.save(one_each / f"{number:03}.npy", image)
    columns = pa.table({"image": IMAGES.tolist(), "label": LABELS})
    parquet.write_table(columns, tmp_path / "data.parquet")
    forms = [npz(tmp_path, image=IMAGES, label=LABELS), named, tmp_path / "data.parquet"]
    for form in forms:
        samples = read_samples(form, IMAGE, None)
        np.testing.assert_array_equal(samples.inputs["image"], IMAGES)
        np.testing.assert_array_equal(np.asarray(samples.labels), LABELS)
    unlabelled = read_samples(one_each, IMAGE, None)
    np.testing.assert_array_equal(unlabelled.inputs["image"], IMAGES)
    assert unlabelled.labels is None


def test_wider_numbers_become_the_models(tmp_path: Path) -> None:
    samples = read_samples(npz(tmp_path, image=IMAGES.astype(np.float64)), IMAGE, None)
    assert samples.inputs["image"].dtype == FP32
    ids = np.ones((20, 7), np.int32)
    assert read_samples(npz(tmp_path, ids=ids, mask=ids), TEXT, None).inputs["ids"].dtype == INT64


def test_a_model_without_a_batch_dimension_takes_one_sample_per_run(tmp_path: Path) -> None:
    alone = signature(Tensor("image", FP32, (1, 4, 4)), output=(10,))
    samples = read_samples(npz(tmp_path, image=IMAGES), alone, None)
    assert [inputs["image"].shape for inputs in samples.runs(8)] == [(1, 4, 4)] * 20
    one_row = signature(Tensor("image", FP32, (1, 1, 4, 4)), output=(1, 10))
    assert read_samples(npz(tmp_path, image=IMAGES), one_row, None).inputs["image"].shape == (
        20,
        1,
        1,
        4,
        4,
    )


def test_every_fourth_sample_is_kept_for_evaluation() -> None:
    samples = Samples({"image": IMAGES}, LABELS, True)
    calibration, evaluation = share_out(samples)
    np.testing.assert_array_equal(np.asarray(evaluation.labels), LABELS[3::4])
    assert (calibration.count, evaluation.count) == (15, 5)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"images": IMAGES}, 'input "image" is missing. Did you mean "images"? It has "images"'),
        (
            {"image": IMAGES[:, :, :3]},
            'input "image": expected FP32 [samples, 1, 4, 4], got FP32 [20, 1, 3, 4]',
        ),
        (
            {"image": IMAGES[:, 0]},
            'input "image": expected FP32 [samples, 1, 4, 4], got FP32 [20, 4, 4]',
        ),
        (
            {"image": (IMAGES * 255).astype(np.uint8)},
            'input "image": expected FP32 [samples, 1, 4, 4], got UINT8 [20, 1, 4, 4]',
        ),
        (
            {"image": np.where(IMAGES[3, 0, 1, 1] == IMAGES, np.nan, IMAGES)},
            'input "image": 1 values are not finite, the first in sample 3',
        ),
        ({"image": IMAGES[:0]}, "got FP32 [0, 1, 4, 4]"),
        ({"image": IMAGES, "label": LABELS[:5]}, 'labels "label": expected [20], got [5]'),
    ],
)
def test_what_does_not_fit_the_model_is_said(
    tmp_path: Path, arrays: dict[str, NDArray[Any]], message: str
) -> None:
    path = npz(tmp_path, **arrays)
    with pytest.raises(CommandError) as caught:
        read_samples(path, IMAGE, None)
    assert str(caught.value).startswith(f"{path}: ")
    assert message in str(caught.value)


def test_inputs_need_the_same_number_of_samples(tmp_path: Path) -> None:
    ids = np.ones((20, 7), np.int64)
    with pytest.raises(CommandError, match='"ids" has 20, "mask" has 19'):
        read_samples(npz(tmp_path, ids=ids, mask=ids[:19]), TEXT, None)


def test_labels_that_are_asked_for_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r'no labels "digit"\. It has "image"'):
        read_samples(npz(tmp_path, image=IMAGES), IMAGE, "digit")


def test_labels_of_a_regression_are_left_out(tmp_path: Path) -> None:
    path = npz(tmp_path, image=IMAGES, label=LABELS / 3)
    assert read_samples(path, IMAGE, None).labels is None


@pytest.mark.parametrize(("shared", "least"), [(False, 16), (True, 21)])
def test_too_few_samples_are_refused(shared: bool, least: int) -> None:
    many = np.zeros((64, 1), np.float32)
    with pytest.raises(CommandError, match=f"{least - 1} samples are too few.* at least {least}"):
        need_enough(Path("data.npz"), Samples({"x": many[: least - 1]}, None, True), shared)
    need_enough(Path("data.npz"), Samples({"x": many[:least]}, None, True), shared)


def test_too_few_samples_to_evaluate_with_are_refused(tmp_path: Path) -> None:
    few = tmp_path / "few.npz"
    np.savez(few, image=IMAGES[:15])
    calibration = npz(tmp_path, image=IMAGES)
    source = Source(tmp_path / "model.onnx", "", 17, IMAGE, False)
    options = QuantizeOptions(source.path, calibration, tmp_path / "model", few)
    with pytest.raises(CommandError, match="15 samples are too few: evaluation needs at least 16"):
        read_data(options, source)
    np.savez(few, image=IMAGES[:16])
    assert read_data(options, source).evaluation.count == 16


def test_a_sample_that_weighs_more_than_the_limit_is_said() -> None:
    said = resolution(16, Limits(drop=0.5, error=5))
    assert said == (
        "one of 16 labelled samples is 6.25 points of top-1, more than the 0.5 that may be lost: "
        "a single one decides"
    )
    assert resolution(200, Limits(drop=0.5, error=5)).endswith("is 0.5 points of top-1")


def test_figures_have_no_exponent() -> None:
    values = [100.0, 1234.0, 6.25, 0.0000123, float("inf")]
    assert [plain(value) for value in values] == ["100", "1230", "6.25", "0.0000123", "inf"]


def test_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    (tmp_path / "broken.npz").write_bytes(b"PK nonsense")
    (tmp_path / "broken.parquet").write_bytes(b"PAR1 nonsense")
    (tmp_path / "empty").mkdir()
    (tmp_path / "data.csv").write_text("1,2\n")
    uneven = pa.table({"image": [[1.0, 2.0], [1.0]]})
    parquet.write_table(uneven, tmp_path / "uneven.parquet")
    for name, message in {
        "broken.npz": "cannot be read as .npz",
        "broken.parquet": "cannot be read as Parquet",
        "empty": "the folder holds no .npy files",
        "data.csv": "data is a .npz, a .parquet or a folder of .npy files",
        "nowhere.npz": "there is no such file or folder",
        "uneven.parquet": 'column "image" has missing values or lists of different lengths',
    }.items():
        with pytest.raises(CommandError, match=message):
            read_samples(tmp_path / name, IMAGE, None)
