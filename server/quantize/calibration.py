"""The range of every activation, from calibration data."""

from pathlib import Path
from typing import Any, Literal

from server.making.error import CommandError
from server.making.text import first_line
from server.quantize.data_files import Array
from server.quantize.progress import progress
from server.quantize.quiet import hushed
from server.quantize.samples import Samples

Method = Literal["MinMax", "Percentile", "Entropy"]
METHODS: tuple[Method, ...] = ("MinMax", "Percentile", "Entropy")
ROWS = 8  # of one run: activations of all layers are held at once
_MOST = 512  # samples; more hardly change a range


def calibrate(
    prepared: Path, samples: Samples, operators: tuple[str, ...], method: Method, symmetric: bool
) -> Any:
    """onnxruntime's TensorsData. MinMax keeps outliers; Percentile and Entropy cut them off."""
    from onnxruntime.quantization import CalibrationMethod, calibrate

    used = samples.only(slice(_MOST))
    try:
        with hushed():
            calibrator = calibrate.create_calibrator(
                prepared,
                operators,
                augmented_model_path=str(prepared.with_suffix(f".{method}.onnx")),
                calibrate_method=CalibrationMethod[method],
                extra_options={"symmetric": symmetric},
            )
        runs = list(used.runs(ROWS))
        for inputs in progress(runs, f"calibrating ({method})"):
            with hushed():
                calibrator.collect_data(_once(inputs))
        with hushed():
            return calibrator.compute_data()
    except Exception as error:
        raise CommandError(f"calibration ({method}) failed: {first_line(error)}") from None


def _once(inputs: dict[str, Array]) -> Any:
    """A CalibrationDataReader of one run."""
    from onnxruntime.quantization import CalibrationDataReader

    class Once(CalibrationDataReader):  # type: ignore[misc]
        def __init__(self) -> None:
            self._left: dict[str, Array] | None = inputs

        def get_next(self) -> dict[str, Array] | None:
            given, self._left = self._left, None
            return given

    return Once()
