"""instance_group, execution_accelerators and ONNX Runtime's parameters of a config.pbtxt."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from server.config.spec import ProviderChoice
from server.config.triton_names import enum_name
from server.config.triton_notes import Notes
from server.proto import model_config_pb2 as pb

Accelerators = Iterable[pb.ModelOptimizationPolicy.ExecutionAccelerators.Accelerator]


@dataclass
class Execution:
    """Where and how the model runs; None: decided by the server or the machine."""

    provider: ProviderChoice | None = None
    options: dict[str, str] = field(default_factory=dict)
    device_ids: tuple[int, ...] = (0,)
    instance_count: int | None = None
    intra_op_threads: int | None = None
    inter_op_threads: int = 1


# Triton's own names of TensorRT options; the rest are ONNX Runtime's names already.
_TENSORRT_NAMES = {
    "max_workspace_size_bytes": "trt_max_workspace_size",
    "minimum_segment_size": "trt_min_subgraph_size",
    "int8_calibration_table_name": "trt_int8_calibration_table_name",
    "int8_use_native_calibration_table": "trt_int8_use_native_calibration_table",
}
_PRECISION = {"FP32": {}, "FP16": {"trt_fp16_enable": "1"}, "INT8": {"trt_int8_enable": "1"}}
# Top-level parameters that Triton passes to the CUDA provider.
_CUDA_PARAMETERS = (
    "cudnn_conv_algo_search",
    "gpu_mem_limit",
    "arena_extend_strategy",
    "do_copy_in_default_stream",
)
# Our own top-level parameters, read by from_triton.py.
OWN_PARAMETERS = (
    *("latency_slo_ms", "weight", "execution_provider", "require_int8"),
    *("gpu_memory_limit_mib", "cuda_graph"),
)
_THREADS = ("intra_op_thread_count", "inter_op_thread_count", "execution_mode")


def read_execution(message: pb.ModelConfig, gpu: bool, notes: Notes) -> Execution:
    """`gpu` says whether KIND_AUTO may mean the GPU, as in Triton. A kind alone names CUDA's or
    the CPU's own provider; without a kind, accelerators or options it is left open."""
    found = Execution()
    on_gpu = _read_groups(message, gpu, found, notes)
    accelerators = message.optimization.execution_accelerators
    kinds = {group.kind for group in message.instance_group} - {pb.ModelInstanceGroup.KIND_AUTO}
    if on_gpu:
        found.provider = "cuda"
        _read_gpu(accelerators.gpu_execution_accelerator, found, notes)
    else:
        found.provider = "cpu"
        _read_cpu(accelerators.cpu_execution_accelerator, found, notes)
    _read_parameters(message, on_gpu, found, notes)
    default = "cuda" if on_gpu else "cpu"
    if not kinds and not found.options and found.provider == default:
        found.provider = None
    _judge_choice(message, found, notes)
    return found


def _judge_choice(message: pb.ModelConfig, found: Execution, notes: Notes) -> None:
    """Options of one provider must not go to another."""
    if "execution_provider" not in message.parameters:
        return
    asked = message.parameters["execution_provider"].string_value
    if found.options and asked != found.provider:
        at = ("parameters", "execution_provider")
        options = ", ".join(found.options)
        notes.refuse(at, f'execution_provider: "{asked}", but {options} belong to {found.provider}')


def _read_groups(message: pb.ModelConfig, gpu: bool, found: Execution, notes: Notes) -> bool:
    kinds = set()
    for group in message.instance_group:
        kinds.add(enum_name(pb.ModelInstanceGroup.Kind, group.kind))
        _judge_group(group, notes)
    if any(group.count for group in message.instance_group):
        found.instance_count = sum(group.count or 1 for group in message.instance_group)
    _read_gpus(message, found)
    if len(kinds) > 1:
        names = ", ".join(sorted(kinds))
        notes.refuse("instance_group", f"instance_group: one kind per model, not {names}")
    if kinds & {"KIND_GPU"}:
        return True
    return gpu and not kinds & {"KIND_CPU"}


