"""The engine's form of a configuration."""

from collections.abc import Mapping, Sequence

from server.config.scheduling_spec import DynamicBatching
from server.config.spec import ModelConfig, TensorConfig
from server.engine import (
    ExecutionSpec,
    ModelSpec,
    Padding,
    Postprocess,
    Priority,
    QueuePolicy,
    TensorSpec,
)
from server.preprocessing import Preprocessing
from server.seeding import powers_of_two

_POWERS_OF_TWO = tuple(16 << power for power in range(28))  # up to any length


def execution(config: ModelConfig) -> ExecutionSpec:
    """The engine's form of how the model runs."""
    return ExecutionSpec(
        provider=config.execution_provider or "cpu",
        options=dict(config.provider_options),
        intra_op_threads=config.intra_op_threads or 1,
        inter_op_threads=config.inter_op_threads,
        optimization_level=config.level,
        device_id=config.device_ids[0],
        cuda_graph=config.cuda_graph,
    )


def model_spec(
    preprocessing: Preprocessing, name: str, version: int, labels: Mapping[str, Sequence[str]]
) -> ModelSpec:
    """The engine's form of a completed configuration; `labels`: by output, then by class."""
    config = preprocessing.config
    queueing = config.queueing
    tuning = queueing if config.combines_requests else DynamicBatching()
    return ModelSpec(
        name=name,
        version=version,
        inputs=[_tensor(each, config.batched) for each in config.inputs],
        outputs=[_tensor(each, config.batched) for each in config.outputs],
        execution=execution(config),
        max_batch_size=config.max_batch_size or 0,
        dynamic_batching=config.combines_requests,
        preferred_batch_sizes=tuning.preferred_batch_size,
        max_queue_delay_us=tuning.max_queue_delay_microseconds,
        latency_target_us=round((config.latency_slo_ms or 0) * 1000),
        instance_count=config.slots,
        device_ids=config.device_ids if config.on_gpu else (),
        max_queue_size=config.max_queue_size,
        priority=_priority(queueing),
        preserve_ordering=queueing.preserve_ordering,
        weight=config.weight,
        padding=_padding(config),
        warm_batch_sizes=warm_batch_sizes(config),
        postprocess=_postprocess(config, labels),
        raw_inputs=preprocessing.raw_inputs,
        raw_groups=preprocessing.raw_groups,
    )


def warm_batch_sizes(config: ModelConfig) -> list[int]:
    """OpenVINO compiles kernels for every new batch size, while a request waits, and a GPU finds
    or captures them: those of server.seeding and the preferred ones are enough. Strings never get
    to a GPU, so there is nothing to fill up."""
    compiles = config.execution_provider == "openvino" and config.combines_requests
    strings = any(tensor.datatype == "BYTES" for tensor in config.inputs)
    fills = config.on_gpu and config.batched and not strings
    if not compiles and not fills:
        return []
    preferred = config.queueing.preferred_batch_size if config.combines_requests else ()
    return sorted({*powers_of_two(config.max_batch_size or 1), *preferred})


def _priority(queueing: DynamicBatching) -> Priority:
    levels = queueing.priority_levels
    written = next(queueing.written_policies(), None) is not None
    numbers = range(1, levels + 1) if levels else (0,) if written else ()
    policies = map(queueing.policy, numbers)
    return Priority(
        levels=levels,
        default_level=queueing.default_priority_level,
        policies=[
            QueuePolicy(
                timeout_us=policy.default_timeout_microseconds,
                delays=policy.delays,
                timeout_override=policy.allow_timeout_override,
                max_size=policy.max_queue_size,
            )
            for policy in policies
        ],
    )


def _padding(config: ModelConfig) -> Padding:
    padding = config.padding
    if padding is None:
        return Padding(inputs={})
    inputs = {tensor.name: index for index, tensor in enumerate(config.inputs)}
    outputs = {tensor.name: index for index, tensor in enumerate(config.outputs)}
    return Padding(
        inputs={inputs[name]: value for name, value in padding.inputs.items()},
        mask=-1 if padding.mask is None else inputs[padding.mask],
        outputs=[outputs[name] for name in padding.outputs or ()],
        buckets=padding.buckets or _POWERS_OF_TWO,
    )


def _postprocess(config: ModelConfig, labels: Mapping[str, Sequence[str]]) -> list[Postprocess]:
    softened = {name for name, each in config.postprocess.items() if each.softmax}
    if not labels and not softened:
        return []
    return [
        Postprocess(softmax=each.name in softened, labels=labels.get(each.name, ()))
        for each in config.outputs
    ]


def _tensor(tensor: TensorConfig, batched: bool) -> TensorSpec:
    dims = [-1, *tensor.dims] if batched else list(tensor.dims)
    return TensorSpec(tensor.name, tensor.datatype, dims)
