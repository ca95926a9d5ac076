"""From what ran to the report: tables of kernels, without running anything."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import onnx
import pytest

from server.registry import Entry, State
from server.selection.assessment import Assessment
from server.selection.selection import Selection
from server.truth.analysis import analyse
from server.truth.arithmetic import macs
from server.truth.evidence import Evidence
from server.truth.graph import Constant, Graph, Node
from server.truth.kernels import Kernel, from_layers, from_profile
from server.truth.model_file import read_graph
from server.truth.prediction import predict_cuda
from server.truth.report import Finding, TruthReport
from server.truth.requirement import refusal
from server.truth.text import render, verdict
from server.truth_metrics import truth_metrics
from tests import graphs
from tests.quantized_graphs import (
    dynamic_product,
    float_convolutions,
    integer_convolutions,
    paired_convolutions,
)


def graph_of(folder: Path, made: onnx.ModelProto) -> Graph:
    return read_graph(graphs.write_model(folder, "m", made))


def event(name: str, op: str, provider: str = "CPU", datatype: str = "float") -> dict[str, Any]:
    """As ONNX Runtime's profile has it; every shape is [1,8,8,8]."""
    shape = [{datatype: [1, 8, 8, 8]}]
    return {
        "name": f"{name}_kernel_time",
        "dur": 10,
        "args": {
            "op_name": op,
            "provider": f"{provider}ExecutionProvider",
            "node_index": "900",
            "input_type_shape": shape,
            "output_type_shape": shape,
        },
    }


def layer(name: str, implementation: str, kind: str = "Convolution") -> dict[str, Any]:
    """As OpenVINO counts it."""
    return {
        "name": name,
        "implementation": implementation,
        "type": kind,
        "status": 2,
        "microseconds": 10,
    }


def report_on(graph: Graph, provider: str, kernels: Sequence[Kernel], **known: Any) -> TruthReport:
    return analyse("m/1", graph, Evidence(provider, kernels, **known))


def codes(report: TruthReport) -> list[str]:
    return [finding.code for finding in report.findings]


def named(report: TruthReport, code: str) -> Finding:
    return next(finding for finding in report.findings if finding.code == code)


@pytest.mark.parametrize(
    ("op", "attributes", "data", "weight", "output", "expected"),
    [
        ("Conv", {}, (1, 3, 224, 224), (64, 3, 7, 7), (1, 64, 112, 112), 118_013_952),
        ("Conv", {"group": 32}, (1, 32, 8, 8), (32, 1, 3, 3), (1, 32, 8, 8), 18_432),
        ("QLinearConv", {}, (1, 8, 8, 8), (8, 8, 3, 3), (1, 8, 8, 8), 36_864),
        ("ConvTranspose", {}, (1, 8, 4, 4), (8, 6, 2, 2), (1, 6, 8, 8), 3072),
        ("Gemm", {}, (2, 64), (64, 10), (2, 10), 1280),
        ("Gemm", {"transA": 1}, (64, 2), (64, 10), (2, 10), 1280),
        ("MatMul", {}, (2, 12, 5, 64), None, (2, 12, 5, 5), 38_400),
        ("Conv", {}, (1, 8, 8, 8), None, (1, 8, 8, 8), None),
        ("MatMul", {}, (), None, (2, 2), None),
    ],
)
def test_multiply_accumulates(
    op: str,
    attributes: dict[str, int],
    data: tuple[int, ...],
    weight: tuple[int, ...] | None,
    output: tuple[int, ...],
    expected: int | None,
) -> None:
    assert macs(Node(0, "n", op, (), (), attributes), data, weight, output) == expected


def test_fused_kernels_are_found_by_the_names_that_fusing_makes(tmp_path: Path) -> None:
    graph = graph_of(tmp_path, float_convolutions(3))
    names = ["r0_nchwc", "node_c1", "fused node_c2"]
    kernels = from_profile([event(name, "FusedConv") for name in names])
    report = report_on(graph, "cpu", kernels)
    assert [(p.name, p.precision, p.words) for p in report.products] == [
        (f"node_c{i}", "FP32", "FusedConv") for i in range(3)
    ]
    assert codes(report) == ["float_model"]
    assert verdict(report) == "m/1 on cpu: all 3 products run in FP32"


