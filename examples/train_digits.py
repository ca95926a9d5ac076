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
from digits_data import Digits, save_held_out, split
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

sys.path.append(str(Path(__file__).resolve().parent.parent))
from server.quantize.calibration import calibrate
from server.quantize.preparation import LEAST_OPSET, prepare
from server.quantize.qdq import cpu_style, write_static
from server.quantize.samples import Samples
from server.quantize.source import read_source

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
    nodes = []
    value = "image"
    for layer, pooled in enumerate(convnet.POOLED, start=1):
        conv, active = f"conv{layer}", f"relu{layer}"
        nodes.append(
            helper.make_node(
                "Conv", [value, f"{conv}_w", f"{conv}_b"], [conv], name=conv, pads=[1, 1, 1, 1]
            )
        )
        nodes.append(helper.make_node("Relu", [conv], [active], name=active))
        value = active
        if pooled:
            value = f"pool{layer}"
            nodes.append(
                helper.make_node(
                    "MaxPool", [active], [value], name=value, kernel_shape=[2, 2], strides=[2, 2]
                )
            )
    nodes += [
        helper.make_node("Flatten", [value], ["features"], name="flatten"),
        helper.make_node("Gemm", ["features", "dense_w", "dense_b"], ["logits"], name="dense"),
        helper.make_node("Softmax", ["logits"], ["probabilities"], name="softmax", axis=1),
        helper.make_node("ArgMax", ["logits"], ["digit"], name="argmax", axis=1, keepdims=1),
    ]
    graph = helper.make_graph(
        nodes,
        "digits",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["batch", 1, 8, 8])],
        [
            helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["batch", 10]),
            helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", 10]),
            helper.make_tensor_value_info("digit", TensorProto.INT64, ["batch", 1]),
        ],
        [
            numpy_helper.from_array(value.astype(np.float32), name)
            for name, value in weights.items()
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    onnx.checker.check_model(model, full_check=True)
    return model


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


def accuracy(model: Path, images: Images, labels: NDArray[np.int64]) -> float:
    """The share of images whose digit is right."""
    session = ort.InferenceSession(model, providers=["CPUExecutionProvider"])
    (digits,) = session.run(["digit"], {"image": images})
    return float(np.mean(np.asarray(digits)[:, 0] == labels))


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
        if "Conv" in operators or operators.get("QLinearConv") != len(convnet.POOLED):
            raise SystemExit(f"a convolution stayed in float: {operators}")
        if int8_accuracy < REQUIRED_ACCURACY:
            raise SystemExit(f"INT8 accuracy is below {REQUIRED_ACCURACY}")
        (output / "1").mkdir(parents=True, exist_ok=True)
        (output / "1" / "model.onnx").write_bytes(int8.read_bytes())
        save_held_out(held_out)
        (output / "metrics.json").write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
