#!/usr/bin/env python3
"""Writes the seeds of picture_fuzz.cc into corpus/: every form of every format, a few pixels each.
Needs Pillow. Run it again after a change here and commit the files."""

import io
from collections.abc import Iterator
from pathlib import Path

from PIL import Image

CORPUS = Path(__file__).parent / "corpus"
SIZE = (19, 13)


def picture(mode: str) -> Image.Image:
    red, green = Image.linear_gradient("L"), Image.radial_gradient("L")
    return Image.merge("RGB", (red, green, red.rotate(90))).resize(SIZE).convert(mode)


def encoded(mode: str, form: str, **options: object) -> bytes:
    made = io.BytesIO()
    picture(mode).save(made, form, **options)
    return made.getvalue()


def seeds() -> Iterator[tuple[str, bytes]]:
    exif = Image.Exif()
    exif[0x0112] = 6
    yield "jpeg", encoded("RGB", "JPEG", quality=60)
    yield "jpeg_turned", encoded("RGB", "JPEG", exif=exif)
    yield "jpeg_progressive", encoded("RGB", "JPEG", progressive=True, quality=30)
    yield "jpeg_gray", encoded("L", "JPEG")
    yield "jpeg_cmyk", encoded("CMYK", "JPEG")
    yield "jpeg_444", encoded("RGB", "JPEG", subsampling=0)
    for mode in ("RGB", "RGBA", "L", "LA", "P", "1", "I;16"):
        yield f"png_{mode.replace(';', '')}", encoded(mode, "PNG") if mode != "I;16" else deep()
    yield "png_turned", encoded("RGB", "PNG", exif=exif)
    yield "png_transparent", encoded("P", "PNG", transparency=3)
    yield "webp_lossy", encoded("RGB", "WEBP", quality=40)
    yield "webp_lossless", encoded("RGBA", "WEBP", lossless=True)
    yield "webp_turned", encoded("RGB", "WEBP", exif=exif)
    yield "webp_animated", encoded("RGB", "WEBP", save_all=True, append_images=[picture("L")])


def deep() -> bytes:
    made = io.BytesIO()
    picture("L").convert("I;16").save(made, "PNG")
    return made.getvalue()


def main() -> None:
    CORPUS.mkdir(exist_ok=True)
    for number, (name, content) in enumerate(seeds()):
        (CORPUS / name).write_bytes(bytes([number % 4]) + content)


if __name__ == "__main__":
    main()
