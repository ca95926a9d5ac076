"""scikit-learn's digits and the one split of them that training and classification share."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

SPLIT_SEED = 7
TEST_FRACTION = 0.2


class Split(NamedTuple):
    """Images FP32 [n, 1, 8, 8] with pixels 0 (paper) to 16 (ink); labels INT64 [n], 0 to 9."""

    train_images: NDArray[np.float32]
    test_images: NDArray[np.float32]
    train_labels: NDArray[np.int64]
    test_labels: NDArray[np.int64]


def digits_split() -> Split:
    """The stratified split: 1,437 images to train with, 360 held out."""
    digits = load_digits()
    images = digits.images.astype(np.float32)[:, np.newaxis]
    labels = digits.target.astype(np.int64)
    return Split(
        *train_test_split(
            images, labels, test_size=TEST_FRACTION, random_state=SPLIT_SEED, stratify=labels
        )
    )
