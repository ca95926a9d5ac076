"""Between FP16 and FP32 inside a model; what its clients see stays."""

from pathlib import Path

import numpy as np
import onnx
from onnx import AttributeProto, GraphProto, ModelProto, NodeProto, TensorProto, helper

from server.quantize.tensors import bytes_of, tensors_of

_SUFFIX = "_wide"


def widen(model: ModelProto) -> ModelProto:
    """FP16 weights and arithmetic as FP32; FP16 inputs and outputs are cast at the border."""
    graph = model.graph
    _widen_values(graph)
    before = [_border(graph, each.name, True) for each in graph.input if _half(each)]
    after = [_border(graph, each.name, False) for each in graph.output if _half(each)]
    nodes = [*before, *graph.node, *after]
    del graph.node[:]
    graph.node.extend(nodes)
    del graph.value_info[:]
    return model


def widened_bytes(model: ModelProto) -> int:
    """The size of a file after widen(): each FP16 value takes two bytes more."""
    half = (each for each in tensors_of(model) if each.data_type == TensorProto.FLOAT16)
    return int(model.ByteSize()) + sum(bytes_of(each) for each in half)


def _half(value: onnx.ValueInfoProto) -> bool:
    return bool(value.type.tensor_type.elem_type == TensorProto.FLOAT16)


def _border(graph: GraphProto, name: str, entering: bool) -> NodeProto:
    """The cast between the value `name` that clients know and its FP32 form inside."""
    inner = name + _SUFFIX
    for node in graph.node:
        node.input[:] = [inner if each == name else each for each in node.input]
        node.output[:] = [inner if each == name else each for each in node.output]
    if entering:
        return helper.make_node("Cast", [name], [inner], name=inner, to=TensorProto.FLOAT)
    return helper.make_node("Cast", [inner], [name], name=inner, to=TensorProto.FLOAT16)


def _widen_values(graph: GraphProto) -> None:
    for weights in graph.initializer:
        _widen_tensor(weights)
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.type == AttributeProto.TENSOR:
                _widen_tensor(attribute.t)
            elif node.op_type == "Cast" and attribute.i == TensorProto.FLOAT16:
                attribute.i = TensorProto.FLOAT


def _widen_tensor(tensor: TensorProto) -> None:
    if tensor.data_type == TensorProto.FLOAT16:
        values = onnx.numpy_helper.to_array(tensor).astype(np.float32)
        tensor.CopyFrom(onnx.numpy_helper.from_array(values, tensor.name))


def narrow(path: Path, into: Path) -> None:
    """Writes FP16 weights and arithmetic; inputs and outputs stay as they are."""
    from onnxruntime.transformers.float16 import convert_float_to_float16

    onnx.save(convert_float_to_float16(onnx.load(path), keep_io_types=True), into)
