"""Requests that are wrong inside: the right code, and a message that says how to mend it."""

from collections.abc import Callable, Sequence
from typing import Any

import grpc
import numpy as np
import pytest

from server.proto import inference_pb2
from tests.e2e.client import Client, infer_request
from tests.e2e.tensors import Array
from tests.server_process import ServerProcess

Request = inference_pb2.ModelInferRequest
INVALID = grpc.StatusCode.INVALID_ARGUMENT
NOT_FOUND = grpc.StatusCode.NOT_FOUND
INTERNAL = grpc.StatusCode.INTERNAL
UNIMPLEMENTED = grpc.StatusCode.UNIMPLEMENTED


def good() -> Request:
    return infer_request("identity_fp32", {"INPUT0": np.ones((2, 16), np.float32)})


def changed(*, shape: Sequence[int] | None = None, **fields: str) -> Request:
    """The good request with fields of its one input set."""
    request = good()
    if shape is not None:
        request.inputs[0].shape[:] = shape
    for name, value in fields.items():
        setattr(request.inputs[0], name, value)
    return request


def raw(*contents: bytes) -> Request:
    request = good()
    del request.raw_input_contents[:]
    request.raw_input_contents.extend(contents)
    return request


def typed(field: str, count: int) -> Request:
    request = raw()
    getattr(request.inputs[0].contents, field).extend([1] * count)
    return request


def both_kinds() -> Request:
    request = good()
    request.inputs[0].contents.fp32_contents.extend([1.0] * 32)
    return request


def strings(content: bytes) -> Request:
    request = Request(model_name="identity_bytes", raw_input_contents=[content])
    request.inputs.add(name="INPUT0", datatype="BYTES", shape=[1, 4])
    return request


def bools(content: bytes) -> Request:
    request = Request(model_name="identity_bool", raw_input_contents=[content])
    request.inputs.add(name="INPUT0", datatype="BOOL", shape=[1, 4])
    return request


def without_input(name: str) -> Request:
    inputs: dict[str, Array] = {f"IN{i}": np.ones((1, 2), np.float32) for i in range(32)}
    del inputs[name]
    return infer_request("many_io", inputs)


def twice() -> Request:
    request = good()
    request.inputs.append(request.inputs[0])
    request.raw_input_contents.append(request.raw_input_contents[0])
    return request


def uneven_rows() -> Request:
    inputs: dict[str, Array] = {f"IN{i}": np.ones((1, 2), np.float32) for i in range(32)}
    inputs["IN7"] = np.ones((2, 2), np.float32)
    return infer_request("many_io", inputs)


def asking_for(*outputs: str) -> Request:
    request = good()
    for name in outputs:
        request.outputs.add(name=name)
    return request


def with_parameter(key: str, **value: Any) -> Request:
    request = good()
    request.parameters[key].CopyFrom(inference_pb2.InferParameter(**value))
    return request


def in_shared_memory() -> Request:
    request = raw()
    request.inputs[0].parameters["shared_memory_region"].string_param = "region"
    request.inputs[0].parameters["shared_memory_byte_size"].int64_param = 128
    return request


def classified(**count: Any) -> Request:
    request = asking_for("OUTPUT0")
    chosen = inference_pb2.InferParameter(**count)
    request.outputs[0].parameters["classification"].CopyFrom(chosen)
    return request


