"""What ONNX Runtime itself makes of a model file: the values a server must give."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import onnxruntime

from tests.e2e.tensors import Array


class Reference:
    """A session on one file, on the CPU."""

    def __init__(self, path: Path) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(
            str(path), options, providers=["CPUExecutionProvider"]
        )

    def run(self, inputs: Mapping[str, Array]) -> dict[str, Array]:
        """Outputs by name."""
        names = [output.name for output in self._session.get_outputs()]
        return dict(zip(names, self._session.run(names, dict(inputs)), strict=True))


def same_bits(got: Array, expected: Array) -> None:
    """Equal types, shapes and bits (NaN included)."""
    assert got.dtype == expected.dtype
    assert got.shape == expected.shape
    if got.dtype == np.object_:
        assert got.tolist() == expected.tolist()
    else:
        assert got.tobytes() == expected.tobytes()


def close(got: Array, expected: Array) -> None:
    """Equal but for the order of floating-point sums, which depends on the batch size."""
    assert got.shape == expected.shape
    np.testing.assert_allclose(got, expected, rtol=1e-5, atol=1e-5)
