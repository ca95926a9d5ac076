"""Reads the graph of an ONNX file. Weights are neither copied nor, when they lie in files of
their own, opened."""

import mmap
from pathlib import Path

from server.truth.graph import Constant, Graph, Node
from server.truth.wire import Value, WireError, fields, integer, integers, message, text

# Field numbers of the public onnx.proto.
_MODEL_GRAPH = 7
_GRAPH_NODE, _GRAPH_INITIALIZER, _GRAPH_OUTPUT = 1, 5, 12
_NODE_INPUT, _NODE_OUTPUT, _NODE_NAME, _NODE_OP, _NODE_ATTRIBUTE = 1, 2, 3, 4, 5
_ATTRIBUTE_NAME, _ATTRIBUTE_INTEGER, _ATTRIBUTE_TENSOR = 1, 3, 5
_TENSOR_DIMS, _TENSOR_TYPE, _TENSOR_NAME = 1, 2, 8
_VALUE_NAME = 1

_NAMES = "float uint8 int8 uint16 int16 int32 int64 string bool float16 double uint32 uint64"
_DATATYPES = {**dict(enumerate(_NAMES.split(), start=1)), 16: "bfloat16"}  # TensorProto.DataType


class ModelFileError(Exception):
    """The file cannot be read as a model; one line that names it."""


def read_graph(path: Path) -> Graph:
    """Raises ModelFileError."""
    try:
        with path.open("rb") as file:
            data = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        graphs = [message(value) for number, value in fields(data) if number == _MODEL_GRAPH]
        if graphs:
            return _graph(graphs[0])
    except OSError as error:
        raise ModelFileError(f"{path}: {error.strerror}") from None
    except (WireError, ValueError):  # ValueError: an empty file cannot be mapped
        pass
    raise ModelFileError(f"{path}: is not an ONNX model")


def _graph(graph: memoryview) -> Graph:
    nodes: list[Node] = []
    constants: dict[str, Constant] = {}
    outputs: set[str] = set()
    for number, value in fields(graph):
        if number == _GRAPH_NODE:
            _add_node(message(value), nodes, constants)
        elif number == _GRAPH_INITIALIZER:
            name, constant = _tensor(message(value))
            constants[name] = constant
        elif number == _GRAPH_OUTPUT:
            outputs.update(text(each) for at, each in fields(message(value)) if at == _VALUE_NAME)
    return Graph(nodes, constants, frozenset(outputs))


def _add_node(node: memoryview, nodes: list[Node], constants: dict[str, Constant]) -> None:
    inputs, outputs, name, op = [], [], "", ""
    attributes: dict[str, int] = {}
    for number, value in fields(node):
        if number == _NODE_INPUT:
            inputs.append(text(value))
        elif number == _NODE_OUTPUT:
            outputs.append(text(value))
        elif number == _NODE_NAME:
            name = text(value)
        elif number == _NODE_OP:
            op = text(value)
        elif number == _NODE_ATTRIBUTE:
            _add_attribute(message(value), attributes, constants, outputs)
    if op != "Constant":
        nodes.append(Node(len(nodes), name, op, tuple(inputs), tuple(outputs), attributes))


def _add_attribute(
    attribute: memoryview,
    attributes: dict[str, int],
    constants: dict[str, Constant],
    outputs: list[str],
) -> None:
    """An integer; a tensor is the value of a Constant."""
    found: dict[int, Value] = dict(fields(attribute))
    if _ATTRIBUTE_TENSOR in found and outputs:
        constants[outputs[0]] = _tensor(message(found[_ATTRIBUTE_TENSOR]))[1]
    elif _ATTRIBUTE_INTEGER in found:
        attributes[text(found[_ATTRIBUTE_NAME])] = integer(found[_ATTRIBUTE_INTEGER])


def _tensor(tensor: memoryview) -> tuple[str, Constant]:
    """Name and shape; the data is stepped over."""
    name, datatype = "", "other"
    dims: list[int] = []
    for number, value in fields(tensor):
        if number == _TENSOR_NAME:
            name = text(value)
        elif number == _TENSOR_TYPE:
            datatype = _DATATYPES.get(integer(value), "other")
        elif number == _TENSOR_DIMS:
            dims.extend(integers(value))
    return name, Constant(datatype, tuple(dims))
