"""The net of convnet.py as an ONNX model, and how often that is right."""

from pathlib import Path

import convnet
import numpy as np
import onnx
import onnxruntime as ort
from numpy.typing import NDArray
from onnx import NodeProto, TensorProto, helper, numpy_helper


def build(
    net: convnet.Net, parameters: convnet.Parameters, *, name: str, image: str
) -> onnx.ModelProto:
    """The graph `name`: input `image`, outputs probabilities and logits of each class, and the
    best one as digit."""
    side, classes = net.side, convnet.CLASSES
    graph = helper.make_graph(
        _nodes(net, image),
        name,
        [helper.make_tensor_value_info(image, TensorProto.FLOAT, ["batch", 1, side, side])],
        [
            helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["batch", classes]),
            helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", classes]),
            helper.make_tensor_value_info("digit", TensorProto.INT64, ["batch", 1]),
        ],
        [
            numpy_helper.from_array(value.astype(np.float32), weights)
            for weights, value in parameters.items()
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    onnx.checker.check_model(model, full_check=True)
    return model


def accuracy(model: Path | bytes, images: NDArray[np.float32], labels: NDArray[np.int64]) -> float:
    """The share of images whose digit is right."""
    session = ort.InferenceSession(model, providers=["CPUExecutionProvider"])
    (digits,) = session.run(["digit"], {session.get_inputs()[0].name: images})
    return float(np.mean(np.asarray(digits)[:, 0] == labels))


def _nodes(net: convnet.Net, image: str) -> list[NodeProto]:
    nodes = []
    value = image
    for layer, pooled in enumerate(net.pooled, start=1):
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
    return [
        *nodes,
        helper.make_node("Flatten", [value], ["features"], name="flatten"),
        helper.make_node("Gemm", ["features", "dense_w", "dense_b"], ["logits"], name="dense"),
        helper.make_node("Softmax", ["logits"], ["probabilities"], name="softmax", axis=1),
        helper.make_node("ArgMax", ["logits"], ["digit"], name="argmax", axis=1, keepdims=1),
    ]
