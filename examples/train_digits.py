"""Trains the digits model, quantizes it to INT8 and records what that cost in accuracy.

    python examples/train_digits.py [--output model_repository/digits]
    python examples/train_digits.py --float-only DIR

The second form writes the FP32 model and the data that `python -m server quantize` takes.
Needs scikit-learn and skein-server[cpu,quantize]. Takes seconds.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path

import convnet
import numpy as np
import onnx
import onnxruntime as ort
from convnet_onnx import accuracy, build
from digits_data import Digits, save_held_out, split
from numpy.typing import NDArray

sys.path.append(str(Path(__file__).resolve().parent.parent))
from server.quantize.calibration import calibrate
from server.quantize.preparation import LEAST_OPSET, prepare
from server.quantize.qdq import cpu_style, write_static
from server.quantize.samples import Samples
from server.quantize.source import read_source

NET = convnet.Net(pooled=(False, True, True))
EPOCHS = 40
SEED = 1
CALIBRATION_IMAGES = 256
PIXEL_MAX = 16.0
REQUIRED_ACCURACY = 0.97
Images = NDArray[np.float32]


def build_onnx(parameters: convnet.Parameters) -> onnx.ModelProto:
    """The trained net as ONNX.

    It was trained on pixels 0..1 and takes them as 0..16: the first convolution's weights absorb
    the factor.
    """
    weights = dict(parameters, conv1_w=parameters["conv1_w"] / PIXEL_MAX)
    return build(NET, weights, name="digits", image="image")


def quantize(model: Path, images: Images, output: Path) -> None:
    """Writes `model` in INT8 whether that pays or not: what `python -m server quantize` makes."""
    prepared = output.with_name("prepared.onnx")
    prepare(read_source(model), prepared, LEAST_OPSET)
    style = cpu_style(onnx.load(prepared), reduce_range=False)
    samples = Samples({"image": images}, None, batched=True)
    ranges = calibrate(prepared, samples, style.operators, "MinMax", style.symmetric)
    write_static(prepared, output, ranges, style)


def operators_after_fusion(model: Path, scratch: Path) -> dict[str, int]:
    """How often each operator is in the graph that the CPU provider really runs."""
    optimized = scratch / "optimized.onnx"
    options = ort.SessionOptions()
    options.optimized_model_filepath = str(optimized)
    options.log_severity_level = 3
    ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    counts: dict[str, int] = {}
    for node in onnx.load(optimized).graph.node:
        counts[node.op_type] = counts.get(node.op_type, 0) + 1
    return dict(sorted(counts.items()))


def write_float(model: onnx.ModelProto, training: Digits, held_out: Digits, folder: Path) -> None:
    """digits.onnx, calibration.npz (training images) and evaluation.npz (held out, with labels)."""
    folder.mkdir(parents=True, exist_ok=True)
    onnx.save(model, folder / "digits.onnx")
    np.savez_compressed(folder / "calibration.npz", image=training.images[:CALIBRATION_IMAGES])
    np.savez_compressed(folder / "evaluation.npz", image=held_out.images, label=held_out.labels)


def main() -> None:
    """Trains, quantizes, verifies and writes the model with its figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    default = Path(__file__).resolve().parent.parent / "model_repository" / "digits"
    parser.add_argument("--output", type=Path, default=default)
    parser.add_argument("--float-only", type=Path, metavar="DIR")
    parser.add_argument("--epochs", type=int, default=EPOCHS, help=f"default {EPOCHS}")
    arguments = parser.parse_args()
    output: Path = arguments.output

    training, held_out = split()
    parameters = convnet.train(
        NET,
        training.images.astype(np.float64) / PIXEL_MAX,
        training.labels,
        epochs=arguments.epochs,
        seed=SEED,
    )
    if arguments.float_only is not None:
        write_float(build_onnx(parameters), training, held_out, arguments.float_only)
        return
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        fp32, int8 = scratch / "fp32.onnx", scratch / "int8.onnx"
        onnx.save(build_onnx(parameters), fp32)
        quantize(fp32, training.images, int8)
        operators = operators_after_fusion(int8, scratch)
        int8_accuracy = accuracy(int8, *held_out)
        figures = {
            "command": "python examples/train_digits.py",
            "held_out_images": len(held_out.labels),
            "held_out_accuracy_fp32": round(accuracy(fp32, *held_out), 4),
            "held_out_accuracy_int8": round(int8_accuracy, 4),
            "operators_on_cpu_provider": operators,
        }
        print(json.dumps(figures, indent=2))
        if "Conv" in operators or operators.get("QLinearConv") != len(NET.pooled):
            raise SystemExit(f"a convolution stayed in float: {operators}")
        if int8_accuracy < REQUIRED_ACCURACY:
            raise SystemExit(f"INT8 accuracy is below {REQUIRED_ACCURACY}")
        (output / "1").mkdir(parents=True, exist_ok=True)
        (output / "1" / "model.onnx").write_bytes(int8.read_bytes())
        save_held_out(held_out)
        (output / "metrics.json").write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