SHAPES: dict[str, tuple[Request, str]] = {
    "a dimension too long": (changed(shape=[2, 17]), "dimension 1 must be 16"),
    "a dimension too short": (changed(shape=[2, 15]), "dimension 1 must be 16"),
    "too few dimensions": (changed(shape=[32]), "send 2 dimensions, not 1"),
    "no dimensions": (changed(shape=[]), "send 2 dimensions, not 0"),
    "too many dimensions": (changed(shape=[2, 16, 1]), "send 2 dimensions, not 3"),
    "100,000 dimensions": (changed(shape=[1] * 100_000), "not 100000"),
    "a negative dimension": (changed(shape=[-1, 16]), "negative"),
    "the smallest integer": (changed(shape=[-(2**63), 16]), "negative"),
    "more rows than max_batch_size": (changed(shape=[33, 16]), "max_batch_size is 32"),
    "no rows": (changed(shape=[0, 16]), "send 1 to 32 rows"),
    "a shape that overflows": (changed(shape=[2**40, 2**40]), "expected shape [-1,16]"),
    "rows that overflow": (changed(shape=[2**62, 16]), "[4611686018427387904,16]"),
    "rows that differ between inputs": (uneven_rows(), "must be the same for all"),
}
CONTENTS: dict[str, tuple[Request, str]] = {
    "another datatype": (changed(datatype="INT32"), "expected datatype FP32, got 'INT32'"),
    "no datatype": (changed(datatype=""), "expected datatype FP32"),
    "an unknown datatype": (changed(datatype="FLOAT"), "expected datatype FP32, got 'FLOAT'"),
    "too few raw bytes": (raw(bytes(124)), "expected 32 x 4 bytes"),
    "too many raw bytes": (raw(bytes(132)), "got 132 bytes"),
    "half an element": (raw(bytes(127)), "got 127 bytes"),
    "no data at all": (raw(), "contents.fp32_contents or raw_input_contents"),
    "two raw contents for one input": (raw(bytes(128), bytes(128)), "got 2"),
    "raw and typed contents": (both_kinds(), "use one of the two"),
    "too few typed elements": (typed("fp32_contents", 31), "expected 32 elements"),
    "typed contents of another type": (typed("int_contents", 32), "not into int_contents"),
    "a string cut off": (strings(b"\x09\0\0\0abc"), "says 9 bytes, but 3 are left"),
    "a string length cut off": (strings(b"\x01\0\0\0a\x09\0"), "is cut off"),
    "a string longer than memory": (strings(b"\xff\xff\xff\xff"), "4294967295"),
    "too few strings": (strings(b"\x01\0\0\0a" * 3), "expected 4 BYTES elements"),
    "too many strings": (strings(b"\x01\0\0\0a" * 5), "got 5"),
    "a boolean of 2": (bools(b"\0\1\2\1"), "must be 0 or 1"),
}
NAMES: dict[str, tuple[Request, str]] = {
    "a missing input": (without_input("IN31"), "lacks input 'IN31'"),
    "no inputs": (Request(model_name="identity_fp32"), "lacks input 'INPUT0'"),
    "an input twice": (twice(), "given twice"),
    "an unknown input": (changed(name="INPUT"), "'INPUT0' (FP32 [-1,16])"),
    "an unnamed input": (changed(name=""), "'INPUT0' (FP32 [-1,16])"),
    "a very long input name": (changed(name="x" * 1_000_000), "its inputs are 'INPUT0'"),
    "an unknown output": (asking_for("OUTPUT"), "its outputs are 'OUTPUT0'"),
    "an output twice": (asking_for("OUTPUT0", "OUTPUT0"), "request each output once"),
    "a timeout that is text": (with_parameter("timeout", string_param="5"), "'timeout'"),
    "a negative timeout": (with_parameter("timeout", int64_param=-5), "non-negative"),
    "no classes": (classified(int64_param=0), "an int64_param of 1 or more"),
    "fewer than no classes": (classified(int64_param=-(2**63)), "an int64_param of 1 or more"),
    "classes by name": (classified(string_param="three"), "(string_param 'three') must be"),
}
UNSUPPORTED: dict[str, tuple[Request, str]] = {
    "shared memory": (in_shared_memory(), "send and receive tensors in the messages"),
    "a sequence": (with_parameter("sequence_id", uint64_param=7), "sequence_id"),
}


@pytest.mark.parametrize("kind", [*SHAPES, *CONTENTS, *NAMES])
def test_invalid_argument_says_what_was_expected(zoo_client: Client, kind: str) -> None:
    request, hint = {**SHAPES, **CONTENTS, **NAMES}[kind]
    refused = zoo_client.refusal(request)
    assert refused.code is INVALID, refused
    assert hint in refused.message
    assert len(refused.message) < 2000
    assert zoo_client.send(good())


