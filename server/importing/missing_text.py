"""Missing strings: None or NaN to scikit-learn, the empty string to ONNX, which has neither."""

from copy import deepcopy
from typing import Any

import numpy as np

from server.importing.steps import is_missing, steps
from server.making.error import CommandError

MISSING = ""


def for_conversion(model: Any) -> Any:
    """A copy whose steps know a missing string as MISSING. Raises CommandError where MISSING is
    a category of its own."""
    made = deepcopy(model)
    for path, step in steps(made):
        if _fills_text(step):
            step.missing_values = MISSING
        known = getattr(step, "categories_", None)
        if isinstance(known, list):
            step.categories_ = [_renamed(path, values) for values in known]
    return made


def _fills_text(step: Any) -> bool:
    filled = getattr(step, "statistics_", ())
    return is_missing(getattr(step, "missing_values", 0)) and any(
        isinstance(each, str) for each in filled
    )


def _renamed(path: str, values: Any) -> Any:
    if not any(isinstance(each, str) for each in values):
        return values
    missing = [is_missing(each) for each in values]
    if not any(missing):
        return values
    if MISSING in list(values):
        raise CommandError(
            f"step {path}: knows both missing values and empty strings, which are the same to an "
            "ONNX model: fit it on data with one of them"
        )
    return np.array(
        [MISSING if gone else each for each, gone in zip(values, missing, strict=True)], object
    )