def _read_gpus(message: pb.ModelConfig, found: Execution) -> None:
    """A group has `count` instances on each of its GPUs."""
    groups = [(group.count or 1, group.gpus) for group in message.instance_group if group.gpus]
    if not groups:
        return
    if len({count for count, _ in groups}) == 1:
        found.device_ids = tuple(gpu for _, gpus in groups for gpu in gpus)
        found.instance_count = groups[0][0] if found.instance_count is not None else None
    else:
        found.device_ids = tuple(gpu for count, gpus in groups for gpu in list(gpus) * count)
        found.instance_count = 1


def _judge_group(group: pb.ModelInstanceGroup, notes: Notes) -> None:
    if group.kind not in pb.ModelInstanceGroup.Kind.values():
        allowed = ", ".join(pb.ModelInstanceGroup.Kind.keys())
        notes.refuse("kind", f"instance_group.kind: {group.kind} should be one of {allowed}")
    if group.passive:
        notes.refuse("passive", "instance_group: passive instances are not supported")
    for name in ("rate_limiter", "secondary_devices", "profile", "host_policy"):
        if any(each.name == name for each, _ in group.ListFields()):
            notes.warn(name, f"instance_group.{name} has no effect")


def _read_gpu(accelerators: Accelerators, found: Execution, notes: Notes) -> None:
    for each in accelerators:
        if each.name == "tensorrt":
            found.provider = "tensorrt"
            found.options.update(_tensorrt_options(each.parameters, notes))
        elif each.name == "cuda":
            if found.provider == "cuda":
                found.options.update(each.parameters)
        elif each.name in ("auto_mixed_precision", "gpu_io"):
            notes.warn(each.name, f'accelerator "{each.name}" has no effect on ONNX models')
        else:
            known = '"tensorrt" and "cuda"'
            notes.refuse("name", f'gpu_execution_accelerator "{each.name}": only {known} exist')


def _read_cpu(accelerators: Accelerators, found: Execution, notes: Notes) -> None:
    for each in accelerators:
        if each.name == "openvino":
            found.provider = "openvino"
            found.options.update(each.parameters)
        else:
            notes.refuse("name", f'cpu_execution_accelerator "{each.name}": only "openvino" exists')


def _tensorrt_options(parameters: Mapping[str, str], notes: Notes) -> dict[str, str]:
    options = {
        _TENSORRT_NAMES.get(name, name): value
        for name, value in parameters.items()
        if name != "precision_mode"
    }
    precision = parameters.get("precision_mode", "FP32")
    if precision not in _PRECISION:
        notes.refuse("precision_mode", f'precision_mode: "{precision}" is not FP32, FP16 or INT8')
    return options | _PRECISION.get(precision, {})


def _read_parameters(message: pb.ModelConfig, on_gpu: bool, found: Execution, notes: Notes) -> None:
    values = {name: parameter.string_value for name, parameter in message.parameters.items()}
    numbers = {name: _number(name, values[name], notes) for name in _THREADS if name in values}
    found.intra_op_threads = numbers.get("intra_op_thread_count") or None
    if numbers.get("execution_mode"):
        found.inter_op_threads = numbers.get("inter_op_thread_count") or 1
    for name in values.keys() - numbers.keys() - set(OWN_PARAMETERS):
        if name in _CUDA_PARAMETERS and on_gpu:
            found.options[name] = values[name]
        else:
            notes.warn(("parameters", name), f'parameter "{name}" has no effect')


def _number(name: str, value: str, notes: Notes) -> int:
    if value.isdecimal() and len(value) <= 4:
        return int(value)
    at = ("parameters", name)
    notes.refuse(at, f'parameter "{name}": "{value}" is not a number from 0 to 1024')
    return 0
