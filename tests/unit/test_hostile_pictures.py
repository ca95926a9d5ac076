"""Whatever picture comes, it is prepared or refused with the reason."""

import io
import struct
import zlib
from typing import Any

import numpy as np
import PIL.Image
import pytest

from server.engine import CoreError
from server.preprocess import Image
from tests.unit.pictures import encode, pattern, photograph, pixels_of

IMAGE = Image("UINT8", (24, 24, 3))


def refusal(encoded: bytes, **options: Any) -> str:
    image = Image("UINT8", (24, 24, 3), **options) if options else IMAGE
    with pytest.raises(CoreError) as caught:
        image([encoded])
    assert caught.value.code == "INVALID_ARGUMENT"
    return caught.value.message.removeprefix("item 0: ")


def png_header(width: int, height: int, interlaced: bool = False) -> bytes:
    """A PNG of one gray bit per pixel that claims a size; its pixels are missing."""
    body = b"IHDR" + struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, interlaced)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + body + struct.pack(">I", zlib.crc32(body))


def chunk(kind: bytes, content: bytes) -> bytes:
    body = kind + content
    return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))


def with_size(jpeg: bytes, height: int, width: int) -> bytes:
    """The same JPEG with another size in its frame header."""
    for marker in (b"\xff\xc0", b"\xff\xc2"):
        at = jpeg.find(marker)
        if at >= 0:
            return jpeg[: at + 5] + struct.pack(">HH", height, width) + jpeg[at + 9 :]
    raise AssertionError("no frame header")


