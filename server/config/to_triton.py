"""Our specification -> Triton's ModelConfig message (the answer of the ModelConfig RPC)."""

from collections.abc import Sequence

from server.config.dtypes import TRITON_NAME
from server.config.scheduling_spec import DynamicBatching
from server.config.spec import ModelConfig, TensorConfig, Warmup
from server.config.triton_batching import write_batching
from server.proto import model_config_pb2 as pb

_LEVELS = {"all": 0, "basic": -1, "extended": 1, "off": 2}


def to_triton(config: ModelConfig, name: str, inputs: Sequence[TensorConfig]) -> pb.ModelConfig:
    """`config` is completed; `name` the model's; `inputs` as clients send them."""
    message = pb.ModelConfig(
        name=name,
        platform="onnxruntime_onnx",
        backend="onnxruntime",
        max_batch_size=config.max_batch_size or 0,
        default_model_filename=config.filename,
    )
    _versions(config, message)
    for tensor in inputs:
        message.input.add(
            name=tensor.name, data_type=TRITON_NAME[tensor.datatype], dims=tensor.dims
        )
    for tensor in config.outputs:
        message.output.add(
            name=tensor.name,
            data_type=TRITON_NAME[tensor.datatype],
            dims=tensor.dims,
            label_filename=config.labels.get(tensor.name, ""),
        )
    if config.combines_requests or isinstance(config.dynamic_batching, DynamicBatching):
        write_batching(config, message)
    _execution(config, name, message)
    _parameters(config, message)
    for sample in config.warmup:
        _warmup(sample, message.model_warmup.add())
    return message


def _versions(config: ModelConfig, message: pb.ModelConfig) -> None:
    policy = config.version_policy
    if policy.specific is not None:
        message.version_policy.specific.versions.extend(policy.specific)
    elif policy.latest is not None:
        message.version_policy.latest.num_versions = policy.latest
    else:
        message.version_policy.all.SetInParent()


def _parameters(config: ModelConfig, message: pb.ModelConfig) -> None:
    if config.latency_slo_ms is not None:
        message.parameters["latency_slo_ms"].string_value = f"{config.latency_slo_ms:.15g}"
    if config.gpu_memory_limit_mib is not None:
        limit = str(config.gpu_memory_limit_mib)
        message.parameters["gpu_memory_limit_mib"].string_value = limit
    if config.cuda_graph:
        message.parameters["cuda_graph"].string_value = "true"
    if config.require_int8:
        message.parameters["require_int8"].string_value = "true"
    if config.weight != 1:
        message.parameters["weight"].string_value = f"{config.weight:.15g}"


def _execution(config: ModelConfig, name: str, message: pb.ModelConfig) -> None:
    on_gpu = config.execution_provider in ("cuda", "tensorrt")
    kinds = pb.ModelInstanceGroup
    chosen = kinds.KIND_GPU if on_gpu else kinds.KIND_CPU
    message.instance_group.add(
        name=f"{name}_0",
        count=config.instance_count or 1,
        kind=kinds.KIND_AUTO if config.execution_provider in (None, "auto") else chosen,
        gpus=config.device_ids if on_gpu else [],
    )
    message.optimization.graph.level = _LEVELS[config.optimization_level]
    accelerators = message.optimization.execution_accelerators
    provider = config.execution_provider
    if provider in ("cuda", "tensorrt"):
        each = accelerators.gpu_execution_accelerator.add(name=provider)
        each.parameters.update(config.provider_options)
    elif provider == "openvino":
        each = accelerators.cpu_execution_accelerator.add(name=provider)
        each.parameters.update(config.provider_options)
    intra, inter = config.intra_op_threads or 1, config.inter_op_threads
    message.parameters["intra_op_thread_count"].string_value = str(intra)
    if inter > 1:
        message.parameters["execution_mode"].string_value = "1"
        message.parameters["inter_op_thread_count"].string_value = str(inter)


def _warmup(sample: Warmup, message: pb.ModelWarmup) -> None:
    message.name = sample.name
    message.batch_size = sample.batch_size
    message.count = sample.count
    for name, source in sample.inputs.items():
        to = message.inputs[name]
        datatype = TRITON_NAME[source.datatype]
        to.MergeFrom(pb.ModelWarmup.Input(data_type=datatype, dims=source.dims))
        if source.file is not None:
            to.input_data_file = source.file
        elif source.data == "random":
            to.random_data = True
        else:
            to.zero_data = True
