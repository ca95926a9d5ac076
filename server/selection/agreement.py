"""Whether two providers answer the same."""

from collections.abc import Mapping

import numpy as np

from server.examine.arrays import Array

# Normalised root mean square of the difference of float outputs.
FLOAT_LIMIT = 1e-3  # other summation orders, other approximations of the same functions
QUANTIZED_LIMIT = 0.1  # one step of an 8-bit value more or less, in every layer
EQUAL_SHARE = 0.75  # of integers, strings and flags in the outputs of quantized models


def disagreement(
    reference: Mapping[str, Array], other: Mapping[str, Array], quantized: bool
) -> str:
    """What differs, or "". `quantized`: rounding to 8 bits may come out differently."""
    for name, expected in reference.items():
        actual = other[name]
        if actual.shape != expected.shape:
            return f"output {name} has the shape {actual.shape}, not {expected.shape}"
        found = _differs(expected, actual, quantized)
        if found:
            return f"output {name} differs: {found}"
    return ""


def _differs(expected: Array, actual: Array, quantized: bool) -> str:
    if expected.dtype.kind != "f":
        equal = float(np.mean(expected == actual)) if expected.size else 1.0
        least = EQUAL_SHARE if quantized else 1.0
        return "" if equal >= least else f"{equal:.0%} of the values are equal"
    if not np.array_equal(np.isfinite(expected), np.isfinite(actual)):
        return "values that are not finite"
    error = normalised_error(expected, actual)
    limit = QUANTIZED_LIMIT if quantized else FLOAT_LIMIT
    return "" if error <= limit else f"normalised error {error:.2g}, more than {limit:g}"


def normalised_error(expected: Array, actual: Array) -> float:
    """Root mean square of the difference over that of `expected`; values that are not finite are
    left out."""
    finite = np.isfinite(expected)
    wanted = expected[finite].astype(np.float64)
    difference = actual[finite].astype(np.float64) - wanted
    scale = float(np.sqrt(np.mean(wanted**2))) if wanted.size else 0.0
    error = float(np.sqrt(np.mean(difference**2))) if wanted.size else 0.0
    return error / scale if scale else error
