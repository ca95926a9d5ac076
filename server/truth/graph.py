"""A model file as a graph: nodes, what feeds them, and the shapes of its constants."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

QUANTIZE = "QuantizeLinear"
DEQUANTIZE = "DequantizeLinear"
# Between a convolution and the QuantizeLinear of its output these change nothing.
_ACTIVATIONS = frozenset({"Relu", "Clip", "LeakyRelu", "Sigmoid", "HardSwish", "Tanh"})
_SAME_SHAPE = frozenset({DEQUANTIZE, "Cast", "Identity"})


@dataclass(frozen=True)
class Constant:
    """Element type ("float", "int8", as ONNX Runtime's profile writes it) and dimensions."""

    datatype: str
    dims: tuple[int, ...]


@dataclass(frozen=True)
class Node:
    """`index`: position among the file's nodes without Constant, as ONNX Runtime counts."""

    index: int
    name: str
    op: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, int] = field(default_factory=dict)  # integers only

    @property
    def label(self) -> str:
        """What people call it: its name, or what it computes if it has none."""
        return self.name or next(iter(self.outputs), f"{self.op}_{self.index}")


@dataclass(frozen=True)
class Graph:
    """The main graph of a model file."""

    nodes: Sequence[Node]
    constants: Mapping[str, Constant]
    outputs: frozenset[str] = frozenset()

    @cached_property
    def producers(self) -> dict[str, Node]:
        """By value: the node that computes it."""
        return {value: node for node in self.nodes for value in node.outputs if value}

    @cached_property
    def consumers(self) -> dict[str, list[Node]]:
        """By value: the nodes that take it."""
        found: dict[str, list[Node]] = {}
        for node in self.nodes:
            for value in node.inputs:
                found.setdefault(value, []).append(node)
        return found

    def constant(self, value: str) -> Constant | None:
        """The constant that `value` is, or is made of by DequantizeLinear, Cast or Identity."""
        for _ in range(8):
            if value in self.constants:
                return self.constants[value]
            node = self.producers.get(value)
            if node is None or node.op not in _SAME_SHAPE:
                return None
            value = node.inputs[0]
        return None

    def dequantized(self, value: str) -> bool:
        """Whether `value` comes out of a DequantizeLinear."""
        return value in self.producers and self.producers[value].op == DEQUANTIZE

    def shared_and_signed(self, integers: str) -> bool:
        """Whether the quantized value is of signed integers and several nodes take it."""
        pairs = [node for node in self.consumers.get(integers, []) if node.op == DEQUANTIZE]
        takers = [taker for node in pairs for taker in self.consumers.get(node.outputs[0], [])]
        zeros = [self.constant(node.inputs[2]) for node in pairs if len(node.inputs) > 2]
        return len(takers) > 1 and any(zero and zero.datatype == "int8" for zero in zeros)

    def quantized(self, value: str) -> list[str]:
        """What QuantizeLinear makes of `value`, or of an activation of it; none if somebody takes
        it in float."""
        found = []
        takers = self.consumers.get(value, [])
        for node in takers if value not in self.outputs else ():
            activated = self.quantized(node.outputs[0]) if node.op in _ACTIVATIONS else []
            made = [node.outputs[0]] if node.op == QUANTIZE else activated
            if not made:
                return []
            found += made
        return found

    def following(self, node: Node, most: int = 6) -> Iterator[Node]:
        """`node` and the nodes that a runtime may have fused into it: each alone in taking the
        output of the one before."""
        for _ in range(most):
            yield node
            takers = self.consumers.get(node.outputs[0], []) if node.outputs else []
            if len(takers) != 1:
                return
            node = takers[0]
