"""The files that `quantize` writes, as ONNX Runtime on the CPU runs them."""

from collections import Counter
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.typing import NDArray
from onnx import ModelProto, TensorProto, helper, numpy_helper

from server.quantize.accuracy import error_of
from server.quantize.calibration import calibrate
from server.quantize.half import widen
from server.quantize.preparation import LEAST_OPSET, TENSORRT_OPSET, prepare
from server.quantize.qdq import cpu_style, gpu_style, layers, write_dynamic, write_static
from server.quantize.samples import Samples
from server.quantize.source import read_source
from tests import graphs

IMAGES = np.random.default_rng(3).normal(size=(24, 3, 16, 16)).astype(np.float32)
SAMPLES = Samples({"INPUT0": IMAGES}, None, True)


def prepared(folder: Path, model: ModelProto, opset: int = LEAST_OPSET) -> Path:
    onnx.save(model, folder / "model.onnx")
    prepare(read_source(folder / "model.onnx"), folder / "prepared.onnx", opset)
    return folder / "prepared.onnx"


def outputs(path: Path, optimized: Path | None = None) -> list[NDArray[np.float32]]:
    """Of IMAGES; the graph that really runs goes to `optimized`."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    if optimized is not None:
        options.optimized_model_filepath = str(optimized)
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return list(session.run(None, SAMPLES.inputs))


def residual() -> ModelProto:
    """INPUT0 FP32[batch,3,16,16] -> OUTPUT0 FP32[batch,8]: all that stands between convolutions in
    image nets, without names, and with weights named as the quantizer names scales."""
    node = helper.make_node
    nodes = [
        node("Conv", ["INPUT0", "w0"], ["sum_input"], pads=[1] * 4),
        node("Conv", ["sum_input", "branch_scale"], ["branch"], pads=[1] * 4),
        node("Add", ["sum_input", "branch"], ["sum"]),
        node("Relu", ["sum"], ["active"]),
        node("MaxPool", ["active"], ["pooled"], kernel_shape=[2, 2], strides=[2, 2]),
        node("Conv", ["pooled", "w2"], ["left"]),
        node("AveragePool", ["left"], ["averaged"], kernel_shape=[3, 3], pads=[1] * 4),
        node("Concat", ["pooled", "averaged"], ["both"], axis=1),
        node("Conv", ["both", "w3"], ["joined"]),
        node("GlobalAveragePool", ["joined"], ["global"]),
        node("Flatten", ["global"], ["OUTPUT0"]),
    ]
    random = np.random.default_rng(5)
    shapes = {"w0": (8, 3, 3, 3), "branch_scale": (8, 8, 3, 3), "w2": (8, 8, 1, 1)}
    weights = {
        name: random.normal(0, np.sqrt(2 / np.prod(shape[1:])), shape).astype(np.float32)
        for name, shape in (shapes | {"w3": (8, 16, 1, 1)}).items()
    }
    tensors = [graphs.tensor("INPUT0", ("batch", 3, 16, 16))], [graphs.tensor("OUTPUT0", ("n", 8))]
    return graphs.graph(nodes, *tensors, weights)


def test_no_convolution_is_left_in_float(tmp_path: Path) -> None:
    ready = prepared(tmp_path, residual())
    style = cpu_style(onnx.load(ready), reduce_range=False)
    ranges = calibrate(ready, SAMPLES, style.operators, "MinMax", style.symmetric)
    write_static(ready, tmp_path / "int8.onnx", ranges, style)
    onnx.checker.check_model(onnx.load(tmp_path / "int8.onnx"), full_check=True)
    (found,) = outputs(tmp_path / "int8.onnx", tmp_path / "optimized.onnx")
    assert error_of(found, outputs(tmp_path / "model.onnx")[0]) < 5
    ran = Counter(node.op_type for node in onnx.load(tmp_path / "optimized.onnx").graph.node)
    assert (ran["QLinearConv"], ran["Conv"]) == (4, 0)
    assert ran["QLinearAdd"] == ran["QLinearConcat"] == ran["QLinearGlobalAveragePool"] == 1
    assert ran["DequantizeLinear"] <= 1


@pytest.mark.parametrize(("reduce_range", "largest"), [(False, 127), (True, 64)])
def test_weights_have_seven_bits_where_sums_would_saturate(
    tmp_path: Path, reduce_range: bool, largest: int
) -> None:
    ready = prepared(tmp_path, graphs.convolutions(2))
    style = cpu_style(onnx.load(ready), reduce_range=reduce_range)
    ranges = calibrate(ready, SAMPLES, style.operators, "MinMax", style.symmetric)
    write_static(ready, tmp_path / "int8.onnx", ranges, style)
    write_dynamic(ready, tmp_path / "dynamic.onnx", reduce_range)
    for name in ("int8.onnx", "dynamic.onnx"):
        weights = [
            numpy_helper.to_array(each).astype(int)
            for each in onnx.load(tmp_path / name).graph.initializer
            if each.data_type == TensorProto.INT8 and len(each.dims) > 1
        ]
        assert max(np.abs(each).max() for each in weights) == largest


def test_layers_are_quantized_or_left_out_by_name(tmp_path: Path) -> None:
    ready = prepared(tmp_path, graphs.convolutions(3))
    model = onnx.load(ready)
    style = cpu_style(model, reduce_range=False)
    assert [node.name for node in layers(model, style)] == ["conv0", "conv1", "conv2", "dense"]
    ranges = calibrate(ready, SAMPLES, style.operators, "Percentile", style.symmetric)
    expected = {
        ("conv1",): {"only": ["conv1"]},
        ("conv0", "conv2", "dense"): {"without": ["conv1"]},
    }
    for names, choice in expected.items():
        write_static(ready, tmp_path / "int8.onnx", ranges, style, **choice)
        made = onnx.load(tmp_path / "int8.onnx").graph
        quantized = {name for node in made.node if node.op_type[:2] == "De" for name in node.output}
        found = {node.name for node in made.node if quantized.issuperset(node.input[:2])}
        assert found & {"conv0", "conv1", "conv2", "dense"} == set(names)


def test_tensorrt_gets_a_pair_of_its_own_at_each_input(tmp_path: Path) -> None:
    ready = prepared(tmp_path, residual(), TENSORRT_OPSET)
    style = gpu_style()
    ranges = calibrate(ready, SAMPLES, style.operators, "Entropy", style.symmetric)
    write_static(ready, tmp_path / "int8.onnx", ranges, style)
    made = onnx.load(tmp_path / "int8.onnx")
    onnx.checker.check_model(made, full_check=True)
    assert made.opset_import[0].version == TENSORRT_OPSET
    makers = {name: node for node in made.graph.node for name in node.output}
    products = [node for node in made.graph.node if node.op_type in ("Conv", "Add")]
    inputs = Counter(name for node in products for name in node.input[:2])
    assert set(inputs.values()) == {1}
    assert all(makers[name].op_type == "DequantizeLinear" for name in inputs)
    constants = {each.name: each for each in made.graph.initializer}
    zeros = [constants[node.input[2]] for node in made.graph.node if "Quantize" in node.op_type]
    assert not any(numpy_helper.to_array(each).any() for each in zeros)
    assert error_of(outputs(tmp_path / "int8.onnx")[0], outputs(tmp_path / "model.onnx")[0]) < 10


def test_older_operators_are_replaced(tmp_path: Path) -> None:
    old = graphs.convolutions(2)
    old.opset_import[0].version = 9
    made = onnx.load(prepared(tmp_path, old))
    assert made.opset_import[0].version == LEAST_OPSET


def test_half_precision_is_widened_with_its_constants() -> None:
    half = np.array([2, 3], np.float16)
    nodes = [
        helper.make_node("Constant", [], ["two"], value=numpy_helper.from_array(half)),
        helper.make_node("Cast", ["COUNT"], ["count"], to=TensorProto.FLOAT16),
        helper.make_node("Mul", ["count", "two"], ["twice"]),
        helper.make_node("Add", ["twice", "INPUT0"], ["OUTPUT0"]),
    ]
    inputs = [graphs.tensor("COUNT", ("n", 2), "INT64"), graphs.tensor("INPUT0", ("n", 2), "FP16")]
    model = graphs.graph(nodes, inputs, [graphs.tensor("OUTPUT0", ("n", 2), "FP16")])
    wide = widen(model)
    onnx.checker.check_model(wide, full_check=True)
    session = onnxruntime.InferenceSession(
        wide.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    given = {"COUNT": np.array([[1, 2]]), "INPUT0": np.array([[0.5, 0.25]], np.float16)}
    (found,) = session.run(None, given)
    assert found.dtype == np.float16
    np.testing.assert_array_equal(found, [[2.5, 6.25]])