FORMS: dict[str, bytes] = {
    "jpeg": encode(pattern(60, 80), "JPEG", quality=90),
    "progressive": encode(pattern(60, 80), "JPEG", progressive=True),
    "png": encode(pattern(60, 80), "PNG"),
    "webp": encode(pattern(60, 80), "WEBP", quality=90),
    "lossless": encode(pattern(60, 80), "WEBP", lossless=True),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_truncation_is_refused_or_whole(form: str) -> None:
    """The last bytes may be padding: what they leave is the whole picture."""
    encoded = FORMS[form]
    whole = IMAGE([encoded])
    for size in [*range(0, len(encoded) - 16, 7), len(encoded) - 16]:
        with pytest.raises(CoreError):
            IMAGE([encoded[:size]])
    for size in range(len(encoded) - 16, len(encoded)):
        try:
            np.testing.assert_array_equal(IMAGE([encoded[:size]]), whole)
        except CoreError as error:
            assert error.code == "INVALID_ARGUMENT"


@pytest.mark.parametrize("form", FORMS)
def test_damaged_bytes_are_prepared_or_refused(form: str) -> None:
    random = np.random.default_rng(5)
    encoded = np.frombuffer(FORMS[form], np.uint8)
    for _ in range(300):
        damaged = encoded.copy()
        damaged[random.integers(2, len(encoded), 3)] = random.integers(0, 256, 3)
        try:
            IMAGE([damaged.tobytes()])
        except CoreError as error:
            assert error.code == "INVALID_ARGUMENT"


def test_nothing() -> None:
    assert refusal(b"") == "image: expected JPEG, PNG, WebP, but it has 0 bytes"


def test_other_formats_are_named() -> None:
    for form, words in {"GIF": "a GIF", "BMP": "a BMP", "TIFF": "a TIFF"}.items():
        assert refusal(encode(pattern(9, 9), form)).endswith(f"but it is {words}")


def test_a_format_that_is_not_accepted() -> None:
    message = refusal(FORMS["png"], formats=("jpeg",))
    assert message == "image: expected JPEG, but it is a PNG"


@pytest.mark.parametrize("magic", [b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF\0\0\0\0WEBP"])
def test_only_a_beginning(magic: bytes) -> None:
    assert "image: " in refusal(magic)
    assert "image: " in refusal(magic + bytes(100))


def test_a_jpeg_that_claims_more_than_it_can_hold() -> None:
    message = refusal(with_size(FORMS["jpeg"], 6000, 6000))
    assert "bytes are too few for 6000 x 6000 pixels" in message


def test_bombs_are_refused_by_their_header() -> None:
    limit = "over the limit of 40000000 (max_pixels)"
    assert limit in refusal(with_size(FORMS["jpeg"], 65000, 65000))
    pixels = chunk(b"IDAT", zlib.compress(bytes(1000)))
    assert limit in refusal(png_header(60000, 60000) + pixels)
    assert limit in refusal(png_header(60000, 60000, interlaced=True) + pixels)
    webp = b"WEBPVP8L\x0a\0\0\0\x2f" + struct.pack("<I", 16383 | 16383 << 14) + bytes(5)
    assert limit in refusal(b"RIFF" + struct.pack("<I", len(webp)) + webp)
    assert "PNG image" in refusal(png_header(2**31 - 1, 2**31 - 1))


def test_a_png_that_unpacks_without_end() -> None:
    """A megabyte of zeros for one row of one pixel, and a text of the same kind ahead of it."""
    zeros = zlib.compress(bytes(64 << 20), 9)
    text = chunk(b"zTXt", b"Comment\0\0" + zeros)
    pixels = chunk(b"IDAT", zlib.compress(b"\0\x80"))
    end = chunk(b"IEND", b"")
    head = png_header(1, 1)
    assert (IMAGE([head + text + pixels + end]) == 255).all()
    assert IMAGE([head + chunk(b"IDAT", zeros) + end]).shape == (1, 24, 24, 3)


def test_limits_are_the_declarations() -> None:
    size = len(FORMS["jpeg"])
    message = refusal(FORMS["jpeg"], max_bytes=size - 1)
    assert message == f"image: {size} bytes are over the limit of {size - 1} (max_bytes)"
    message = refusal(FORMS["png"], max_pixels=4799)
    assert message == "PNG image of 80 x 60: 4800 pixels are over the limit of 4799 (max_pixels)"
    message = refusal(FORMS["progressive"], max_scans=3)
    assert message == "JPEG image: has more scans than the limit of 3 (max_scans)"


def test_scans_without_end() -> None:
    """The last scan of a progressive JPEG again and again."""
    encoded = FORMS["progressive"]
    last = encoded.rfind(b"\xff\xda")
    endless = encoded[:last] + encoded[last:-2] * 10_000 + encoded[-2:]
    assert "JPEG image: " in refusal(endless)


def test_animations() -> None:
    frames = [pattern(20, 20), pattern(20, 20).rotate(90)]
    animated = encode(frames[0], "WEBP", save_all=True, append_images=frames[1:])
    assert refusal(animated) == "WebP image: is animated; send one picture"
    first = encode(frames[0], "PNG", save_all=True, append_images=frames[1:])
    np.testing.assert_array_equal(IMAGE([first]), IMAGE([encode(frames[0], "PNG")]))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
def test_pngs_of_every_kind(mode: str) -> None:
    encoded = encode(pattern(31, 37).convert(mode), "PNG")
    made = Image("UINT8", (31, 37, 3))([encoded])[0]
    np.testing.assert_array_equal(made, pixels_of(encoded))


@pytest.mark.parametrize("alpha", [0, 77, 255])
def test_transparency_is_dropped(alpha: int) -> None:
    image = pattern(12, 14)
    image.putalpha(alpha)
    made = Image("UINT8", (12, 14, 3))([encode(image, "PNG")])[0]
    np.testing.assert_array_equal(made, np.asarray(image)[..., :3])


def test_16_bits_keep_the_upper_eight() -> None:
    values = np.arange(256, dtype=np.uint16).reshape(16, 16) * 257
    encoded = encode(PIL.Image.fromarray(values), "PNG")
    made = Image("UINT8", (16, 16, 3))([encoded])[0]
    np.testing.assert_array_equal(made[..., 0], values >> 8)


def test_an_interlaced_png() -> None:
    """Of one pixel, which is its first pass."""
    pixels = chunk(b"IDAT", zlib.compress(b"\0\x80"))
    encoded = png_header(1, 1, interlaced=True) + pixels + chunk(b"IEND", b"")
    assert (IMAGE([encoded]) == 255).all()


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("subsampling", [0, 1, 2])
def test_jpegs_of_every_kind(mode: str, progressive: bool, subsampling: int) -> None:
    image = PIL.Image.fromarray(pixels_of(photograph("flower.jpg"))).resize((101, 67))
    encoded = encode(
        image.convert(mode), "JPEG", progressive=progressive, subsampling=subsampling, quality=85
    )
    made = Image("UINT8", (67, 101, 3))([encoded])[0]
    difference = np.abs(made.astype(int) - pixels_of(encoded))
    assert difference.mean() <= 0.5
    assert difference.max() <= 3


def test_bytes_ahead_of_a_marker_do_no_harm() -> None:
    encoded = FORMS["jpeg"]
    table = encoded.find(b"\xff\xdb")
    padded = encoded[:table] + b"\0\0\0" + encoded[table:]
    np.testing.assert_array_equal(IMAGE([padded]), IMAGE([encoded]))


def test_damaged_exif_is_no_reason_to_refuse() -> None:
    for block in (b"", b"II*\0", b"MM\0*\xff\xff\xff\xff", b"II*\0\x08\0\0\0\xff\xff"):
        encoded = encode(pattern(20, 30), "JPEG", exif=b"Exif\0\0" + block)
        assert IMAGE([encoded]).shape == (1, 24, 24, 3)


def test_pixels_over_the_limits() -> None:
    small = Image("UINT8", (24, 24, 3), max_pixels=99)
    with pytest.raises(CoreError, match=r"pixels of 10 x 10: 100 pixels are over the limit of 99"):
        small([np.zeros((10, 10, 3), np.uint8)])
    with pytest.raises(CoreError, match="at least 1 pixel"):
        small([np.zeros((0, 10, 3), np.uint8)])


def test_memory_is_not_what_a_small_file_claims() -> None:
    """A PNG of 40 million pixels in 6 kB is read row by row, and ends early."""
    head = png_header(8000, 5000)
    cut = chunk(b"IDAT", zlib.compress(bytes(1001 * 10)))
    assert "PNG image: cannot be decoded" in refusal(head + cut + chunk(b"IEND", b""))


def test_ten_thousand_wide() -> None:
    wide = pattern(3, 10_000)
    made = Image("UINT8", (3, 100, 3), layout="nhwc")([encode(wide, "PNG")])[0]
    wanted = np.asarray(
        PIL.Image.open(io.BytesIO(encode(wide, "PNG"))).resize(
            (100, 3), PIL.Image.Resampling.BILINEAR
        )
    )
    assert np.abs(made.astype(int) - wanted).max() <= 3
