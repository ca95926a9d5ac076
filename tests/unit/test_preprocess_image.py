"""Pictures become the arrays that Pillow and NumPy would make of them."""

import io
from typing import Any

import numpy as np
import PIL.Image
import PIL.ImageOps
import pytest
from numpy.typing import NDArray

from server.engine import CoreError
from server.preprocess import Image
from tests.unit.pictures import PHOTOGRAPHS, encode, pattern, photograph, pixels_of, turned

FILTERS = {
    "box": PIL.Image.Resampling.BOX,
    "bilinear": PIL.Image.Resampling.BILINEAR,
    "bicubic": PIL.Image.Resampling.BICUBIC,
}
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def prepare(picture: Any, datatype: str, dims: tuple[int, ...], **options: Any) -> NDArray[Any]:
    made: NDArray[Any] = Image(datatype, dims, **options)([picture])[0]
    return made


def assert_close(made: NDArray[Any], wanted: NDArray[Any]) -> None:
    difference = np.abs(made.astype(np.float64) - wanted.astype(np.float64))
    assert difference.mean() <= 0.5
    assert difference.max() <= 3


@pytest.mark.parametrize("name", PHOTOGRAPHS)
@pytest.mark.parametrize("kind", FILTERS)
@pytest.mark.parametrize("size", [(224, 224), (97, 113), (31, 640), (600, 800), (1, 1)])
def test_resizing_agrees_with_pillow(name: str, kind: str, size: tuple[int, int]) -> None:
    encoded = photograph(name)
    image = PIL.Image.open(io.BytesIO(encoded)).convert("RGB")
    wanted = np.asarray(image.resize(size[::-1], FILTERS[kind]))
    options = {"filter": kind, "scaled_decoding": "off"}
    assert_close(prepare(encoded, "UINT8", (*size, 3), **options), wanted)
    assert_close(prepare(np.asarray(image), "UINT8", (*size, 3), **options), wanted)
    planar = prepare(encoded, "FP32", (3, *size), scale=1.0, **options)
    assert_close(planar.transpose(1, 2, 0), wanted)


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (13, 1), (7, 11), (101, 103), (2, 10_000)])
def test_odd_sizes_agree_with_pillow(size: tuple[int, int]) -> None:
    image = pattern(*size)
    wanted = np.asarray(image.resize((19, 23), FILTERS["bilinear"]))
    assert_close(prepare(encode(image, "PNG"), "UINT8", (23, 19, 3)), wanted)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("kind", FILTERS)
@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_agrees_with_pillow(form: str, kind: str, orientation: int) -> None:
    quality: dict[str, Any] = {"lossless": True} if form == "WEBP" else {}
    encoded = turned(pattern(60, 83), form, orientation, **quality)
    upright = PIL.ImageOps.exif_transpose(PIL.Image.open(io.BytesIO(encoded))).convert("RGB")
    wanted = np.asarray(upright.resize((21, 34), FILTERS[kind]))
    options = {"filter": kind, "scaled_decoding": "off"}
    assert_close(prepare(encoded, "UINT8", (34, 21, 3), **options), wanted)
    planar = prepare(encoded, "FP32", (3, 34, 21), scale=1.0, **options)
    assert_close(planar.transpose(1, 2, 0), wanted)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_of_photographs_and_crops(orientation: int) -> None:
    image = PIL.Image.fromarray(pixels_of(photograph("china.jpg")))
    encoded = turned(image, "PNG", orientation)
    upright = PIL.ImageOps.exif_transpose(PIL.Image.open(io.BytesIO(encoded)))
    scale = 128 / min(upright.size)
    resized = upright.resize([int(side * scale) for side in upright.size], FILTERS["bicubic"])
    left, top = (round((side - 112) / 2) for side in resized.size)
    wanted = np.asarray(resized.crop((left, top, left + 112, top + 112)))
    options = {"resize": "shortest", "shorter_side": 128, "filter": "bicubic"}
    assert_close(prepare(encoded, "UINT8", (112, 112, 3), **options), wanted)


def test_orientation_can_be_left_alone() -> None:
    encoded = turned(pattern(20, 30), "PNG", 6)
    wanted = np.asarray(pattern(20, 30))
    np.testing.assert_array_equal(prepare(encoded, "UINT8", (20, 30, 3), orientation=False), wanted)


def test_normalisation_is_that_of_torchvision() -> None:
    encoded = photograph("flower.jpg")
    image = PIL.Image.fromarray(pixels_of(encoded)).resize((224, 224), FILTERS["bilinear"])
    wanted = ((np.asarray(image) / 255 - MEAN) / STD).transpose(2, 0, 1)
    made = prepare(encoded, "FP32", (3, 224, 224), mean=MEAN, std=STD, scaled_decoding="off")
    assert np.abs(made - wanted).mean() <= 0.5 / 255 / min(STD)
    assert np.abs(made - wanted).max() <= 3 / 255 / min(STD)


