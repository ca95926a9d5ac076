"""Fields of Triton's ModelConfig that we lack: refused when they would change results."""

from server.config.lines import Location
from server.config.triton_notes import Notes
from server.proto import model_config_pb2 as pb

_PADDING = "model.yaml can have its inputs padded instead (padding: {inputs: {NAME: 0}})"
# Message fields whose presence changes what a request gets back -> why, and what to do.
_REFUSED = {
    "ensemble_scheduling": "ensembles are not supported; serve and call the steps one by one",
    "sequence_batching": "sequence batching is not supported; models must be stateless",
    "batch_input": f"ragged batches are not supported; {_PADDING}",
    "batch_output": f"ragged batches are not supported; {_PADDING}",
    "cc_model_filenames": "one file per GPU architecture is not supported; use "
    "default_model_filename",
    "model_operations": "custom operator libraries are not supported",
    "model_repository_agents": "repository agents are not supported; prepare the files beforehand",
}
_NO_EFFECT = {
    "response_cache": "there is no response cache; every request is computed",
    "metric_tags": "metric_tags have no effect",
    "model_metrics": "model_metrics have no effect; histogram buckets are fixed",
}


def judge_fields(message: pb.ModelConfig, notes: Notes) -> None:
    """Refuses or warns about everything that the conversion does not carry over."""
    present = {field.name for field, _ in message.ListFields()}
    for field, why in _REFUSED.items():
        if field in present:
            notes.refuse((field,), f"{field}: {why}")
    for field, why in _NO_EFFECT.items():
        if field in present:
            notes.warn((field,), why)
    if message.model_transaction_policy.decoupled:
        notes.refuse("decoupled", "decoupled: models that answer several times are not supported")
    _judge_backend(message, notes)
    _judge_tensors(message, notes)
    _judge_batching(message, notes)
    _judge_optimization(message, notes)


def _judge_backend(message: pb.ModelConfig, notes: Notes) -> None:
    if message.backend not in ("", "onnxruntime"):
        why = 'only "onnxruntime" is served here; export the model to ONNX'
        notes.refuse("backend", f'backend: "{message.backend}": {why}')
    if message.platform not in ("", "onnxruntime_onnx"):
        why = 'only "onnxruntime_onnx" is served here'
        notes.refuse("platform", f'platform: "{message.platform}": {why}')


def _judge_tensors(message: pb.ModelConfig, notes: Notes) -> None:
    tensors: list[tuple[Location, pb.ModelInput | pb.ModelOutput]] = [
        *((("input", number), each) for number, each in enumerate(message.input)),
        *((("output", number), each) for number, each in enumerate(message.output)),
    ]
    for at, tensor in tensors:
        if tensor.HasField("reshape") and list(tensor.reshape.shape) != list(tensor.dims):
            why = "is not supported; write the dims of the model file instead"
            notes.refuse((*at, "reshape"), f'"{tensor.name}": reshape {why}')
        if tensor.is_shape_tensor or tensor.is_non_linear_format_io:
            notes.refuse(at, f'"{tensor.name}": TensorRT-only formats cannot work')
        if isinstance(tensor, pb.ModelInput):
            _judge_input(tensor, at, notes)


def _judge_input(tensor: pb.ModelInput, at: Location, notes: Notes) -> None:
    if tensor.allow_ragged_batch:
        why = f"ragged batches are not supported; {_PADDING}"
        notes.refuse((*at, "allow_ragged_batch"), f'"{tensor.name}": {why}')
    if tensor.optional:
        why = "optional inputs are not supported"
        notes.refuse((*at, "optional"), f'"{tensor.name}": {why}')


def _judge_batching(message: pb.ModelConfig, notes: Notes) -> None:
    if message.HasField("dynamic_batching") and message.max_batch_size == 0 and message.input:
        why = "combines nothing with max_batch_size: 0; only its queue policies apply"
        notes.warn("dynamic_batching", f"dynamic_batching {why}")


def _judge_optimization(message: pb.ModelConfig, notes: Notes) -> None:
    used = ("graph", "execution_accelerators")
    for field, _ in message.optimization.ListFields():
        if field.name not in used:
            notes.warn(("optimization", field.name), f"optimization.{field.name} has no effect")
