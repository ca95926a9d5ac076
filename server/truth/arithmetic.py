"""Which operators multiply and add, and how often.

Convolutions: every output element is a sum over the weights of one output channel, so
macs = elements of the output x weights per output channel (M x C/group x kH x kW without M); a
transposed one spreads every input element over the weights of one input channel. Matrix products:
macs = elements of the output x the length of the inner dimension. Definitions of the operators:
https://onnx.ai/onnx/operators (Conv, ConvTranspose, Gemm, MatMul) and ONNX Runtime's
docs/ContribOperators.md. Biases, activations and scales are not counted; neither are Attention,
LSTM or trees, whose nodes are of no operator here.
"""

from collections.abc import Sequence
from math import prod
from typing import NamedTuple

from server.truth.graph import Node

Dims = Sequence[int]


class Operands(NamedTuple):
    """Which input holds the data and which the weights."""

    form: str  # convolution | transposed | matrix
    data: int
    weight: int


PRODUCTS = {
    "Conv": Operands("convolution", 0, 1),
    "FusedConv": Operands("convolution", 0, 1),
    "ConvInteger": Operands("convolution", 0, 1),
    "QLinearConv": Operands("convolution", 0, 3),
    "ConvTranspose": Operands("transposed", 0, 1),
    "Gemm": Operands("matrix", 0, 1),
    "FusedGemm": Operands("matrix", 0, 1),
    "QGemm": Operands("matrix", 0, 3),
    "MatMul": Operands("matrix", 0, 1),
    "FusedMatMul": Operands("matrix", 0, 1),
    "MatMulInteger": Operands("matrix", 0, 1),
    "MatMulIntegerToFloat": Operands("matrix", 0, 1),
    "DynamicQuantizeMatMul": Operands("matrix", 0, 1),
    "QLinearMatMul": Operands("matrix", 0, 3),
    "MatMulNBits": Operands("matrix", 0, 1),
}
"""Operators of model files whose multiply-accumulates are counted: "products"."""


def macs(node: Node, data: Dims, weight: Dims | None, output: Dims) -> int | None:
    """Multiply-accumulates of one run of a node of PRODUCTS; None if a shape that it takes is
    not known."""
    form = PRODUCTS[node.op].form
    if form == "matrix":
        inner = -2 if node.attributes.get("transA") else -1
        return prod(output) * data[inner] if len(data) >= -inner else None
    if not weight:
        return None
    return prod(data if form == "transposed" else output) * prod(weight[1:])
