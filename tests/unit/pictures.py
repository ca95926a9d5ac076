"""Pictures for tests: scikit-learn's photographs and what Pillow makes of patterns."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import sklearn.datasets
from numpy.typing import NDArray

PHOTOGRAPHS = ("china.jpg", "flower.jpg")


def photograph(name: str) -> bytes:
    return (Path(sklearn.datasets.__file__).parent / "images" / name).read_bytes()


def pixels_of(encoded: bytes) -> NDArray[np.uint8]:
    """RGB, as Pillow decodes it."""
    return np.asarray(PIL.Image.open(io.BytesIO(encoded)).convert("RGB"))


def pattern(height: int, width: int) -> PIL.Image.Image:
    """Smooth colours, no two corners alike."""
    down = np.linspace(0, 1, height)[:, None]
    across = np.linspace(0, 1, width)[None, :]
    red = 255 * across * np.ones_like(down)
    green = 255 * down * np.ones_like(across)
    blue = 127 + 127 * np.sin(9 * across) * np.cos(5 * down)
    return PIL.Image.fromarray(np.stack([red, green, blue], -1).astype(np.uint8))


def encode(image: PIL.Image.Image, form: str, **options: Any) -> bytes:
    made = io.BytesIO()
    image.save(made, form, **options)
    return made.getvalue()


def turned(image: PIL.Image.Image, form: str, orientation: int, **options: Any) -> bytes:
    exif = PIL.Image.Exif()
    exif[0x0112] = orientation
    return encode(image, form, exif=exif, **options)
