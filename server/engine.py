"""The native engine, as the rest of the control plane sees it. The only module that imports
server._core."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from server._core import (
    Bucketize,
    ColumnFeature,
    ColumnsInput,
    ColumnsSpec,
    CoreError,
    Engine,
    EngineOptions,
    ExecutionSpec,
    HashBuckets,
    HistogramSnapshot,
    ImageInput,
    ImageSpec,
    IsMissing,
    MinMax,
    Model,
    ModelSnapshot,
    ModelSpec,
    OneHot,
    Ordinal,
    Padding,
    Postprocess,
    Priority,
    QueuePolicy,
    RawGroup,
    RequestRecord,
    Route,
    Runtime,
    ServerStats,
    Slots,
    Standardize,
    TensorSpec,
    TextInput,
    TextSource,
    TextSpec,
    Version,
    encode_texts,
)
from server.control.rpc import RpcError

if TYPE_CHECKING:
    from server._core import PythonMethod

__all__ = [
    "Bucketize",
    "ColumnFeature",
    "ColumnsInput",
    "ColumnsSpec",
    "CoreError",
    "Engine",
    "EngineOptions",
    "ExecutionSpec",
    "HashBuckets",
    "HistogramSnapshot",
    "ImageInput",
    "ImageSpec",
    "IsMissing",
    "MinMax",
    "Model",
    "ModelSnapshot",
    "ModelSpec",
    "OneHot",
    "Ordinal",
    "Padding",
    "Postprocess",
    "Priority",
    "QueuePolicy",
    "RawGroup",
    "RequestRecord",
    "Route",
    "Runtime",
    "ServerStats",
    "Slots",
    "Standardize",
    "TensorSpec",
    "TextInput",
    "TextSource",
    "TextSpec",
    "Version",
    "encode_texts",
    "serve_methods",
]


def serve_methods(engine: Engine, methods: Mapping[str, Callable[[bytes], bytes]]) -> None:
    """Serves gRPC paths by Python; RpcError becomes the status of the call."""
    engine.set_python_methods({path: _mapped(method) for path, method in methods.items()})


def _mapped(method: Callable[[bytes], bytes]) -> "PythonMethod":
    def call(request: bytes) -> bytes:
        try:
            return method(request)
        except RpcError as error:
            raise CoreError(error.code, error.message) from None

    return call
