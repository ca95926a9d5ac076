"""Trains a net on pictures of digits, as the server will prepare them, and writes the model.

    python examples/train_digit_pictures.py [--output model_repository/digit_pictures]

The pictures are drawn from scikit-learn's digits. Training reads the declaration in the model.yaml
that is served, through server.preprocess. Needs scikit-learn, Pillow, onnx and one of the
onnxruntime packages. Takes a minute with OPENBLAS_NUM_THREADS=1: such small products only wait for
other threads.
"""

import argparse
import json
import shutil
import sys
from pathlib import Path

import convnet
import numpy as np
from convnet_onnx import accuracy, build
from digits_data import Digits, split
from draw_digits import draw_all
from numpy.typing import NDArray

sys.path.append(str(Path(__file__).resolve().parent.parent))
from server.preprocess import Image

ROOT = Path(__file__).resolve().parent.parent
DEFAULT = ROOT / "model_repository" / "digit_pictures"
SENT = Path(__file__).with_name("digit_pictures")  # what classify_picture.py sends
SENT_OF_EACH = 3
NET = convnet.Net(pooled=(True, True, True))
TRAINING_SEED, HELD_OUT_SEED = 1, 2
DRAWINGS = 4  # of each digit to train with
EPOCHS = 15
REQUIRED_ACCURACY = 0.96
SUFFIXES = {b"\xff\xd8": "jpg", b"\x89P": "png", b"RI": "webp"}


def fit(image: Image, digits: Digits, epochs: int) -> tuple[convnet.Parameters, int]:
    """The trained net, and how many pictures it has seen."""
    rng = np.random.default_rng(TRAINING_SEED)
    files = [file for _ in range(DRAWINGS) for file in draw_all(digits, rng)]
    labels = np.tile(digits.labels, DRAWINGS)
    images = image(files).astype(np.float64)
    return convnet.train(NET, images, labels, epochs=epochs, seed=TRAINING_SEED), len(files)


def chosen_to_send(labels: NDArray[np.int64]) -> list[int]:
    """The first held-out pictures of each digit, whether the net is right about them or not."""
    each = (np.flatnonzero(labels == digit)[:SENT_OF_EACH] for digit in range(convnet.CLASSES))
    return [int(number) for number in np.concatenate(list(each))]


def keep(files: list[bytes], labels: NDArray[np.int64], numbers: list[int]) -> None:
    """Keeps pictures for the client, named by digit and number."""
    shutil.rmtree(SENT, ignore_errors=True)
    SENT.mkdir()
    for number in numbers:
        name = f"{labels[number]}_{number:02}.{SUFFIXES[files[number][:2]]}"
        (SENT / name).write_bytes(files[number])


def main() -> None:
    """Draws, trains, measures and writes the model with its figures."""
    parser = argparse.ArgumentParser(description="Trains the net of pictures of digits.")
    parser.add_argument("--output", type=Path, default=DEFAULT)
    parser.add_argument("--epochs", type=int, default=EPOCHS, help=f"default {EPOCHS}")
    arguments = parser.parse_args()
    output: Path = arguments.output

    image = Image.from_yaml(DEFAULT / "model.yaml")
    training, held_out = split()
    parameters, pictures = fit(image, training, arguments.epochs)
    files = draw_all(held_out, np.random.default_rng(HELD_OUT_SEED))
    model = build(NET, parameters, name="digit_pictures", image="picture").SerializeToString()
    images, labels, sent = image(files), held_out.labels, chosen_to_send(held_out.labels)
    right = accuracy(model, images, labels)
    sent_right = accuracy(model, images[sent], labels[sent])
    figures = {
        "command": "python examples/train_digit_pictures.py",
        "training_pictures": pictures,
        "held_out_pictures": len(files),
        "held_out_accuracy": round(right, 4),
        "sent_pictures": len(sent),
        "sent_pictures_right": round(sent_right * len(sent)),
    }
    print(json.dumps(figures, indent=2))
    if right < REQUIRED_ACCURACY:
        raise SystemExit(f"the accuracy is below {REQUIRED_ACCURACY}")
    (output / "1").mkdir(parents=True, exist_ok=True)
    (output / "1" / "model.onnx").write_bytes(model)
    (output / "metrics.json").write_text(json.dumps(figures, indent=2) + "\n")
    if output == DEFAULT:
        keep(files, labels, sent)


if __name__ == "__main__":
    main()
