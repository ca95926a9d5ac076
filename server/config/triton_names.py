"""Triton's names of what our specification calls otherwise."""

from collections.abc import Sequence

from google.protobuf.internal.enum_type_wrapper import EnumTypeWrapper

from server.config.lines import Location

_PLACES: dict[str, Location] = {
    "inputs": ("input",),
    "outputs": ("output",),
    "filename": ("default_model_filename",),
    "instance_count": ("instance_group",),
    "device_ids": ("instance_group", 0, "gpus"),
    "gpu_memory_limit_mib": ("parameters", "gpu_memory_limit_mib"),
    "cuda_graph": ("parameters", "cuda_graph"),
    "intra_op_threads": ("parameters", "intra_op_thread_count"),
    "inter_op_threads": ("parameters", "inter_op_thread_count"),
    "latency_slo_ms": ("parameters", "latency_slo_ms"),
    "weight": ("parameters", "weight"),
    "require_int8": ("parameters", "require_int8"),
    "execution_provider": ("parameters", "execution_provider"),
    "max_queue_size": ("dynamic_batching", "default_queue_policy", "max_queue_size"),
    "warmup": ("model_warmup",),
}
_KEYS = {"datatype": "data_type", "file": "input_data_file"}


def triton_location(location: Location, outputs: Sequence[str] = ()) -> Location:
    """Where in a config.pbtxt stands what the specification has at `location`; `outputs`: their
    names, in the file's order."""
    if not location:
        return location
    first, *inner = location
    if first == "labels" and inner and inner[0] in outputs:
        return ("output", outputs.index(str(inner[0])), "label_filename")
    keys = [_KEYS.get(part, part) if isinstance(part, str) else part for part in inner]
    return (*_PLACES.get(str(first), (first,)), *keys)


def enum_name(enum: EnumTypeWrapper, number: int) -> str:
    """The name of a value, or its digits: a file may hold any number."""
    return enum.Name(number) if number in enum.values() else str(number)
