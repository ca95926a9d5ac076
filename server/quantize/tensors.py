"""All constants of a model, wherever its file keeps them."""

from collections.abc import Iterable, Iterator
from math import prod

from onnx import AttributeProto, GraphProto, ModelProto, NodeProto, SparseTensorProto, TensorProto
from onnx.helper import tensor_dtype_to_np_dtype


def tensors_of(model: ModelProto) -> Iterator[TensorProto]:
    """Initializers and attributes, those of subgraphs and functions too."""
    yield from _of_graph(model.graph)
    for function in model.functions:
        yield from _of_nodes(function.node)


def bytes_of(tensor: TensorProto) -> int:
    """By its shape, wherever the values are; of strings the references only."""
    return int(prod(tensor.dims)) * tensor_dtype_to_np_dtype(tensor.data_type).itemsize


def _of_graph(graph: GraphProto) -> Iterator[TensorProto]:
    yield from graph.initializer
    yield from _of_sparse(graph.sparse_initializer)
    yield from _of_nodes(graph.node)


def _of_nodes(nodes: Iterable[NodeProto]) -> Iterator[TensorProto]:
    for node in nodes:
        for attribute in node.attribute:
            yield from _of_attribute(attribute)


def _of_attribute(attribute: AttributeProto) -> Iterator[TensorProto]:
    if attribute.HasField("t"):
        yield attribute.t
    yield from attribute.tensors
    sparse = [attribute.sparse_tensor] if attribute.HasField("sparse_tensor") else []
    yield from _of_sparse([*sparse, *attribute.sparse_tensors])
    for graph in [*([attribute.g] if attribute.HasField("g") else []), *attribute.graphs]:
        yield from _of_graph(graph)


def _of_sparse(tensors: Iterable[SparseTensorProto]) -> Iterator[TensorProto]:
    for each in tensors:
        yield from (each.values, each.indices)
