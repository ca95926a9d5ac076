"""What stands between a model and INT8, and what to do about it."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from server.truth.arithmetic import PRODUCTS
from server.truth.evidence import Evidence
from server.truth.graph import DEQUANTIZE, QUANTIZE, Graph, Node
from server.truth.kernels import INT8, INT8_OPS, UNKNOWN, WEIGHT_ONLY
from server.truth.report import FLOATS, Finding, Product

_COMMAND = "python -m server quantize MODEL.onnx --calibration DATA --output REPO/NAME"
_UNSIGNED = f"use unsigned activations (U8S8): {_COMMAND}"
_COPIES = ("MemcpyToHost", "MemcpyFromHost")
_CONTROL_FLOW = ("If", "Loop", "Scan")
_QUANTIZE_AGAIN = f"quantize the FP32 file, with pre-processing: {_COMMAND}"
_TENSORRT = (
    f"quantize the FP32 file for TensorRT ({_COMMAND} --target gpu) and serve it by "
    "execution_provider: tensorrt; or serve FP16"
)
_PAIRS = (
    "OpenVINO takes integers as QuantizeLinear/DequantizeLinear pairs: serve by "
    f"execution_provider: cpu, or {_QUANTIZE_AGAIN}"
)


def findings(graph: Graph, products: Sequence[Product], evidence: Evidence) -> Iterator[Finding]:
    """In the order in which they matter."""
    yield from _unknown(products, evidence)
    yield from _unfused(graph, products, evidence)
    yield from _elsewhere(products, evidence)
    yield from _copies(evidence)
    yield from _left_in_float(products)
    yield from _float_model(products, evidence)
    yield from _signed(products, evidence)
    yield from _weight_only(products)
    yield from _conversions(graph, evidence)
    yield from _hidden(graph)


def _unknown(products: Sequence[Product], evidence: Evidence) -> Iterator[Finding]:
    names = tuple(product.name for product in products if product.precision == UNKNOWN)
    if evidence.unknown or names:
        why = evidence.unknown or "nothing says which kernel ran them"
        what = f"the precision of {len(names)} of {len(products)} products is unknown"
        yield Finding("unknown", f"{what if products else 'unknown'}: {why}", "", names)


def _unfused(graph: Graph, products: Sequence[Product], evidence: Evidence) -> Iterator[Finding]:
    """One finding for each reason."""
    nodes = {node.label: node for node in graph.nodes if node.op in PRODUCTS}
    reasons: dict[tuple[str, str], list[Product]] = defaultdict(list)
    for product in products:
        if product.unfused:
            reasons[_reason(graph, nodes[product.name], evidence.provider)].append(product)
    for (reason, advice), concerned in reasons.items():
        names = tuple(product.name for product in concerned)
        ops = "/".join(sorted({product.op for product in concerned}))
        total = sum(product.quantized for product in products)
        message = f"{len(names)} of {total} quantized products run in float ({ops}): {reason}"
        yield Finding("unfused", message, advice, names)


def _reason(graph: Graph, node: Node, provider: str) -> tuple[str, str]:
    """What the file lacks for fusing, else that the provider lacks the kernel; what to do."""
    if provider == "cuda":
        return "cuda runs what stands between Dequantize and Quantize in float", _TENSORRT
    if node.op in INT8_OPS:
        return f"{provider} has no INT8 kernel for {node.op}", _PAIRS
    again = _TENSORRT if provider == "tensorrt" else _QUANTIZE_AGAIN
    data, weight = (node.inputs[at] for at in PRODUCTS[node.op][1:])
    if not graph.dequantized(data):
        return "their input is not quantized", again
    if not graph.dequantized(weight):
        return "their weights are not quantized", again
    results = graph.quantized(node.outputs[0])
    if not results:
        return "their output is not quantized", again
    integers = [graph.producers[data].inputs[0], *results]
    if any(graph.shared_and_signed(value) for value in integers):
        return "their activations are signed (int8) and shared; unsigned ones fuse", _UNSIGNED
    return f"{provider} did not fuse them, though inputs, weights and output are quantized", again


def _elsewhere(products: Sequence[Product], evidence: Evidence) -> Iterator[Finding]:
    """Products that the CPU runs though another provider was asked for."""
    if evidence.provider == "cpu":
        return
    ran = [product for product in products if product.provider == "cpu"]
    if ran:
        ops = ", ".join(sorted({product.op for product in ran}))
        message = f"{len(ran)} of {len(products)} products run on the CPU ({ops})"
        names = tuple(product.name for product in ran)
        advice = _PAIRS if evidence.provider == "openvino" else _TENSORRT
        integers = all(product.quantized for product in ran)
        yield Finding(
            "on_cpu",
            f"{message}: {evidence.provider} did not take them",
            advice if integers else "",
            names,
        )


def _copies(evidence: Evidence) -> Iterator[Finding]:
    copies = [kernel.name for kernel in evidence.kernels if kernel.op in _COPIES]
    if copies:
        message = f"copies between CPU and GPU in the middle of each run: {len(copies)}"
        yield Finding("copies", message, _TENSORRT, tuple(copies))


def _left_in_float(products: Sequence[Product]) -> Iterator[Finding]:
    """By whoever quantized the file."""
    left = [each for each in products if each.precision in FLOATS and not each.quantized]
    weighted = tuple(each.name for each in left if each.weighted)
    if weighted and any(each.quantized for each in products):
        message = f"{len(weighted)} of {len(products)} products are not quantized in the file"
        yield Finding("not_quantized", message, _QUANTIZE_AGAIN, weighted)


def _float_model(products: Sequence[Product], evidence: Evidence) -> Iterator[Finding]:
    if not products:
        yield Finding("no_products", "the model has no convolution or matrix product")
    elif not any(each.quantized or each.precision in (INT8, WEIGHT_ONLY) for each in products):
        target = " --target gpu" if evidence.provider in ("cuda", "tensorrt") else ""
        advice = f"measure whether INT8 pays: {_COMMAND}{target}"
        yield Finding("float_model", "the file is not quantized", advice)


def _signed(products: Sequence[Product], evidence: Evidence) -> Iterator[Finding]:
    """x86 multiplies unsigned by signed; the CPU provider mends signed activations in QDQ files
    only."""
    kernels = [each for each in evidence.kernels if each.op in INT8_OPS]
    signed = [each for each in kernels if each.provider == "cpu" and each.datatype == "int8"]
    if signed and products:
        message = f"{len(signed)} INT8 kernels take signed activations: slow on x86"
        yield Finding("signed_activations", message, _UNSIGNED, tuple(each.name for each in signed))


def _weight_only(products: Sequence[Product]) -> Iterator[Finding]:
    names = tuple(each.name for each in products if each.precision == WEIGHT_ONLY)
    if names:
        message = f"{len(names)} products have small weights and multiply in float"
        yield Finding("weight_only", message, "", names)


def _conversions(graph: Graph, evidence: Evidence) -> Iterator[Finding]:
    """Quantize and Dequantize nodes that run, other than at inputs and outputs of the graph."""
    ends = {
        node.index
        for node in graph.nodes
        if (node.op == QUANTIZE and node.inputs[0] not in graph.producers)
        or (node.op == DEQUANTIZE and node.outputs[0] in graph.outputs)
    }
    ran = [each for each in evidence.kernels if each.op in (QUANTIZE, DEQUANTIZE)]
    inner = tuple(each.name for each in ran if each.index not in ends)
    if inner:
        message = f"conversions between integers and float inside the graph: {len(inner)}"
        yield Finding("conversions", message, "", inner)


def _hidden(graph: Graph) -> Iterator[Finding]:
    inside = tuple(node.label for node in graph.nodes if node.op in _CONTROL_FLOW)
    if inside:
        message = "what runs inside If, Loop and Scan is not counted"
        yield Finding("control_flow", message, "", inside)
