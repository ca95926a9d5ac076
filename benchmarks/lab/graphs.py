"""The model files that scenarios ask for, by form and size."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from onnx import ModelProto, NodeProto, TensorProto, helper

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
        node("ReduceMean", ["INPUT0"], "mean", axes=[1], keepdims=1),
        node("Unsqueeze", ["mean", "axis2"], "cell"),
        node("Add", ["cell", "offsets"], "x0"),
    ]
    for layer, (before, after) in enumerate(pairwise(f"x{i}" for i in range(layers + 1))):
        scale = np.float32(1 / np.sqrt(width))
        constants[f"w{layer}"] = random.standard_normal((width, width), np.float32) * scale
        nodes.append(node("MatMul", [before, f"w{layer}"], f"product{layer}"))
        nodes.append(node("Relu", [f"product{layer}"], after))
    nodes.append(node("ReduceSum", [f"x{layers}", "axis1"], "OUTPUT0", keepdims=0))
    return graphs.graph(
        nodes,
        [graphs.tensor("INPUT0", ("batch", columns))],
        [graphs.tensor("OUTPUT0", ("batch", width))],
        constants,
    )


def encoder(words: int, sizes: Sequence[int]) -> ModelProto:
    """IDS INT64[batch,length] and MASK INT64[batch,length] (1: a word, 0: nothing) -> OUTPUT0
    FP32[batch,sizes[-1]]: a sentence encoder of the averaging kind.

    The mean of the words' vectors of sizes[0] goes through dense layers, whose weights are read
    once per run: rows are cheaper together, whatever their lengths.
    """
    nodes = [
        node("Gather", ["table", "IDS"], "words"),
        node("Cast", ["MASK"], "mask", to=TensorProto.FLOAT),
        node("Unsqueeze", ["mask", "axis2"], "kept"),
        node("Mul", ["words", "kept"], "counted"),
        node("ReduceSum", ["counted", "axis1"], "total", keepdims=0),
        node("ReduceSum", ["mask", "axis1"], "count", keepdims=1),
        node("Div", ["total", "count"], "INPUT0"),
    ]
    constants: dict[str, np.ndarray] = {
        "table": np.random.default_rng(SEED).standard_normal((words, sizes[0]), np.float32),
        "axis1": np.array([1], np.int64),
        "axis2": np.array([2], np.int64),
    }
    nodes.append(node("Identity", [graphs.dense(nodes, constants, sizes)], "OUTPUT0"))
    ids = ("batch", "length")
    return graphs.graph(
        nodes,
        [graphs.tensor("IDS", ids, "INT64"), graphs.tensor("MASK", ids, "INT64")],
        [graphs.tensor("OUTPUT0", ("batch", sizes[-1]))],
        constants,
    )


def node(kind: str, inputs: list[str], output: str, **attributes: Any) -> NodeProto:
    return helper.make_node(kind, inputs, [output], name=output, **attributes)
