"""What scikit-learn answers, in the form of the ONNX model's outputs."""

import warnings
from typing import Any

import numpy as np

from server.importing.source import Source

Answers = dict[str, Any]  # by output: labels [rows], others [rows, columns]


def expected(source: Source, data: Any) -> Answers:
    """Raises what scikit-learn raises."""
    model = source.model
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # unknown categories are meant to be ignored
        if source.kind == "classifier":
            answers = {"label": labels(model.predict(data))}
            if source.gives_probabilities:
                answers["probabilities"] = np.asarray(model.predict_proba(data))
            return answers
        made = model.predict(data) if source.kind == "regressor" else model.transform(data)
    dense = np.asarray(made.toarray() if hasattr(made, "toarray") else made, np.float64)
    return {"variable": dense.reshape(len(data), -1)}


def labels(values: Any) -> Any:
    """Strings or numbers, from scikit-learn or as BYTES."""
    flat = np.asarray(values).reshape(-1)
    if flat.dtype.kind == "S":
        return np.char.decode(flat, "utf-8")
    return flat.astype(np.str_) if flat.dtype.kind in "OUT" else flat.astype(np.float64)
