"""Fits the wine model (scaler + logistic regression), converts it to ONNX and compares the two.

    python examples/train_wine.py [--output model_repository/wine]

Needs scikit-learn, skl2onnx and one of the onnxruntime packages. Takes seconds.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import onnxruntime as ort
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import FloatTensorType
from sklearn.datasets import load_wine
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

SPLIT_SEED = 7
TEST_FRACTION = 0.3
FEATURES = 13


def to_onnx(pipeline: Pipeline) -> bytes:
    """The pipeline as ONNX.

    Without zipmap=False the probabilities would be a sequence of maps, which the protocol cannot
    carry.
    """
    model = convert_sklearn(
        pipeline,
        "wine",
        initial_types=[("features", FloatTensorType([None, FEATURES]))],
        options={id(pipeline): {"zipmap": False}},
        target_opset=17,
    )
    return bytes(model.SerializeToString())


def main() -> None:
    """Fits, converts, compares and writes the model with its figures."""
    parser = argparse.ArgumentParser(description="Fits and converts the wine model.")
    default = Path(__file__).resolve().parent.parent / "model_repository" / "wine"
    parser.add_argument("--output", type=Path, default=default)
    output: Path = parser.parse_args().output

    features, labels = load_wine(return_X_y=True)
    train_x, test_x, train_y, test_y = train_test_split(
        features.astype(np.float32),
        labels.astype(np.int64),
        test_size=TEST_FRACTION,
        random_state=SPLIT_SEED,
        stratify=labels,
    )
    pipeline = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    pipeline.fit(train_x, train_y)

    model = to_onnx(pipeline)
    session = ort.InferenceSession(model, providers=["CPUExecutionProvider"])
    got_labels, got_probabilities = session.run(["label", "probabilities"], {"features": test_x})
    difference = float(np.abs(got_probabilities - pipeline.predict_proba(test_x)).max())
    if not np.array_equal(got_labels, pipeline.predict(test_x)) or difference > 1e-5:
        raise SystemExit(f"ONNX and scikit-learn disagree (probabilities by {difference:.2g})")

    figures = {
        "command": "python examples/train_wine.py",
        "held_out_rows": len(test_y),
        "held_out_accuracy": round(float(np.mean(got_labels == test_y)), 4),
        "labels_equal_scikit_learn": True,
        "largest_probability_difference": float(f"{difference:.1g}"),
    }
    print(json.dumps(figures, indent=2))
    (output / "1").mkdir(parents=True, exist_ok=True)
    (output / "1" / "model.onnx").write_bytes(model)
    (output / "metrics.json").write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