def test_what_no_name_tells_is_told_by_elimination_or_unknown(tmp_path: Path) -> None:
    graph = graph_of(tmp_path, paired_convolutions(3))
    agreed = [event("a", "QLinearConv"), event("b", "QLinearConv")]
    assert report_on(graph, "cpu", from_profile(agreed)).int8_share == 1
    mixed = report_on(graph, "cpu", from_profile([*agreed, event("c", "Conv")]))
    assert not mixed.known
    assert "the precision of 3 of 3 products is unknown" in named(mixed, "unknown").message
    assert refusal(mixed) is not None
    folded = report_on(graph, "cpu", from_profile([event("x", "Transpose")]))
    assert {product.precision for product in folded.products} == {"folded"}
    assert verdict(folded).endswith("all 3 products computed at load")


def test_a_part_of_the_graph_on_openvino(tmp_path: Path) -> None:
    graph = graph_of(tmp_path, paired_convolutions(2))
    events = [event("subgraph", "OpenVINO-EP-subgraph_1", "OpenVINO"), event("node_c0", "Conv")]
    layers = from_layers([layer("node_c1", "brgconv_avx512_I8"), layer("node_c0", "jit_avx512_I8")])
    report = report_on(graph, "openvino", from_profile(events), layers=layers)
    where = [(each.name, each.provider, each.precision) for each in report.products]
    assert where == [("node_c0", "cpu", "FP32"), ("node_c1", "openvino", "INT8")]
    assert named(report, "on_cpu").nodes == ("node_c0",)
    rows = {(row.provider, row.precision): row.nodes for row in report.rows}
    assert rows == {("openvino", "INT8"): 1, ("openvino", "unknown"): 1, ("cpu", "FP32"): 1}


def test_layers_generated_for_several_nodes(tmp_path: Path) -> None:
    graph = graph_of(tmp_path, graphs.mlp())
    kernels = from_profile([event("subgraph", "OpenVINO-EP-subgraph_1", "OpenVINO")])
    layers = from_layers([layer("OUTPUT0", "jit_avx512_f32", "Subgraph")])
    report = report_on(graph, "openvino", kernels, layers=layers)
    assert verdict(report) == "m/1 on openvino: all 3 products run in FP32"


def test_what_tensorrt_compiled_is_unknown(tmp_path: Path) -> None:
    graph = graph_of(tmp_path, paired_convolutions(2))
    kernels = from_profile([event("engine", "TRTKernel_graph_0", "Tensorrt")])
    report = report_on(graph, "tensorrt", kernels, unknown="its inspector was not run")
    assert {product.precision for product in report.products} == {"unknown"}
    assert named(report, "unknown").message.endswith("unknown: its inspector was not run")
    assert "in a precision that nobody can tell" in str(refusal(report))


def test_copies_of_a_gpu_that_ran(tmp_path: Path) -> None:
    graph = graph_of(tmp_path, integer_convolutions(1))
    events = [
        event("copy", "MemcpyToHost", "CUDA", "uint8"),
        event("node_c0", "QLinearConv", datatype="uint8"),
        event("back", "MemcpyFromHost", datatype="uint8"),
    ]
    report = report_on(graph, "cuda", from_profile(events))
    assert codes(report) == ["on_cpu", "copies"]
    assert named(report, "copies").nodes == ("copy", "back")
    assert "execution_provider: tensorrt" in named(report, "copies").advice
    assert verdict(report) == "m/1 on cuda: its one product runs in INT8, but on the CPU"
    assert refusal(report) is not None


def test_weights_alone_in_small_integers() -> None:
    node = Node(0, "n", "MatMulNBits", ("x", "w", "s"), ("y",), {"bits": 4})
    report = report_on(Graph([node], {}), "cpu", from_profile([event("n", "MatMulNBits")]))
    assert codes(report) == ["weight_only"]
    assert report.int8_share == 0


def test_control_flow_is_not_counted() -> None:
    node = Node(0, "loop", "Loop", ("n",), ("y",))
    report = report_on(Graph([node], {}), "cpu", from_profile([event("loop", "Loop")]))
    assert codes(report) == ["no_products", "control_flow"]


@pytest.mark.parametrize(
    ("made", "providers", "copies"),
    [
        (integer_convolutions(2), ["cpu", "cpu"], 2),
        (paired_convolutions(2), ["cuda", "cuda"], 0),
        (dynamic_product(), ["cpu"], 2),
        (float_convolutions(2), ["cuda", "cuda"], 0),
    ],
)
def test_what_cuda_would_do(
    tmp_path: Path, made: onnx.ModelProto, providers: list[str], copies: int
) -> None:
    graph = graph_of(tmp_path, made)
    report = report_on(graph, "cuda", predict_cuda(graph), predicted="not run: no GPU")
    assert [product.provider for product in report.products] == providers
    assert all(row.time is None for row in report.rows)
    nodes = [len(each.nodes) for each in report.findings if each.code == "copies"]
    assert sum(nodes) == copies


