"""Draws scikit-learn's digits as pictures: ink on paper, as a camera or a scanner saves them."""

import io

import numpy as np
from digits_data import Digits
from numpy.typing import NDArray
from PIL import Image

STRENGTH_MAX = 16.0
FORMATS = ("JPEG", "WEBP", "PNG")
SHARES = (0.7, 0.2, 0.1)


def draw_all(digits: Digits, rng: np.random.Generator) -> list[bytes]:
    """One file per digit."""
    return [draw(image[0], rng) for image in digits.images]


def draw(digit: NDArray[np.float32], rng: np.random.Generator) -> bytes:
    """The digit [8, 8] as a JPEG, WebP or PNG file, 64 to 160 pixels a side: somewhat turned, in
    dark ink of some colour on light paper that is not lit evenly."""
    strength = _strength(digit, rng)[..., np.newaxis]
    height, width = strength.shape[:2]
    paper, ink = rng.integers(200, 256, 3), rng.integers(0, 100, 3)
    light = 1 - rng.uniform(0, 0.15) * np.linspace(0, 1, width)[np.newaxis, :, np.newaxis]
    pixels = ((1 - strength) * paper + strength * ink) * light
    picture = Image.fromarray(pixels.round().astype(np.uint8).reshape(height, width, 3))
    file = io.BytesIO()
    form = str(rng.choice(FORMATS, p=SHARES))
    # Of PNG, a scanner's shades of grey; it has no quality.
    how = {} if form == "PNG" else {"quality": int(rng.integers(50, 96))}
    (picture.convert("L") if form == "PNG" else picture).save(file, form, **how)
    return file.getvalue()


def _strength(digit: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float64]:
    """How much ink is where, 0 to 1, with margins."""
    side = int(rng.integers(56, 129))
    left, right, top, bottom = rng.integers(4, 17, 4)
    small = Image.fromarray((np.pad(digit, 1) * (255 / STRENGTH_MAX)).astype(np.uint8))
    large = small.resize((side, side), Image.Resampling.BICUBIC)
    turned = large.rotate(rng.uniform(-8, 8), Image.Resampling.BILINEAR)
    return np.pad(np.asarray(turned) / 255, ((top, bottom), (left, right)))
