"""Collects the nodes and weights of one model."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, ValueInfoProto, helper, numpy_helper

OPSET = 17
IR_VERSION = 8


class Network:
    """Adds one node after the other; every method returns the name of the new value."""

    def __init__(self, seed: int) -> None:
        self.random = np.random.default_rng(seed)
        self._nodes: list[NodeProto] = []
        self._constants: dict[str, NDArray[np.generic]] = {}

    def add(self, op: str, inputs: Sequence[str], name: str, **attributes: Any) -> str:
        """A node and its one output, both called `name`."""
        self._nodes.append(helper.make_node(op, list(inputs), [name], name=name, **attributes))
        return name

    def constant(self, name: str, values: NDArray[np.generic]) -> str:
        self._constants[name] = values
        return name

    def normal(self, name: str, shape: Sequence[int], scale: float) -> str:
        """FP32 weights of that deviation."""
        return self.constant(name, self.random.normal(0, scale, shape).astype(np.float32))

    def model(
        self, inputs: Sequence[ValueInfoProto], outputs: Sequence[ValueInfoProto]
    ) -> ModelProto:
        """The model of everything that was added."""
        weights = [numpy_helper.from_array(value, name) for name, value in self._constants.items()]
        graph = helper.make_graph(self._nodes, "network", list(inputs), list(outputs), weights)
        opsets = [helper.make_opsetid("", OPSET)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION)
