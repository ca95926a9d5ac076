"""The model to quantize, as it was given."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import onnx
from onnx import ModelProto, TensorProto, external_data_helper

from server.making.error import CommandError
from server.making.text import first_line
from server.quantize.half import widened_bytes
from server.quantize.signature import Signature, read_signature
from server.quantize.tensors import bytes_of, tensors_of

MOST_BYTES = onnx.checker.MAXIMUM_PROTOBUF  # of a model file
_OWN = ("", "ai.onnx")  # domains


@dataclass(frozen=True)
class Source:
    """The original file and what it declares."""

    path: Path
    sha256: str
    opset: int
    signature: Signature
    half: bool  # weights are FP16


def read_source(path: Path) -> Source:
    """Raises CommandError for what cannot be opened or quantized."""
    try:
        model = onnx.load(path, load_external_data=False)
    except OSError as error:
        raise CommandError(f"{path}: cannot be read: {error.strerror}") from None
    except Exception:  # protobuf's DecodeError; onnx guards against other formats by ValueError
        raise CommandError(f"{path}: is not an ONNX model, or a broken one") from None
    _refuse(path, model)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    half = any(each.data_type == TensorProto.FLOAT16 for each in model.graph.initializer)
    return Source(path, digest, _opset(path, model), read_signature(model, str(path)), half)


def _refuse(path: Path, model: ModelProto) -> None:
    if not model.graph.node:
        raise CommandError(f"{path}: is not an ONNX model, or one without nodes")
    _refuse_external(path, model)
    widened = widened_bytes(model)
    if widened >= MOST_BYTES:
        raise CommandError(
            f"{path}: with FP16 weights made FP32 it has {widened / 1e9:.1f} GB; a model file "
            "holds at most 2 GB: such a model cannot be quantized here"
        )
    quantized = next((node for node in model.graph.node if "QuantizeLinear" in node.op_type), None)
    if quantized is not None:
        fix = "give the float model that it was made from"
        raise CommandError(f"{path}: is quantized already ({quantized.op_type}); {fix}")
    try:
        onnx.checker.check_model(model)
    except onnx.checker.ValidationError as error:
        raise CommandError(f"{path}: is not valid ONNX: {first_line(error)}") from None


def _refuse_external(path: Path, model: ModelProto) -> None:
    weights = list(tensors_of(model))
    if not any(external_data_helper.uses_external_data(each) for each in weights):
        return
    total = sum(bytes_of(each) for each in weights)
    if total >= MOST_BYTES:
        raise CommandError(
            f"{path}: weights of {total / 1e9:.1f} GB are in other files; quantization needs them "
            "in one file, which holds at most 2 GB: such a model cannot be quantized here"
        )
    fix = "onnx.save_model(onnx.load(path), other, save_as_external_data=False)"
    raise CommandError(f"{path}: weights are in other files; make it one file: {fix}")


def _opset(path: Path, model: ModelProto) -> int:
    newest = onnx.defs.onnx_opset_version()
    opset = next((each.version for each in model.opset_import if each.domain in _OWN), 0)
    if not 1 <= opset <= newest:
        raise CommandError(
            f"{path}: opset {opset} is not supported: onnx {onnx.__version__} knows 1 to {newest}; "
            "export it again with one that it knows"
        )
    return int(opset)
