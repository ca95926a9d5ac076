"""Makes a model ready for quantization."""

from pathlib import Path

import onnx
from onnx import GraphProto, ModelProto

from server.making.error import CommandError
from server.making.text import first_line
from server.quantize.half import widen
from server.quantize.quiet import hushed
from server.quantize.source import Source

LEAST_OPSET = 13  # weights with a scale per channel
TENSORRT_OPSET = 19  # QuantizeLinear of FP16
_MADE_UP = ("_scale", "_zero_point", "_quantized")  # endings of names that the quantizer makes up


def prepare(source: Source, into: Path, least_opset: int) -> None:
    """Writes a float model with shapes inferred, constants folded, nodes fused and named."""
    model = onnx.load(source.path)
    if source.half:
        model = widen(model)
    if source.opset < least_opset:
        model = _converted(source, model, least_opset)
    raw = into.with_suffix(".raw.onnx")
    onnx.save(model, raw)
    try:
        try:
            _pre_process(raw, into, symbolic=True)
        except Exception:  # not every operator and every graph is known to symbolic inference
            _pre_process(raw, into, symbolic=False)
    except Exception as error:
        reason = first_line(error)
        raise CommandError(f"{source.path}: cannot be prepared: {reason}") from None
    _tidy(into)


def _converted(source: Source, model: ModelProto, opset: int) -> ModelProto:
    """Newer operators; a converter exists from opset 7 on for most."""
    from onnx import version_converter

    try:
        return version_converter.convert_version(model, opset)
    except Exception as error:
        reason = first_line(error).rpartition("failed: ")[2]  # without the converter's own file
        raise CommandError(
            f"{source.path}: opset {source.opset} is not supported: quantization needs {opset} or "
            f"newer and the file cannot be converted ({reason}); export it again with "
            f"opset {opset}"
        ) from None


def _pre_process(raw: Path, into: Path, symbolic: bool) -> None:
    from onnxruntime.quantization.shape_inference import quant_pre_process

    with hushed():
        quant_pre_process(raw, into, skip_symbolic_shape=not symbolic)


def _tidy(path: Path) -> None:
    """Names every node, keeps weights clear of the names that the quantizer makes up, and drops
    operator sets that pre-processing declares without use."""
    model = onnx.load(path)
    taken = {node.name for node in model.graph.node}
    seen: set[str] = set()
    for number, node in enumerate(model.graph.node):
        if not node.name or node.name in seen:
            node.name = _free(f"{node.op_type}_{number}", taken)
        seen.add(node.name)
    new_names = {}
    for weights in model.graph.initializer:
        if weights.name.endswith(_MADE_UP):
            old, weights.name = weights.name, f"{weights.name}_weights"
            new_names[old] = weights.name
    _rename_inputs(model.graph, new_names)
    keep_used_domains(model)
    onnx.save(model, path)


def _rename_inputs(graph: GraphProto, new_names: dict[str, str]) -> None:
    for node in graph.node:
        node.input[:] = [new_names.get(name, name) for name in node.input]
        for attribute in node.attribute:
            if attribute.HasField("g"):
                _rename_inputs(attribute.g, new_names)


def _free(name: str, taken: set[str]) -> str:
    while name in taken:
        name += "_"
    taken.add(name)
    return name


def keep_used_domains(model: ModelProto) -> None:
    """A reader may refuse operator sets that it does not know, used or not."""
    used = {node.domain for node in model.graph.node} | {""}
    kept = [each for each in model.opset_import if each.domain in used]
    del model.opset_import[:]
    model.opset_import.extend(kept)