def test_a_mean_of_pixels_goes_with_scale_1() -> None:
    image = pattern(8, 8)
    pixels = np.asarray(image).astype(np.float32)
    made = prepare(
        encode(image, "PNG"), "FP32", (8, 8, 3), color="bgr", scale=1.0, mean=(103.0, 116.0, 123.0)
    )
    np.testing.assert_allclose(made, pixels[..., ::-1] - (103, 116, 123), atol=1e-3)


def test_datatypes_hold_the_same_values() -> None:
    encoded = photograph("china.jpg")
    exact = prepare(encoded, "FP32", (3, 50, 60), mean=MEAN, std=STD)
    half = prepare(encoded, "FP16", (3, 50, 60), mean=MEAN, std=STD)
    np.testing.assert_array_equal(half, exact.astype(np.float16))
    brain = prepare(encoded, "BF16", (3, 50, 60), mean=MEAN, std=STD)
    widened = (brain.astype(np.uint32) << 16).view(np.float32)
    np.testing.assert_allclose(widened, exact, rtol=1 / 256)
    signed = prepare(encoded, "INT8", (3, 50, 60), mean=(128.0,))
    unsigned = prepare(encoded, "UINT8", (3, 50, 60))
    np.testing.assert_array_equal(signed.astype(int) + 128, unsigned)


def test_gray_is_pillows() -> None:
    image = pattern(40, 50)
    wanted = np.asarray(image.convert("L"))
    made = prepare(encode(image, "PNG"), "UINT8", (1, 40, 50), color="gray")
    assert np.abs(made[0].astype(int) - wanted).max() <= 1


def test_fit_keeps_the_whole_picture_in_the_middle() -> None:
    image = pattern(30, 60)
    made = prepare(
        encode(image, "PNG"), "UINT8", (40, 40, 3), resize="fit", pad_color=(114, 115, 116)
    )
    wanted = np.full((40, 40, 3), (114, 115, 116), np.uint8)
    wanted[10:30] = np.asarray(image.resize((40, 20), FILTERS["bilinear"]))
    assert_close(made, wanted)
    np.testing.assert_array_equal(made[:10], wanted[:10])


def test_scaled_decoding_changes_little() -> None:
    image = PIL.Image.fromarray(pixels_of(photograph("china.jpg")))
    encoded = encode(image, "JPEG", quality=92)
    whole = prepare(encoded, "FP32", (3, 100, 150), scale=1.0, scaled_decoding="off")
    scaled = prepare(encoded, "FP32", (3, 100, 150), scale=1.0)
    error = np.mean((whole - scaled) ** 2)
    assert error > 0  # it was decoded to a quarter
    assert 10 * np.log10(255**2 / error) > 30  # dB


@pytest.mark.parametrize("threads", [1, 4])
def test_a_batch_is_its_pictures(threads: int) -> None:
    image = Image("FP32", (3, 32, 32))
    pictures = [encode(pattern(20 + n, 50 - n), "PNG") for n in range(17)]
    made = image(pictures, threads=threads)
    assert made.shape == (17, 3, 32, 32)
    for picture, row in zip(pictures, made, strict=True):
        np.testing.assert_array_equal(row, image([picture])[0])


def test_the_first_picture_that_fails_is_named() -> None:
    good = encode(pattern(9, 9), "PNG")
    pictures = [good] * 40
    pictures[23] = b"nothing"
    pictures[31] = b""
    with pytest.raises(CoreError, match=r"item 23: image: expected JPEG, PNG, WebP, but"):
        Image()(pictures, threads=4)


def test_no_pictures_are_an_empty_array() -> None:
    assert Image()([]).shape == (0, 3, 224, 224)


def test_pixels_that_do_not_lie_row_after_row() -> None:
    pixels = np.asarray(pattern(30, 40))
    np.testing.assert_array_equal(prepare(pixels[:, ::-1], "UINT8", (30, 40, 3)), pixels[:, ::-1])


@pytest.mark.parametrize("wrong", [np.zeros((4, 4, 4), np.uint8), np.zeros((4, 4, 3), np.float32)])
def test_other_arrays_are_refused(wrong: NDArray[Any]) -> None:
    with pytest.raises(CoreError, match=r"item 0: expected .* UINT8 pixels"):
        Image()([wrong])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"colour": "rgb"}, "colour"),
        ({"mean": (1.0, 2.0)}, "mean: 2 numbers should be 1 or 3"),
        ({"mean": (123.0, 116.0, 103.0)}, "set scale: 1"),
        ({"shorter_side": 256}, "shorter_side: goes with resize: shortest"),
        ({"resize": "shortest", "shorter_side": 100}, "100 should be 224 or more"),
        ({"size": (100, 100)}, "should be the input's height and width"),
        ({"color": "gray"}, "layout"),
        ({"layout": "nhwc"}, "needs 3 channels"),
    ],
)
def test_options_that_do_not_fit(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Image("FP32", (3, 224, 224), **options)


def test_an_input_that_pictures_cannot_become() -> None:
    with pytest.raises(ValueError, match="the input is INT64"):
        Image("INT64", (3, 224, 224))
    with pytest.raises(ValueError, match="size"):
        Image("FP32", (3, -1, -1))
    assert Image("FP32", (3, -1, -1), size=(10, 20)).shape == (3, 10, 20)
