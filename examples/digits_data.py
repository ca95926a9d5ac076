"""scikit-learn's digits and the one split of them that training and classification share."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

SPLIT_SEED = 7
TEST_FRACTION = 0.2
HELD_OUT = Path(__file__).with_name("digits_held_out.npz")


class Digits(NamedTuple):
    """Images FP32 [n, 1, 8, 8] with pixels 0 (paper) to 16 (ink); labels INT64 [n], 0 to 9."""

    images: NDArray[np.float32]
    labels: NDArray[np.int64]


def split() -> tuple[Digits, Digits]:
    """1,437 digits to train with and 360 held out, stratified. Needs scikit-learn."""
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    digits = load_digits()
    images = digits.images.astype(np.float32)[:, np.newaxis]
    labels = digits.target.astype(np.int64)
    train_images, test_images, train_labels, test_labels = train_test_split(
        images, labels, test_size=TEST_FRACTION, random_state=SPLIT_SEED, stratify=labels
    )
    return Digits(train_images, train_labels), Digits(test_images, test_labels)


def save_held_out(digits: Digits) -> None:
    """Keeps the held-out digits beside this file, so that a client needs no scikit-learn."""
    np.savez_compressed(
        HELD_OUT, images=digits.images.astype(np.uint8), labels=digits.labels.astype(np.uint8)
    )


def load_held_out() -> Digits:
    """Return the digits that save_held_out kept."""
    with np.load(HELD_OUT) as kept:
        return Digits(kept["images"].astype(np.float32), kept["labels"].astype(np.int64))
