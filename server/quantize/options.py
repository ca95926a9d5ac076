"""The options of `quantize`."""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Target = Literal["cpu", "gpu"]

_EPILOG = """\
examples:
  python -m server quantize resnet.onnx --calibration images.npz --output models/resnet
      try bf16 and INT8 on this machine, keep what is fastest and accurate as models/resnet/1
  python -m server quantize resnet.onnx --calibration images.npz --output models/resnet \\
      --evaluation labelled.npz --max-accuracy-drop 0.3
      at most 0.3 percentage points of top-1 accuracy below FP32 on labelled.npz
  python -m server quantize resnet.onnx --calibration images.npz --output models/resnet \\
      --target gpu
      FP16, and INT8 for TensorRT; run it on a machine with the GPU that will serve

DATA is one of
  FILE.npz      one array per input under its name, samples along the first axis
  FILE.parquet  one column per input under its name, one sample per row; tensors are lists
  DIR           of .npy files: NAME.npy per input, samples along the first axis; or, for a model
                with one input, one sample per file in the order of their names
  DIR           of pictures (JPEG, PNG, WebP), or of one folder of them per class, whose names are
                the class numbers or else are numbered in their order. They are prepared as by the
                server: by the section preprocess of --preprocess FILE, or of the model.yaml beside
                the model, which also goes into the model.yaml that is written
Labels for top-1 accuracy are whole numbers under "label", "labels" or --label NAME. With them a
candidate may lose --max-accuracy-drop points; without, its outputs may differ from FP32's by
--max-output-error percent (root mean square of the difference, relative to the output). Without
--evaluation every fourth sample of --calibration is kept for that and not calibrated with.

Written to a new version folder: model.onnx and quantization.json, .md and .svg, which say what was
tried, measured and decided. A model without a configuration also gets a model.yaml. Run it on the
machine that will serve, with nothing else running; it needs pip install "skein-server[quantize]".
The exit code is 1 if nothing could be written and 2 if an option is wrong.
"""


@dataclass(frozen=True)
class QuantizeOptions:
    """What to quantize with which data, where to, and what it may cost."""

    model: Path
    calibration: Path
    output: Path  # REPO/NAME
    evaluation: Path | None = None  # None: some of the calibration data is kept for it
    label: str | None = None  # None: "label" or "labels"
    preprocess: Path | None = None  # how pictures are prepared; None: the model.yaml beside
    target: Target = "cpu"
    unmeasured: bool = False  # gpu: choose by accuracy alone where there is none
    max_accuracy_drop: float = 0.5  # percentage points of top-1
    max_output_error: float = 5.0  # percent; without labels
    batch: int = 8  # rows; decides between candidates
    seconds: float = 30.0  # to measure


def parse_quantize(words: Sequence[str]) -> QuantizeOptions:
    """Exits with status 2 and a message if `words` are wrong."""
    parser = quantize_parser()
    options = QuantizeOptions(**vars(parser.parse_args(words)))
    if options.unmeasured and options.target != "gpu":
        parser.error("--unmeasured goes with --target gpu: a CPU to measure on is always there")
    return options


def quantize_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m server quantize",
        description="Make a model faster by lower precision where that pays and stays accurate.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("model", type=Path, metavar="MODEL.onnx", help="FP32 or FP16 model")
    add("--calibration", type=Path, required=True, metavar="DATA", help="16 samples or more")
    add("--output", type=Path, required=True, metavar="REPO/NAME", help="model to add a version to")
    add("--evaluation", type=Path, metavar="DATA", help="16 or more others, labelled if possible")
    add("--label", metavar="NAME", help='where labels are (default: "label" or "labels")')
    add("--preprocess", type=Path, metavar="FILE", help="YAML that says how pictures are prepared")
    add("--target", choices=("cpu", "gpu"), default="cpu", help="default cpu")
    add(
        "--unmeasured",
        action="store_true",
        help="with --target gpu on a machine without one: write the most compact accurate "
        "candidate, though nobody knows whether it pays",
    )
    _add_limits(parser)
    return parser


def _add_limits(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add(
        "--max-accuracy-drop",
        type=_number("points", 0, 100),
        default=0.5,
        metavar="POINTS",
        help="percentage points of top-1 accuracy below FP32 (default 0.5)",
    )
    add(
        "--max-output-error",
        type=_number("percent", 0, 100),
        default=5.0,
        metavar="PERCENT",
        help="without labels: how far outputs may be from FP32's (default 5)",
    )
    add(
        "--batch",
        type=_rows,
        default=8,
        metavar="ROWS",
        help="batch size at which the fastest is chosen (default 8)",
    )
    add(
        "--seconds",
        type=_number("seconds", 0.01, 3600),
        default=30.0,
        metavar="S",
        help="time to measure all candidates (default 30)",
    )


def _number(unit: str, least: float, most: float) -> Callable[[str], float]:
    def parse(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = -1.0
        if not least <= value <= most:
            wanted = f"a number of {unit} from {least:g} to {most:g}"
            raise argparse.ArgumentTypeError(f"{text!r} is not {wanted}")
        return value

    return parse


def _rows(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 1024:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of rows from 1 to 1024")
    return int(text)
