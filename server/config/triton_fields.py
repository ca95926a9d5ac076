"""Fields of Triton's ModelConfig that we lack: refused when they would change results."""

from server.config.triton_notes import Notes
from server.proto import model_config_pb2 as pb

# Message fields whose presence changes what a request gets back -> why, and what to do.
_REFUSED = {
    "ensemble_scheduling": "ensembles are not supported; serve and call the steps one by one",
    "sequence_batching": "sequence batching is not supported; models must be stateless",
    "batch_input": "ragged batches are not supported; remove batch_input",
    "batch_output": "ragged batches are not supported; remove batch_output",
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
            notes.refuse(field, f"{field}: {why}")
    for field, why in _NO_EFFECT.items():
        if field in present:
            notes.warn(field, why)
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
    tensors: list[pb.ModelInput | pb.ModelOutput] = [*message.input, *message.output]
    for tensor in tensors:
        if not tensor.name:
            notes.refuse("input", "an input or output has no name")
        if tensor.HasField("reshape") and list(tensor.reshape.shape) != list(tensor.dims):
            why = "is not supported; write the dims of the model file instead"
            notes.refuse("reshape", f'"{tensor.name}": reshape {why}')
        if tensor.is_shape_tensor or tensor.is_non_linear_format_io:
            notes.refuse("is_shape_tensor", f'"{tensor.name}": TensorRT-only formats cannot work')
    for each in message.input:
        if each.allow_ragged_batch:
            notes.refuse("allow_ragged_batch", f'"{each.name}": ragged batches are not supported')
        if each.optional:
            notes.refuse("optional", f'"{each.name}": optional inputs are not supported')
    for output in message.output:
        if output.label_filename:
            why = "labels have no effect; the classification extension is not supported"
            notes.warn("label_filename", f'"{output.name}": {why}')


def _judge_batching(message: pb.ModelConfig, notes: Notes) -> None:
    block = message.dynamic_batching
    if message.HasField("dynamic_batching") and message.max_batch_size == 0 and message.input:
        notes.warn("dynamic_batching", "dynamic_batching has no effect with max_batch_size: 0")
    if block.preserve_ordering:
        notes.refuse("preserve_ordering", "preserve_ordering: answers leave as they are ready")
    if block.priority_levels or block.priority_queue_policy:
        notes.warn("priority_levels", "priorities have no effect: requests are served in order")
    policy = block.default_queue_policy
    if policy.default_timeout_microseconds or policy.allow_timeout_override:
        field = "default_queue_policy"
        why = "queue timeouts have no effect; a client's gRPC deadline is honoured while queued"
        notes.warn(field, f"{field}: {why}")


def _judge_optimization(message: pb.ModelConfig, notes: Notes) -> None:
    used = ("graph", "execution_accelerators")
    for field, _ in message.optimization.ListFields():
        if field.name not in used:
            notes.warn(field.name, f"optimization.{field.name} has no effect")
