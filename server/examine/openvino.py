"""What OpenVINO itself says of a model: the layers that it made and what each runs in.

ONNX Runtime's profile shows a part of the graph that OpenVINO compiled as one node. This compiles
the file once more, through OpenVINO's C API (the wheel's libopenvino_c.so) and with the settings
that ONNX Runtime's provider uses, runs it once and reads the performance counters.
"""

import ctypes
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from ctypes import POINTER, Structure, byref, c_char_p, c_int, c_int64, c_size_t, c_void_p
from typing import Any

from server.onnxruntime_locator import locate

LIBRARY = "libopenvino_c.so"
# The provider's own: OpenVINO alone would take BF16 where the CPU has it.
_PROPERTIES = {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": "1"}


class OpenVinoError(Exception):
    """What OpenVINO said."""


class _Dimension(Structure):
    _fields_ = (("least", c_int64), ("most", c_int64))


class _PartialShape(Structure):
    _fields_ = (("rank", _Dimension), ("dims", POINTER(_Dimension)))


class _ProfilingInfo(Structure):
    _fields_ = (
        ("status", c_int),
        ("real_time", c_int64),  # microseconds
        ("cpu_time", c_int64),
        ("node_name", c_char_p),
        ("exec_type", c_char_p),
        ("node_type", c_char_p),
    )


class _ProfilingInfoList(Structure):
    _fields_ = (("infos", POINTER(_ProfilingInfo)), ("size", c_size_t))


def layers(
    model: str, shapes: Mapping[str, Sequence[int]], options: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Of one run with zeros: name, implementation ("brgconv_avx512_I8"), type, status (0 not run,
    1 optimized out, 2 executed) and microseconds. `shapes`: by input, batch dimension included;
    `options`: the provider's. Raises OpenVinoError."""
    device = options.get("device_type", "CPU")
    if device != "CPU":
        raise OpenVinoError(f"only OpenVINO's CPU device is asked, not {device}")
    try:
        library = ctypes.CDLL(str(locate().path.parent / LIBRARY))
    except OSError as error:
        raise OpenVinoError(f"{LIBRARY} cannot be opened: {error}") from None
    with ExitStack() as stack:
        return _Api(library, stack).layers(model, shapes, _properties(options))


def _properties(options: Mapping[str, str]) -> dict[str, str]:
    """The precision as `options` of ONNX Runtime's provider ask for it."""
    asked = json.loads(options.get("load_config") or "{}").get("CPU", {})
    return _PROPERTIES | {name: str(value) for name, value in asked.items()} | {"PERF_COUNT": "YES"}


class _Api:
    """Calls with every status checked; what they create is freed when `stack` closes."""

    def __init__(self, library: ctypes.CDLL, stack: ExitStack) -> None:
        self._library = library
        self._stack = stack
        library.ov_get_last_err_msg.restype = c_char_p

    def layers(
        self, path: str, shapes: Mapping[str, Sequence[int]], properties: Mapping[str, str]
    ) -> list[dict[str, Any]]:
        core = self._made("ov_core_create", "ov_core_free")
        model = self._made("ov_core_read_model", "ov_model_free", core, path.encode(), None)
        inputs = self._reshape(model, shapes)
        words = [word.encode() for pair in properties.items() for word in pair]
        compiled = self._compiled(core, model, words)
        request = self._made(
            "ov_compiled_model_create_infer_request", "ov_infer_request_free", compiled
        )
        for number in range(inputs):
            self._clear(request, number)
        for _ in range(2):  # the first run of a shape prepares it
            self._call("ov_infer_request_infer", request)
        return self._counters(request)

    def _compiled(self, core: c_void_p, model: c_void_p, words: Sequence[bytes]) -> c_void_p:
        compiled = c_void_p()
        count = c_size_t(len(words))
        self._call("ov_core_compile_model", core, model, b"CPU", count, byref(compiled), *words)
        self._stack.callback(self._library.ov_compiled_model_free, compiled)
        return compiled

    def _reshape(self, model: c_void_p, shapes: Mapping[str, Sequence[int]]) -> int:
        """Gives every input the shape of its name; returns how many there are."""
        count = c_size_t()
        self._call("ov_model_inputs_size", model, byref(count))
        names = (c_char_p * count.value)()
        made = (_PartialShape * count.value)()
        kept = []
        for number in range(count.value):
            port = self._made(
                "ov_model_const_input_by_index",
                "ov_output_const_port_free",
                model,
                c_size_t(number),
            )
            name = c_char_p()
            self._call("ov_port_get_any_name", port, byref(name))
            sizes = shapes[(name.value or b"").decode()]
            dims = (_Dimension * len(sizes))(*(_Dimension(size, size) for size in sizes))
            kept.append((name, dims))
            names[number] = name
            made[number] = _PartialShape(_Dimension(len(sizes), len(sizes)), dims)
        self._call("ov_model_reshape", model, names, made, count)
        for name, _ in kept:
            self._library.ov_free(name)
        return count.value

    def _clear(self, request: c_void_p, number: int) -> None:
        """Zeros: indices that no table can miss."""
        tensor = self._made(
            "ov_infer_request_get_input_tensor_by_index",
            "ov_tensor_free",
            request,
            c_size_t(number),
        )
        data, size = c_void_p(), c_size_t()
        self._call("ov_tensor_data", tensor, byref(data))
        self._call("ov_tensor_get_byte_size", tensor, byref(size))
        ctypes.memset(data, 0, size.value)

    def _counters(self, request: c_void_p) -> list[dict[str, Any]]:
        found = _ProfilingInfoList()
        self._call("ov_infer_request_get_profiling_info", request, byref(found))
        self._stack.callback(self._library.ov_profiling_info_list_free, byref(found))
        return [
            {
                "name": info.node_name.decode(),
                "implementation": info.exec_type.decode(),
                "type": info.node_type.decode(),
                "status": info.status,
                "microseconds": info.real_time,
            }
            for info in found.infos[: found.size]
        ]

    def _made(self, create: str, free: str, *arguments: Any) -> c_void_p:
        """What a function returns through its last argument."""
        made = c_void_p()
        self._call(create, *arguments, byref(made))
        release: Callable[[c_void_p], None] = getattr(self._library, free)
        self._stack.callback(release, made)
        return made

    def _call(self, name: str, *arguments: Any) -> None:
        if getattr(self._library, name)(*arguments) != 0:
            said = (self._library.ov_get_last_err_msg() or b"").decode(errors="replace")
            raise OpenVinoError(f"{name}: {' '.join(said.split())}"[:400])
