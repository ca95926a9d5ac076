"""Models that `quantize` refuses before it does any work."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import ModelProto, TensorProto, helper, numpy_helper

from server.making.error import CommandError
from server.quantize.half import widened_bytes
from server.quantize.source import read_source
from tests import graphs


def write(path: Path, model: ModelProto) -> Path:
    onnx.save(model, path)
    return path


def of_opset(version: int) -> ModelProto:
    made = graphs.mlp()
    made.opset_import[0].version = version
    return made


def test_a_good_model_is_described(tmp_path: Path) -> None:
    path = write(tmp_path / "mlp.onnx", graphs.mlp())
    source = read_source(path)
    assert (source.opset, source.half, source.signature.batched) == (17, False, True)
    assert [each.dims for each in source.signature.inputs] == [(None, 64)]


def test_an_input_with_a_default_needs_no_data(tmp_path: Path) -> None:
    source = read_source(write(tmp_path / "model.onnx", graphs.overridable()))
    assert [each.name for each in source.signature.inputs] == ["INPUT0"]


def test_files_that_are_no_models_are_named(tmp_path: Path) -> None:
    whole = graphs.mlp().SerializeToString()
    contents = {"cut": whole[: len(whole) // 2], "text": b"not a model", "empty": b""}
    for name, content in contents.items():
        path = tmp_path / f"{name}.onnx"
        path.write_bytes(content)
        with pytest.raises(CommandError, match=rf"{name}\.onnx: is not an ONNX model, or"):
            read_source(path)
    with pytest.raises(CommandError, match="cannot be read: No such file"):
        read_source(tmp_path / "nowhere.onnx")


def test_models_that_cannot_be_quantized_say_why(tmp_path: Path) -> None:
    quantized = helper.make_node("DynamicQuantizeLinear", ["INPUT0"], ["q", "s", "z"])
    made = graphs.graph(
        [quantized],
        [graphs.tensor("INPUT0", ("batch", 4))],
        [graphs.tensor("q", ("batch", 4), "UINT8")],
    )
    unknown_node = graphs.identity()
    unknown_node.graph.node[0].op_type = "Idemtity"
    for model, message in [
        (of_opset(99), "opset 99 is not supported"),
        (made, "is quantized already"),
        (graphs.identity(dtype="BYTES"), '"INPUT0" is not a numeric tensor of known rank'),
        (unknown_node, "is not valid ONNX: .*Idemtity"),
    ]:
        with pytest.raises(CommandError, match=message):
            read_source(write(tmp_path / "model.onnx", model))


def in_a_constant() -> ModelProto:
    value = numpy_helper.from_array(np.ones((4, 4), np.float32), "c")
    nodes = [
        helper.make_node("Constant", [], ["c"], value=value),
        helper.make_node("MatMul", ["INPUT0", "c"], ["OUTPUT0"]),
    ]
    tensors = [graphs.tensor("INPUT0", ("n", 4))], [graphs.tensor("OUTPUT0", ("n", 4))]
    return graphs.graph(nodes, *tensors)


def in_a_branch() -> ModelProto:
    """A Constant within an If."""
    branch = in_a_constant().graph
    del branch.input[:]
    condition = helper.make_node(
        "Constant", [], ["yes"], value=numpy_helper.from_array(np.array(True))
    )
    choice = helper.make_node("If", ["yes"], ["OUTPUT0"], then_branch=branch, else_branch=branch)
    tensors = [graphs.tensor("INPUT0", ("n", 4))], [graphs.tensor("OUTPUT0", ("n", 4))]
    return graphs.graph([condition, choice], *tensors)


@pytest.mark.parametrize("model", [graphs.mlp(), in_a_constant(), in_a_branch()])
def test_weights_in_other_files_are_refused_wherever_they_are(
    tmp_path: Path, model: ModelProto
) -> None:
    path = tmp_path / "model.onnx"
    onnx.save(model, path, save_as_external_data=True, size_threshold=0, convert_attribute=True)
    with pytest.raises(CommandError, match="weights are in other files; make it one file") as said:
        read_source(path)
    assert "onnx.save_model(onnx.load(path), other, save_as_external_data=False)" in str(said.value)
    other = tmp_path / "other.onnx"
    onnx.save_model(onnx.load(path), other, save_as_external_data=False)
    assert read_source(other).opset == 17


def test_weights_that_no_single_file_holds_are_refused(tmp_path: Path) -> None:
    model = graphs.mlp()
    large = model.graph.initializer.add(name="large", data_type=TensorProto.FLOAT)
    large.dims[:] = [1 << 15, 1 << 15]
    large.data_location = TensorProto.EXTERNAL
    with pytest.raises(CommandError, match=r"weights of 4\.3 GB .* cannot be quantized here"):
        read_source(write(tmp_path / "model.onnx", model))


def test_half_precision_counts_twice() -> None:
    model = graphs.mlp()
    assert widened_bytes(model) == model.ByteSize()
    model.graph.initializer.append(numpy_helper.from_array(np.ones((1000, 1000), np.float16), "h"))
    assert widened_bytes(model) == model.ByteSize() + 2_000_000


def test_half_precision_too_large_to_widen_is_refused(tmp_path: Path) -> None:
    model = graphs.mlp()
    large = model.graph.initializer.add(name="large", data_type=TensorProto.FLOAT16)
    large.dims[:] = [1 << 15, 1 << 15]
    with pytest.raises(CommandError, match=r"made FP32 it has 2\.1 GB; .* cannot be quantized"):
        read_source(write(tmp_path / "model.onnx", model))


def test_half_precision_is_noticed(tmp_path: Path) -> None:
    half = helper.make_tensor("c", TensorProto.FLOAT16, [1], [1.0])
    made = graphs.identity(dtype="FP16")
    made.graph.initializer.append(half)
    assert read_source(write(tmp_path / "model.onnx", made)).half
