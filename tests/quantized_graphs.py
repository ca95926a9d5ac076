"""Small networks of convolutions and matrix products, quantized in the ways that people meet."""

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, helper

from tests.graphs import graph, tensor

CHANNELS = 8
MACS = 9 * CHANNELS * CHANNELS * 8 * 8
"""Of one convolution, for one row."""
UNSIGNED: np.generic = np.uint8(128)
SIGNED: np.generic = np.int8(0)
"""Zero points of activations."""
Constants = dict[str, NDArray[np.generic]]


class _Network:
    """Nodes and constants under construction; every node is named "node_" + its output."""

    def __init__(self) -> None:
        self.nodes: list[NodeProto] = []
        self.constants: Constants = {}
        self.random = np.random.default_rng(7)

    def add(self, op: str, inputs: Sequence[str], output: str, **attributes: Any) -> str:
        name = f"node_{output}"
        self.nodes.append(helper.make_node(op, inputs, [output], name=name, **attributes))
        return output

    def pair(self, value: str, zero: np.generic) -> str:
        """QuantizeLinear and DequantizeLinear."""
        self.constants |= {f"{value}_scale": np.array(0.05, np.float32)}
        self.constants |= {f"{value}_zero": np.array(zero)}
        parameters = [f"{value}_scale", f"{value}_zero"]
        self.add("QuantizeLinear", [value, *parameters], f"{value}_q")
        return self.add("DequantizeLinear", [f"{value}_q", *parameters], f"{value}_dq")

    def integers(self, name: str, shape: Sequence[int]) -> list[str]:
        """Constants: weights, their scales and zero points by output channel."""
        self.constants[name] = self.random.integers(-127, 127, shape).astype(np.int8)
        self.constants[f"{name}_scale"] = np.full(shape[0], 0.01, np.float32)
        self.constants[f"{name}_zero"] = np.zeros(shape[0], np.int8)
        return [name, f"{name}_scale", f"{name}_zero"]

    def weights(self, name: str) -> str:
        """Dequantized weights of a convolution."""
        constants = self.integers(name, (CHANNELS, CHANNELS, 3, 3))
        return self.add("DequantizeLinear", constants, f"{name}_dq", axis=0)

    def model(self) -> ModelProto:
        """INPUT0 -> OUTPUT0, the last value; both FP32[batch,8,8,8]."""
        self.nodes[-1].output[0] = "OUTPUT0"
        dims = ("batch", CHANNELS, 8, 8)
        return graph(
            self.nodes, [tensor("INPUT0", dims)], [tensor("OUTPUT0", dims)], self.constants
        )


def float_convolutions(count: int = 3) -> ModelProto:
    """Convolution and Relu, so many times; the values are c0, r0, c1, ..."""
    network = _Network()
    value = "INPUT0"
    for i in range(count):
        weights = network.random.normal(size=(CHANNELS, CHANNELS, 3, 3)).astype(np.float32)
        network.constants[f"w{i}"] = weights
        network.add("Conv", [value, f"w{i}"], f"c{i}", pads=[1] * 4)
        value = network.add("Relu", [f"c{i}"], f"r{i}")
    return network.model()


def paired_convolutions(
    count: int = 4, *, float_after: Collection[int] = (), zero: np.generic = UNSIGNED
) -> ModelProto:
    """Convolutions between DequantizeLinear and QuantizeLinear (QDQ); the output of those of
    `float_after` goes on in float, through a Relu."""
    network = _Network()
    value = network.pair("INPUT0", zero)
    for i in range(count):
        network.add("Conv", [value, network.weights(f"w{i}")], f"c{i}", pads=[1] * 4)
        value = f"c{i}"
        if i in float_after:
            value = network.add("Relu", [value], f"r{i}")
        else:
            value = network.pair(value, zero)
    return network.model()


def residual(zero: np.generic) -> ModelProto:
    """Two paired convolutions; the input of the second is added to its output."""
    network = _Network()
    value = network.pair("INPUT0", zero)
    network.add("Conv", [value, network.weights("w0")], "c0", pads=[1] * 4)
    shared = network.pair("c0", zero)
    network.add("Conv", [shared, network.weights("w1")], "c1", pads=[1] * 4)
    network.add("Add", [network.pair("c1", zero), shared], "sum")
    network.pair("sum", zero)
    return network.model()


def integer_convolutions(count: int = 3, zero: np.generic = UNSIGNED) -> ModelProto:
    """QLinearConv (QOperator format) between a QuantizeLinear and a DequantizeLinear."""
    network = _Network()
    network.constants |= {"scale": np.array(0.05, np.float32), "zero": np.array(zero)}
    one = ["scale", "zero"]
    value = network.add("QuantizeLinear", ["INPUT0", *one], "quantized")
    for i in range(count):
        weights = network.integers(f"w{i}", (CHANNELS, CHANNELS, 3, 3))
        inputs = [value, *one, *weights, *one]
        value = network.add("QLinearConv", inputs, f"c{i}", pads=[1] * 4)
    network.add("DequantizeLinear", [value, *one], "dequantized")
    return network.model()


def dynamic_product() -> ModelProto:
    """INPUT0 FP32[batch,64] x INT8 weights -> OUTPUT0 FP32[batch,32], as quantize_dynamic makes
    it: DynamicQuantizeLinear, MatMulInteger, and the scales multiplied in."""
    network = _Network()
    network.constants["w"] = network.random.integers(-127, 127, (64, 32)).astype(np.int8)
    network.constants["w_zero"] = np.array(0, np.int8)
    network.constants["w_scale"] = np.array(0.01, np.float32)
    outputs = ["x", "x_scale", "x_zero"]
    network.nodes.append(
        helper.make_node("DynamicQuantizeLinear", ["INPUT0"], outputs, name="quantize")
    )
    network.add("MatMulInteger", ["x", "w", "x_zero", "w_zero"], "sums")
    network.add("Cast", ["sums"], "floats", to=1)
    network.add("Mul", ["x_scale", "w_scale"], "scale")
    network.add("Mul", ["floats", "scale"], "OUTPUT0")
    return graph(
        network.nodes,
        [tensor("INPUT0", ("batch", 64))],
        [tensor("OUTPUT0", ("batch", 32))],
        network.constants,
    )