def test_signed_matrix_products_have_a_cuda_kernel() -> None:
    nodes = [
        Node(0, "q", "QuantizeLinear", ("x", "s", "z"), ("xq",)),
        Node(1, "n", "MatMulInteger", ("xq", "w"), ("y",)),
    ]
    constants = {"z": Constant("int8", ()), "w": Constant("int8", (4, 4))}
    kernels = predict_cuda(Graph(nodes, constants))
    assert {(kernel.op, kernel.provider) for kernel in kernels} == {
        ("QuantizeLinear", "cuda"),
        ("MatMulInteger", "cuda"),
    }


def test_quantized_biases_have_no_cuda_kernel() -> None:
    nodes = [
        Node(0, "b_dq", "DequantizeLinear", ("b", "s", "z"), ("bf",)),
        Node(1, "n", "Conv", ("x", "w", "bf"), ("y",)),
    ]
    constants = {"b": Constant("int32", (8,)), "w": Constant("float", (8, 8, 1, 1))}
    kernels = predict_cuda(Graph(nodes, constants))
    assert [(kernel.name, kernel.provider) for kernel in kernels] == [
        ("b_dq", "cpu"),
        ("n", "cuda"),
        ("MemcpyFromHost_bf", "cuda"),
    ]


def test_the_report_survives_json(tmp_path: Path) -> None:
    graph = graph_of(tmp_path, integer_convolutions(2))
    report = report_on(graph, "cuda", predict_cuda(graph), predicted="not run")
    assert TruthReport.from_dict(json.loads(json.dumps(report.as_dict()))) == report


def half(tmp_path: Path) -> TruthReport:
    graph = graph_of(tmp_path, paired_convolutions(4, float_after={1}))
    kernels = [event("node_c0_token_2", "QLinearConv", datatype="uint8")]
    kernels += [event("node_c1", "FusedConv"), event("r1_nchwc", "Conv")]
    kernels += [event("node_c2", "Conv"), event("node_c3_token_1", "QLinearConv")]
    return report_on(graph, "cpu", from_profile(kernels))


def test_the_text_gives_the_verdict_first_and_every_advice_once(tmp_path: Path) -> None:
    lines = render(half(tmp_path)).splitlines()
    assert lines[0] == (
        "m/1 on cpu: 50.0% of the arithmetic runs in INT8; of 4 products 2 run in FP32"
    )
    assert lines[1].split()[:3] == ["provider", "precision", "nodes"]
    assert "- 1 of 4 quantized products run in float (Conv): " in lines[4]
    advice = [line for line in lines if line.startswith("what to do: ")]
    assert len(advice) == 1
    assert "python -m server quantize" in advice[0]


def test_int8_is_required_of_nearly_all_weighted_arithmetic(tmp_path: Path) -> None:
    reason = refusal(half(tmp_path))
    assert reason is not None
    assert "\n" not in reason
    assert reason.startswith("require_int8: m/1 on cpu: 50.0% of the arithmetic runs in INT8")
    assert "their output is not quantized" in reason
    assert "python -m server quantize" in reason
    whole = graph_of(tmp_path, paired_convolutions(2))
    kernels = from_profile([event("node_c0", "QLinearConv"), event("node_c1", "QLinearConv")])
    assert refusal(report_on(whole, "cpu", kernels)) is None
    assert refusal(report_on(Graph([], {}), "cpu", ())) is not None  # nothing to run in INT8


def test_metrics(tmp_path: Path) -> None:
    entries = [
        Entry("m", 1, State.READY, assessment=Assessment(Selection("cpu", ""), half(tmp_path))),
        Entry("m", 2, State.READY),
    ]
    samples = {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for metric in truth_metrics(entries)
        for sample in metric.samples
    }
    version = (("model", "m"), ("version", "1"))
    int8 = (("model", "m"), ("precision", "INT8"), ("provider", "cpu"), ("version", "1"))
    assert samples["skein_model_nodes", *int8] == 2
    assert samples["skein_model_int8_share", *version] == 0.5
    assert samples["skein_model_unfused_quantized_nodes", *version] == 2
    assert not any(("version", "2") in key for key in samples)