@pytest.mark.parametrize("kind", UNSUPPORTED)
def test_what_is_not_supported_is_refused_by_name(zoo_client: Client, kind: str) -> None:
    request, hint = UNSUPPORTED[kind]
    refused = zoo_client.refusal(request)
    assert refused.code is UNIMPLEMENTED, refused
    assert hint in refused.message
    assert zoo_client.send(good())


@pytest.mark.parametrize("model", ["", "unknown", "Identity_fp32", "x" * 100_000, "zipmap"])
def test_a_model_that_is_not_served(zoo_client: Client, model: str) -> None:
    request = good()
    request.model_name = model
    refused = zoo_client.refusal(request)
    assert refused.code in (NOT_FOUND, grpc.StatusCode.UNAVAILABLE), refused
    assert len(refused.message) < 2000
    assert zoo_client.send(good())


def truncated(cut: int) -> bytes:
    message: bytes = good().SerializeToString()
    return message[:-cut]


def bad_utf8(field: bytes) -> bytes:
    """A protobuf string field (number and wire type in `field`) that is not UTF-8."""
    rest: bytes = good().SerializeToString()
    return field + b"\x02\xc3\x28" + rest


NO_PROTOBUF: dict[str, Callable[[], bytes]] = {
    "one byte short": lambda: truncated(1),
    "cut inside the tensor": lambda: truncated(100),
    "text": lambda: b"GET / HTTP/1.1\r\n\r\n",
    "an endless varint": lambda: b"\xff" * 100,
    "field number 0": lambda: b"\x00\x01" + good().SerializeToString(),
    "an unknown wire type": lambda: good().SerializeToString() + b"\x7f\x01",
    "a group that never ends": lambda: good().SerializeToString() + b"\xfb\x01",
    "groups nested 10,000 deep": lambda: b"\xfb\x01" * 10_000,
    "a length of 2^63": lambda: b"\x0a" + b"\xff" * 8 + b"\x7f",
    "a model name that is not UTF-8": lambda: bad_utf8(b"\x0a"),
    "an id that is not UTF-8": lambda: bad_utf8(b"\x1a"),
}


@pytest.mark.parametrize("kind", NO_PROTOBUF)
def test_what_is_no_protobuf_is_internal(zoo_client: Client, kind: str) -> None:
    refused = zoo_client.refusal(NO_PROTOBUF[kind]())
    assert refused.code is INTERNAL, refused
    assert "ModelInferRequest" in refused.message
    assert zoo_client.send(good())


def test_an_empty_message_names_no_model(zoo_client: Client) -> None:
    refused = zoo_client.refusal(b"")
    assert refused.code is NOT_FOUND
    assert "identity_fp32" in refused.message or "more" in refused.message, "names what is served"


def test_unknown_fields_are_ignored(zoo_client: Client) -> None:
    message = good().SerializeToString() + b"\xfa\x01\x03abc\xf8\x01\x07"
    request = Request.FromString(message)
    assert zoo_client.send(request).outputs[0].shape == [2, 16]


def test_a_message_over_the_limit_is_refused_with_the_limit(zoo_client: Client) -> None:
    request = good()
    request.raw_input_contents[0] = bytes(64 << 20)
    refused = zoo_client.refusal(request)
    assert refused.code is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert str(64 << 20) in refused.message
    assert zoo_client.send(good())


def test_an_unknown_method_is_named(zoo_client: Client, zoo_server: ServerProcess) -> None:
    for path in ("/inference.GRPCInferenceService/ModelInferr", "/x/y", "/"):
        with pytest.raises(grpc.RpcError) as caught:
            zoo_client.call(path, b"")
        assert caught.value.code() is UNIMPLEMENTED
        assert path in (caught.value.details() or "")
    assert zoo_client.send(good())


@pytest.mark.parametrize("method", ["ServerLive", "ModelMetadata", "ModelStatistics"])
def test_methods_served_by_python_refuse_what_is_no_protobuf(
    zoo_client: Client, method: str
) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        zoo_client.call(f"/inference.GRPCInferenceService/{method}", b"\xff" * 20)
    assert caught.value.code() is INTERNAL
    assert zoo_client.send(good())
