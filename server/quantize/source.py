"""The model to quantize: checked, and prepared for it."""

import hashlib
import logging
import os
import tempfile
from collections.abc import Iterator
from contextlib import chdir, contextmanager, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import onnx
from onnx import GraphProto, ModelProto, TensorProto, external_data_helper

from server.quantize.error import QuantizeError
from server.quantize.half import widen
from server.quantize.signature import Signature, read_signature

LEAST_OPSET = 13  # weights with a scale per channel
TENSORRT_OPSET = 19  # QuantizeLinear of FP16
_OWN = ("", "ai.onnx")  # domains
_MADE_UP = ("_scale", "_zero_point", "_quantized")  # endings


@dataclass(frozen=True)
class Source:
    """The original file and what it declares."""

    path: Path
    sha256: str
    opset: int
    signature: Signature
    half: bool  # weights are FP16


def read_source(path: Path) -> Source:
    """Raises QuantizeError for what cannot be opened or quantized."""
    try:
        model = onnx.load(path, load_external_data=False)
    except OSError as error:
        raise QuantizeError(f"{path}: cannot be read: {error.strerror}") from None
    except Exception:  # protobuf's DecodeError; onnx guards against other formats by ValueError
        raise QuantizeError(f"{path}: is not an ONNX model, or a broken one") from None
    _refuse(path, model)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    half = any(each.data_type == TensorProto.FLOAT16 for each in model.graph.initializer)
    return Source(path, digest, _opset(path, model), read_signature(model, str(path)), half)


def _refuse(path: Path, model: ModelProto) -> None:
    if not model.graph.node:
        raise QuantizeError(f"{path}: is not an ONNX model, or one without nodes")
    for weights in model.graph.initializer:
        if external_data_helper.uses_external_data(weights):
            fix = "onnx.save_model(onnx.load(path), other, save_as_external_data=False)"
            raise QuantizeError(f"{path}: weights are in other files; make it one file: {fix}")
    quantized = next((node for node in model.graph.node if "QuantizeLinear" in node.op_type), None)
    if quantized is not None:
        fix = "give the float model that it was made from"
        raise QuantizeError(f"{path}: is quantized already ({quantized.op_type}); {fix}")
    try:
        onnx.checker.check_model(model)
    except onnx.checker.ValidationError as error:
        raise QuantizeError(f"{path}: is not valid ONNX: {first_line(error)}") from None


def _opset(path: Path, model: ModelProto) -> int:
    newest = onnx.defs.onnx_opset_version()
    opset = next((each.version for each in model.opset_import if each.domain in _OWN), 0)
    if not 1 <= opset <= newest:
        raise QuantizeError(
            f"{path}: opset {opset} is not supported: onnx {onnx.__version__} knows 1 to {newest}; "
            f"export it again with one of {LEAST_OPSET} to {newest}"
        )
    return int(opset)


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
        _refuse_unrunnable(source.path, raw)
        reason = first_line(error)
        raise QuantizeError(f"{source.path}: cannot be prepared: {reason}") from None
    _tidy(into)


def _converted(source: Source, model: ModelProto, opset: int) -> ModelProto:
    """Newer operators; a converter exists from opset 7 on for most."""
    from onnx import version_converter

    try:
        return version_converter.convert_version(model, opset)
    except Exception as error:
        reason = first_line(error).rpartition("failed: ")[2]  # without the converter's own file
        raise QuantizeError(
            f"{source.path}: opset {source.opset} is not supported: quantization needs {opset} or "
            f"newer and the file cannot be converted ({reason}); export it again with "
            f"opset {opset}"
        ) from None


def _pre_process(raw: Path, into: Path, symbolic: bool) -> None:
    from onnxruntime.quantization.shape_inference import quant_pre_process

    with hushed():
        quant_pre_process(raw, into, skip_symbolic_shape=not symbolic)


def _refuse_unrunnable(path: Path, raw: Path) -> None:
    """The runtime's own reason says more than that of a later step."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    try:
        onnxruntime.InferenceSession(str(raw), options, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise QuantizeError(f"{path}: the runtime refuses it: {first_line(error)}") from None


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


@contextmanager
def hushed() -> Iterator[None]:
    """For onnxruntime's Python tools: they print and log what matters to their authors, and leave
    files in the working folder; what matters here is raised. Paths inside are absolute."""
    logging.disable(logging.ERROR)
    try:
        with (
            tempfile.TemporaryDirectory(prefix="skein-quantize-") as folder,
            chdir(folder),
            Path(os.devnull).open("w") as nowhere,
            redirect_stdout(nowhere),
        ):
            yield
    finally:
        logging.disable(logging.NOTSET)


def first_line(error: Any) -> str:
    text = " ".join(str(error).split())
    return text[:300] if text else type(error).__name__
