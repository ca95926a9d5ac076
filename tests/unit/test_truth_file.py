"""Reading an ONNX file without the onnx package: nodes, constants, and what is no model."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from server.truth.graph import Constant
from server.truth.model_file import ModelFileError, read_graph
from tests import graphs
from tests.quantized_graphs import (
    SIGNED,
    UNSIGNED,
    integer_convolutions,
    paired_convolutions,
    residual,
)


def written(folder: Path, made: onnx.ModelProto) -> Path:
    return graphs.write_model(folder, "m", made)


@pytest.mark.parametrize("name", ["encoder", "mlp", "many_io", "zipmap", "float8_output"])
def test_nodes_and_constants_are_those_of_the_onnx_package(tmp_path: Path, name: str) -> None:
    made = graphs.GRAPHS[name]()
    graph = read_graph(written(tmp_path, made))
    assert [(n.name, n.op, list(n.inputs), list(n.outputs)) for n in graph.nodes] == [
        (n.name, n.op_type, list(n.input), list(n.output)) for n in made.graph.node
    ]
    assert {name: constant.dims for name, constant in graph.constants.items()} == {
        each.name: tuple(each.dims) for each in made.graph.initializer
    }
    assert graph.outputs == {each.name for each in made.graph.output}


def test_integer_attributes_and_constant_nodes(tmp_path: Path) -> None:
    value = numpy_helper.from_array(np.zeros((4, 2), np.int8))
    nodes = [
        helper.make_node("Constant", [], ["w"], value=value),
        helper.make_node("Cast", ["w"], ["wf"], to=TensorProto.FLOAT),
        helper.make_node("Gemm", ["INPUT0", "wf"], ["OUTPUT0"], transB=1, alpha=0.5),
    ]
    dims = ("batch", 2), ("batch", 4)
    made = graphs.graph(
        nodes, [graphs.tensor("INPUT0", dims[0])], [graphs.tensor("OUTPUT0", dims[1])]
    )
    graph = read_graph(written(tmp_path, made))
    assert [(node.index, node.op) for node in graph.nodes] == [(0, "Cast"), (1, "Gemm")]
    assert graph.nodes[1].attributes == {"transB": 1}
    assert graph.constant("wf") == Constant("int8", (4, 2))


def test_weights_in_files_of_their_own_are_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    onnx.save(graphs.mlp(), path, save_as_external_data=True, location="w.bin", size_threshold=0)
    (tmp_path / "w.bin").unlink()
    assert read_graph(path).constants["w0"] == Constant("float", (64, 128))


def test_what_is_quantized_and_shared(tmp_path: Path) -> None:
    graph = read_graph(written(tmp_path, paired_convolutions(2, float_after={0})))
    assert graph.dequantized("INPUT0_dq")
    assert graph.constant("w0_dq") == Constant("int8", (8, 8, 3, 3))
    assert graph.quantized("c1") == ["c1_q"]
    assert graph.quantized("c0") == []  # a Relu, then a convolution
    assert not graph.shared_and_signed("INPUT0_q")
    chain = read_graph(written(tmp_path, integer_convolutions(2)))
    assert [node.op for node in chain.following(chain.nodes[1])][1:] == [
        "QLinearConv",
        "DequantizeLinear",
    ]


@pytest.mark.parametrize(("zero", "signed"), [(SIGNED, True), (UNSIGNED, False)])
def test_signed_values_that_several_take(tmp_path: Path, zero: np.generic, signed: bool) -> None:
    graph = read_graph(written(tmp_path, residual(zero)))
    assert graph.shared_and_signed("c0_q") is signed
    assert not graph.shared_and_signed("INPUT0_q")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not a model",
        b"\x7fELF" + bytes(100),
        b"\x3a\xff\xff\xff\xff\x0f",
        b"\x3a\x02\x0a\x7f",
    ],
)
def test_what_is_no_model(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(content)
    with pytest.raises(ModelFileError, match=r"model\.onnx: is not an ONNX model"):
        read_graph(path)


def test_a_truncated_model(tmp_path: Path) -> None:
    path = written(tmp_path, graphs.mlp())
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(ModelFileError, match="is not an ONNX model"):
        read_graph(path)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match="No such file"):
        read_graph(tmp_path / "model.onnx")
