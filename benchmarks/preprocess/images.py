"""Pictures: how close preparing a JPEG is to decoding it alone, how fast resizing, normalising and
layout are beside Pillow with NumPy and beside OpenCV, and what scaled decoding gains and changes.

All on one thread, in rounds over both sides. Pictures to decode scaled are tiles of a photograph,
at Pillow's default quality: what is gained depends on the bits per pixel, which have to be read
whatever the scale. OpenCV is no dependency of the project:
pip install opencv-python-headless.
"""

import importlib.util
import io
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import PIL.Image
import sklearn.datasets
from numpy.typing import NDArray

from benchmarks.figures import Figure, at_least
from benchmarks.tools import extension
from server.preprocess import Image

ROUNDS = 7
SIZE = 224
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
Pixels = NDArray[np.uint8]
Work = Callable[[], object]


def figures(seconds: float) -> Iterator[Figure]:
    """`seconds`: of each measurement."""
    photographs = {name: _photograph(name) for name in ("china", "flower")}
    for name, encoded in photographs.items():
        yield from _beside_decoding(name, encoded, seconds)
    for name, encoded in photographs.items():
        yield from _beside_others(name, np.asarray(_opened(encoded)), seconds)
    for name, encoded in photographs.items():
        pixels = np.asarray(_opened(encoded))
        for divisor, bound in ((2, 1.2), (4, 1.6), (8, 1.0)):
            tiled = _jpeg(np.tile(pixels, (divisor, divisor, 1)))
            title = f"{name}, {8 * len(tiled) / (pixels.size / 3 * divisor**2):.1f} bits per pixel"
            yield from _scaled(f"{title}, 1/{divisor}", tiled, bound, seconds / 2)
    tiled = _jpeg(np.tile(pixels, (2, 2, 1)), progressive=True)
    yield from _scaled("progressive, 1/2", tiled, 1.0, seconds / 2)


def _beside_decoding(name: str, encoded: bytes, seconds: float) -> Iterator[Figure]:
    decode_only = _decode_only()
    image = _image()

    def alone() -> float:
        times = max(1, round(seconds / decode_only(encoded, 3) * 3))
        return float(decode_only(encoded, times)) / times

    ratios, ours = [], []
    for _ in range(ROUNDS):
        decoding, whole = alone(), _time(lambda: image([encoded], threads=1), seconds)
        ratios.append(decoding / whole)
        ours.append(1 / whole)
    yield Figure("images", f"{name}: JPEG to tensor", median(ours), "/s")
    title = f"{name}: rate of JPEG to tensor / of decoding alone"
    yield Figure("images", title, median(ratios), target=at_least(0.9))


def _beside_others(name: str, pixels: Pixels, seconds: float) -> Iterator[Figure]:
    pillow, opencv = _pillow(pixels), _opencv(pixels)
    bilinear, box = _image(), _image(filter="box")
    beside_pillow, beside_opencv, ours = [], [], []
    for _ in range(ROUNDS):
        ours.append(_time(lambda: bilinear([pixels], threads=1), seconds))
        beside_pillow.append(_time(pillow, seconds) / ours[-1])
        beside_opencv.append(
            _time(opencv, seconds) / _time(lambda: box([pixels], threads=1), seconds)
        )
    yield Figure("images", f"{name}: pixels to tensor", 1e6 * median(ours), "us")
    title = f"{name}: time of Pillow and NumPy / ours (bilinear)"
    yield Figure("images", title, median(beside_pillow), target=at_least(6))
    title = f"{name}: time of OpenCV (INTER_AREA) / ours (box)"
    yield Figure("images", title, median(beside_opencv), target=at_least(2))


def _scaled(name: str, encoded: bytes, bound: float, seconds: float) -> Iterator[Figure]:
    scaled, whole = _image(), _image(scaled_decoding="off")
    gains = [
        _time(lambda: whole([encoded], threads=1), seconds)
        / _time(lambda: scaled([encoded], threads=1), seconds)
        for _ in range(ROUNDS)
    ]
    title = f"{name}: time of whole / of scaled decoding"
    yield Figure("images", title, median(gains), target=at_least(bound))
    yield Figure("images", f"{name}: PSNR of scaled decoding", _psnr(encoded), "dB")


def _psnr(encoded: bytes) -> float:
    kept: dict[str, Any] = {"mean": (0.0,), "std": (1.0,), "scale": 1.0}
    whole = _image(scaled_decoding="off", **kept)([encoded])
    error = np.mean((whole - _image(**kept)([encoded])) ** 2)
    return float(10 * np.log10(255**2 / error))


def _image(**options: Any) -> Image:
    return Image("FP32", (3, SIZE, SIZE), **({"mean": MEAN, "std": STD} | options))


def _pillow(pixels: Pixels) -> Work:
    image = PIL.Image.fromarray(pixels)
    mean, std = np.array(MEAN, np.float32), np.array(STD, np.float32)

    def prepare() -> object:
        resized = image.resize((SIZE, SIZE), PIL.Image.Resampling.BILINEAR)
        values = (np.asarray(resized, np.float32) / 255 - mean) / std
        return np.ascontiguousarray(values.transpose(2, 0, 1))

    return prepare


def _opencv(pixels: Pixels) -> Work:
    import cv2

    cv2.setNumThreads(1)
    mean: Any = (*(255 * each for each in MEAN), 0.0)  # a colour, as OpenCV takes it

    def prepare() -> object:
        resized = cv2.resize(pixels, (SIZE, SIZE), interpolation=cv2.INTER_AREA)
        return cv2.split(cv2.subtract(resized.astype(np.float32), mean))

    return prepare


def _time(work: Work, seconds: float) -> float:
    """Seconds of one run, the median of many."""
    taken: list[float] = []
    end = time.perf_counter() + seconds
    while not taken or time.perf_counter() < end:
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return median(taken)


def _decode_only() -> Callable[[bytes, int], float]:
    spec = importlib.util.spec_from_file_location("_decode_only", extension("_decode_only"))
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    made: Callable[[bytes, int], float] = module.decode_only
    return made


def _photograph(name: str) -> bytes:
    return (Path(sklearn.datasets.__file__).parent / "images" / f"{name}.jpg").read_bytes()


def _opened(encoded: bytes) -> PIL.Image.Image:
    return PIL.Image.open(io.BytesIO(encoded)).convert("RGB")


def _jpeg(pixels: Pixels, **options: Any) -> bytes:
    made = io.BytesIO()
    PIL.Image.fromarray(pixels).save(made, "JPEG", **options)
    return made.getvalue()
