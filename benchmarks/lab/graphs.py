"""The model files that scenarios ask for, by form and size."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from onnx import ModelProto, NodeProto, helper

from tests import graphs

SEED = 11


def mlp(sizes: Sequence[int]) -> ModelProto:
    """INPUT0 FP32[batch,sizes[0]] -> OUTPUT0 FP32[batch,sizes[-1]]: rows are cheaper together."""
    return graphs.mlp(sizes)


def grid(columns: int, rows: int, width: int, layers: int) -> ModelProto:
    """INPUT0 FP32[batch,columns] -> OUTPUT0 FP32[batch,width]: rows cost the same together.

    Each row of the batch becomes `rows` rows of `width`, enough for a matrix product by itself,
    and goes through `layers` of those.
    """
    random = np.random.default_rng(SEED)
    constants: dict[str, np.ndarray] = {
        "offsets": random.random((rows, width), np.float32),
        "axis1": np.array([1], np.int64),
        "axis2": np.array([2], np.int64),
    }
    nodes = [
        _node("ReduceMean", ["INPUT0"], "mean", axes=[1], keepdims=1),
        _node("Unsqueeze", ["mean", "axis2"], "cell"),
        _node("Add", ["cell", "offsets"], "x0"),
    ]
    for layer, (before, after) in enumerate(pairwise(f"x{i}" for i in range(layers + 1))):
        scale = np.float32(1 / np.sqrt(width))
        constants[f"w{layer}"] = random.standard_normal((width, width), np.float32) * scale
        nodes.append(_node("MatMul", [before, f"w{layer}"], f"product{layer}"))
        nodes.append(_node("Relu", [f"product{layer}"], after))
    nodes.append(_node("ReduceSum", [f"x{layers}", "axis1"], "OUTPUT0", keepdims=0))
    return graphs.graph(
        nodes,
        [graphs.tensor("INPUT0", ("batch", columns))],
        [graphs.tensor("OUTPUT0", ("batch", width))],
        constants,
    )


def _node(kind: str, inputs: list[str], output: str, **attributes: Any) -> NodeProto:
    return helper.make_node(kind, inputs, [output], name=output, **attributes)
