"""Writes quantized forms of a prepared model."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import onnx
from onnx import GraphProto, ModelProto, NodeProto

from server.quantize.preparation import keep_used_domains
from server.quantize.quiet import hushed

# In this order: what has weights, what joins values, what only moves them.
_WEIGHTED = ("Conv", "ConvTranspose", "Gemm", "MatMul")
_JOINING = ("Add", "Mul", "Concat", "AveragePool", "GlobalAveragePool")
_MOVING = ("MaxPool", "Relu", "Clip", "Flatten", "Reshape", "Transpose", "Squeeze", "Unsqueeze")
_PER_CHANNEL = True


class Style(NamedTuple):
    """How a provider wants its quantized graph."""

    operators: tuple[str, ...]
    symmetric: bool
    reduce_range: bool = False  # 7-bit weights: without VNNI sums of two products saturate

    @property
    def options(self) -> dict[str, Any]:
        if not self.symmetric:
            return {}
        # TensorRT: symmetric, a pair of its own per input and none at outputs, where it would part
        # a product from what is fused to it; float biases, weights quantized by TensorRT.
        return {
            "OpTypesToExcludeOutputQuantization": list(self.operators),
            "ActivationSymmetric": True,
            "WeightSymmetric": True,
            "QuantizeBias": False,
            "AddQDQPairToWeight": True,
            "DedicatedQDQPair": True,
        }


def cpu_style(model: ModelProto, reduce_range: bool) -> Style:
    """U8S8. Around convolutions everything is quantized, since one operator in float between two
    of them keeps both from fusing; elsewhere (encoders) only products with weights are."""
    joining = _JOINING if convolutional(model) else ()
    return Style((*_WEIGHTED, *joining, *_MOVING), symmetric=False, reduce_range=reduce_range)


def convolutional(model: ModelProto) -> bool:
    return any(node.op_type in ("Conv", "ConvTranspose") for node in model.graph.node)


def gpu_style() -> Style:
    """S8S8 for TensorRT, which fuses around pairs at the inputs of these."""
    return Style((*_WEIGHTED, "Add", "MaxPool", "AveragePool", "GlobalAveragePool"), symmetric=True)


def layers(model: ModelProto, style: Style) -> list[NodeProto]:
    """The nodes that quantization changes by themselves; what moves values follows them."""
    of_activations = _products_of_activations(model)
    return [
        node
        for node in model.graph.node
        if node.op_type in style.operators
        and node.op_type not in _MOVING
        and node.name not in of_activations
    ]


def _products_of_activations(model: ModelProto) -> set[str]:
    """Attention's, say: they lose more accuracy than they save time."""
    constants = {each.name for each in model.graph.initializer}
    return {
        node.name
        for node in model.graph.node
        if node.op_type == "MatMul" and node.input[1] not in constants
    }


def write_static(
    prepared: Path,
    into: Path,
    ranges: Any,
    style: Style,
    *,
    only: Sequence[str] = (),
    without: Sequence[str] = (),
) -> None:
    """QDQ form with a scale per channel of weights; `only` and `without` are names of nodes."""
    from onnxruntime.quantization import QuantType
    from onnxruntime.quantization.qdq_quantizer import QDQQuantizer
    from onnxruntime.quantization.quant_utils import load_model_with_shape_infer

    with hushed():
        model = load_model_with_shape_infer(prepared)
        left_out = [*without, *_products_of_activations(model)]
        quantizer = QDQQuantizer(
            model,
            _PER_CHANNEL,
            style.reduce_range,
            QuantType.QInt8,
            QuantType.QInt8 if style.symmetric else QuantType.QUInt8,
            ranges,
            list(only),
            left_out,
            list(style.operators),
            style.options,
        )
        model = quantizer.quantize_model()
        quantizer.model.topological_sort()
    _float_outputs(model)
    _drop_unread(model)
    keep_used_domains(model)
    onnx.save(model, into)


def write_dynamic(prepared: Path, into: Path, reduce_range: bool) -> None:
    """Products with weights in INT8; the scale of their other side is found at each run."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    with hushed():
        quantize_dynamic(
            prepared,
            into,
            op_types_to_quantize=["MatMul"],
            per_channel=_PER_CHANNEL,
            reduce_range=reduce_range,
            weight_type=QuantType.QInt8,
            extra_options={"MatMulConstBOnly": True},
        )


def multiplies_by_weights(model: ModelProto) -> bool:
    """Whether write_dynamic has anything to change."""
    products = {node.name for node in model.graph.node if node.op_type == "MatMul"}
    return bool(products - _products_of_activations(model))


def _float_outputs(model: ModelProto) -> None:
    """Takes the last pair before an output away: 256 steps are too coarse for an answer, and the
    kernels before it give floats at no cost."""
    outputs = {each.name for each in model.graph.output}
    makers = {name: node for node in model.graph.node for name in node.output}
    for last in [makers[name] for name in outputs if name in makers]:
        quantize = makers.get(last.input[0])
        if last.op_type != "DequantizeLinear" or quantize is None:
            continue
        maker = makers.get(quantize.input[0])
        if maker is None or quantize.op_type != "QuantizeLinear":
            continue
        raw, name = quantize.input[0], last.output[0]
        readers = [each for each in model.graph.node if raw in each.input and each is not quantize]
        for node in (maker, *readers):
            node.input[:] = [name if each == raw else each for each in node.input]
            node.output[:] = [name if each == raw else each for each in node.output]
        model.graph.node.remove(quantize)
        model.graph.node.remove(last)


def _drop_unread(model: ModelProto) -> None:
    """Scales of the pairs that were taken away."""
    read = _read(model.graph)
    kept = [each for each in model.graph.initializer if each.name in read]
    del model.graph.initializer[:]
    model.graph.initializer.extend(kept)


def _read(graph: GraphProto) -> set[str]:
    """Every name that is used, in graphs inside the graph too."""
    inner = (each.g for node in graph.node for each in node.attribute if each.HasField("g"))
    names = {name for node in graph.node for name in node.input}
    return names.union((each.name for each in graph.output), *map(_read, inner))
