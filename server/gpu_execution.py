"""How a model runs on GPUs: what the CUDA and TensorRT providers are told. Pure."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from server.config.spec import ModelConfig, TensorConfig
from server.faults import Fault, MismatchError

_MIB = 1 << 20
# Provider options that the server sets itself -> what to do instead.
_RESERVED = {
    "device_id": "set device_ids",
    "user_compute_stream": "leave it out: every slot has a stream of its own",
    "has_user_compute_stream": "leave it out: every slot has a stream of its own",
    "enable_cuda_graph": "set cuda_graph: true",
    "trt_cuda_graph_enable": "leave it out: TensorRT keeps one graph for all batch sizes",
}


def check_options(config: ModelConfig) -> None:
    """Raises MismatchError for options of a GPU's provider that the server sets itself."""
    faults = [
        Fault(("provider_options", key), f"provider_options: {key} is not yours to set: {fix}")
        for key, fix in _RESERVED.items()
        if config.on_gpu and key in config.provider_options
    ]
    if faults:
        raise MismatchError(faults)


def described_by(config: ModelConfig) -> ModelConfig:
    """What opens a file to find out its tensors: the same, but for TensorRT, which would build an
    engine for every size that is tried."""
    options = dict(config.provider_options)
    if config.execution_provider == "tensorrt":
        options = {}
    if config.on_gpu:
        options = _cuda_memory(config) | options
    provider = "cuda" if config.on_gpu else config.execution_provider
    return config.model_copy(update={"execution_provider": provider, "provider_options": options})


def with_gpu_options(config: ModelConfig, cache: Path | None) -> ModelConfig:
    """A completed configuration with the options of its provider; what it says itself wins, key by
    key. `cache`: a folder that keeps what TensorRT builds; None: nothing is kept. Raises
    MismatchError."""
    if not config.on_gpu:
        return config
    said = config.provider_options
    tensorrt = config.execution_provider == "tensorrt"
    options = _tensorrt(config, cache) if tensorrt else _cuda_memory(config)
    return config.model_copy(update={"provider_options": options | said})


def _limit_per_slot(config: ModelConfig) -> int | None:
    """Bytes; every slot has memory of its own."""
    if config.gpu_memory_limit_mib is None:
        return None
    most = max(config.device_ids.count(device) for device in config.device_ids)
    return config.gpu_memory_limit_mib * _MIB // (most * (config.instance_count or 1))


def _cuda_memory(config: ModelConfig) -> dict[str, str]:
    limit = _limit_per_slot(config)
    return {} if limit is None else {"gpu_mem_limit": str(limit)}


def _tensorrt(config: ModelConfig, cache: Path | None) -> dict[str, str]:
    options = {}
    if cache is not None:
        options = {
            "trt_engine_cache_enable": "1",
            "trt_engine_cache_path": str(cache),
            "trt_timing_cache_enable": "1",
            "trt_timing_cache_path": str(cache),
        }
    limit = _limit_per_slot(config)
    if limit is not None:
        options["trt_max_workspace_size"] = str(limit)
    if not any(key.startswith("trt_profile_") for key in config.provider_options):
        options |= _profiles(config)
    return options


def _profiles(config: ModelConfig) -> dict[str, str]:
    """The sizes for which TensorRT builds one engine; {} where all are fixed."""
    tensors = [tensor for tensor in config.inputs if tensor.datatype != "BYTES"]
    if not config.batched and all(-1 not in tensor.dims for tensor in tensors):
        return {}
    least, usual, largest = [], [], []
    faults: list[Fault] = []
    for tensor in tensors:
        ranges = list(_ranges(config, tensor, faults))
        if ranges:
            least.append(_shape(tensor.name, (low for low, _, _ in ranges)))
            usual.append(_shape(tensor.name, (middle for _, middle, _ in ranges)))
            largest.append(_shape(tensor.name, (high for _, _, high in ranges)))
    if faults:
        raise MismatchError(faults)
    return {
        "trt_profile_min_shapes": ",".join(least),
        "trt_profile_opt_shapes": ",".join(usual),
        "trt_profile_max_shapes": ",".join(largest),
    }


def _shape(name: str, dims: Iterable[int]) -> str:
    return f"{name}:{'x'.join(map(str, dims))}"


def _ranges(
    config: ModelConfig, tensor: TensorConfig, faults: list[Fault]
) -> Iterator[tuple[int, int, int]]:
    """Smallest, usual and largest size of every dimension, the batch's included."""
    if config.batched:
        most = config.max_batch_size or 1
        yield 1, most, most
    samples = [
        sample.inputs[tensor.name].dims for sample in config.warmup if tensor.name in sample.inputs
    ]
    bounds = _padded_lengths(config, tensor)
    for axis, size in enumerate(tensor.dims):
        if size != -1:
            yield size, size, size
            continue
        usual = [dims[axis] for dims in samples] or [max(bounds, default=0)]
        largest = max([*usual, *bounds])
        if largest < 1:
            message = (
                f'input "{tensor.name}" has dims {list(tensor.dims)}: TensorRT must know how large '
                "they get; add a warm-up sample of the largest, or padding with buckets"
            )
            faults.append(Fault(("inputs",), message))
            return
        yield 1, usual[0], largest


def _padded_lengths(config: ModelConfig, tensor: TensorConfig) -> tuple[int, ...]:
    padding = config.padding
    if padding is None or tensor.name not in (*padding.inputs, padding.mask):
        return ()
    return tuple(padding.buckets or ())
