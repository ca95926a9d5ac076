"""Which layers lose accuracy: each is quantized alone and the outputs compared with FP32's."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from server.quantize.accuracy import error_of
from server.quantize.calibration import ROWS
from server.quantize.data_files import Array
from server.quantize.progress import progress
from server.quantize.qdq import Style, write_static
from server.quantize.samples import Samples

_SAMPLES = 32


@dataclass(frozen=True)
class Loss:
    """What quantizing only this layer does to the model's worst output."""

    layer: str
    error: float  # percent

    @property
    def signal_db(self) -> float:
        """Signal to quantization noise; negative when noise prevails."""
        return -20 * math.log10(self.error / 100) if self.error > 0 else math.inf


def losses(
    prepared: Path, samples: Samples, ranges: Any, style: Style, names: Sequence[str]
) -> list[Loss]:
    """The worst first."""
    few = samples.only(slice(_SAMPLES))
    reference = _outputs(prepared, few)
    alone = prepared.with_suffix(".alone.onnx")
    found = []
    for name in progress(names, "looking for layers that lose accuracy"):
        write_static(prepared, alone, ranges, style, only=[name])
        pairs = zip(_outputs(alone, few), reference, strict=True)
        found.append(Loss(name, max(error_of(got, want) for got, want in pairs)))
    return sorted(found, key=lambda each: -each.error)


def _outputs(path: Path, samples: Samples) -> list[Array]:
    """Of every run, one after the other."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return [output for inputs in samples.runs(ROWS) for output in session.run(None, inputs)]
