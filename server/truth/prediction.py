"""What ONNX Runtime's CUDA provider would do with a file, from the list of its kernels.

Source: docs/OperatorKernels.md of ONNX Runtime (at commit 001d12d2). It has no kernels for the
operators below: they run on the CPU, with a copy of every tensor that crosses. Of the rules that
fuse QuantizeLinear/DequantizeLinear pairs into INT8 operators none is for CUDA: what stands
between the pairs runs in float.
"""

from collections.abc import Iterator

from server.truth.arithmetic import PRODUCTS
from server.truth.graph import DEQUANTIZE, Graph, Node
from server.truth.kernels import Kernel, precision

_NO_CUDA_KERNEL = frozenset(
    {
        *("QLinearConv", "QLinearMatMul", "QGemm", "ConvInteger", "MatMulIntegerToFloat"),
        *("DynamicQuantizeLinear", "DynamicQuantizeMatMul", "QLinearAdd", "QLinearMul"),
        *("QLinearSigmoid", "QLinearLeakyRelu", "QLinearSoftmax", "QLinearConcat"),
        *("QLinearAveragePool", "QLinearGlobalAveragePool", "QLinearReduceMean", "QLinearWhere"),
    }
)
_WIDE = ("int16", "uint16", "int32")  # int32: biases, as quantizers write them


def predict_cuda(graph: Graph) -> list[Kernel]:
    """A kernel for each node of the file and each copy between CPU and GPU; they took no time."""
    sides = {node.index: _provider(graph, node) for node in graph.nodes}
    ran = [
        Kernel(
            name=node.label,
            op=node.op,
            words=node.op,
            provider=sides[node.index],
            precision=precision(node.op, _datatype(graph, node)),
            index=node.index,
        )
        for node in graph.nodes
    ]
    return [*ran, *_copies(graph, sides)]


def _provider(graph: Graph, node: Node) -> str:
    """CUDA's MatMulInteger takes signed bytes alone; its DequantizeLinear no wider integers."""
    if node.op == "MatMulInteger":
        signed = all(_integers(graph, value) == "int8" for value in node.inputs[:2])
        return "cuda" if signed else "cpu"
    if node.op == DEQUANTIZE:
        constant = graph.constant(node.inputs[0])
        return "cpu" if constant is not None and constant.datatype in _WIDE else "cuda"
    return "cpu" if node.op in _NO_CUDA_KERNEL else "cuda"


def _integers(graph: Graph, value: str) -> str:
    """The element type of a quantized value; DynamicQuantizeLinear makes unsigned ones."""
    constant = graph.constant(value)
    producer = graph.producers.get(value)
    if constant is None and producer is not None and len(producer.inputs) > 2:
        constant = graph.constant(producer.inputs[2])  # the zero point of a QuantizeLinear
    return constant.datatype if constant else "uint8"


def _datatype(graph: Graph, node: Node) -> str:
    """Of the floats that the node works on: those of its weights or scales, else float."""
    if node.op not in PRODUCTS:
        return ""
    for value in node.inputs[::-1]:
        producer = graph.producers.get(value)
        scale = producer.inputs[1] if producer and graph.dequantized(value) else value
        constant = graph.constant(scale)
        if constant is not None:
            return constant.datatype
    return "float"


def _copies(graph: Graph, sides: dict[int, str]) -> Iterator[Kernel]:
    """One for each value that somebody takes on the other side."""
    for value, producer in graph.producers.items():
        side = sides[producer.index]
        takers = graph.consumers.get(value, [])
        if any(sides[node.index] != side for node in takers):
            op = "MemcpyToHost" if side == "cuda" else "MemcpyFromHost"
            yield Kernel(f"{op}_{value}", op, op, "cuda", "other")
