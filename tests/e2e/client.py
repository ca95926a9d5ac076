"""A client over the generated stubs: arrays in, arrays out, raw bytes where a test needs them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import grpc

from server.proto import health_pb2_grpc, inference_pb2, inference_pb2_grpc
from tests.e2e.tensors import Array, datatype, from_raw, to_raw

INFER_PATH = "/inference.GRPCInferenceService/ModelInfer"
# A bound for a machine under load; no test asserts it.
LIMIT_S = 60.0
# Quoted, as below: generic in the type stubs, not at run time.
InferCall: TypeAlias = "grpc.Future[inference_pb2.ModelInferResponse]"
_OPTIONS = [
    ("grpc.max_send_message_length", -1),
    ("grpc.max_receive_message_length", -1),
    ("grpc.enable_retries", 0),
    ("grpc.use_local_subchannel_pool", 1),
]


def infer_request(
    model: str,
    inputs: Mapping[str, Array],
    *,
    version: str = "",
    request_id: str = "",
    outputs: Sequence[str] = (),
) -> inference_pb2.ModelInferRequest:
    """A request with raw contents. Shapes are the arrays' own."""
    request = inference_pb2.ModelInferRequest(
        model_name=model, model_version=version, id=request_id
    )
    for name, array in inputs.items():
        request.inputs.add(name=name, datatype=datatype(array), shape=array.shape)
        request.raw_input_contents.append(to_raw(array))
    for name in outputs:
        request.outputs.add(name=name)
    return request


def arrays(response: inference_pb2.ModelInferResponse) -> dict[str, Array]:
    """The outputs by name, in the response's order."""
    assert len(response.outputs) == len(response.raw_output_contents)
    return {
        each.name: from_raw(raw, each.datatype, each.shape)
        for each, raw in zip(response.outputs, response.raw_output_contents, strict=True)
    }


@dataclass(frozen=True)
class Failure:
    """A call's status other than OK."""

    code: grpc.StatusCode
    message: str


class Client:
    """One connection to a server's gRPC port. Use as a context manager."""

    def __init__(self, address: str) -> None:
        self.channel = grpc.insecure_channel(address, options=_OPTIONS)
        self.inference = inference_pb2_grpc.GRPCInferenceServiceStub(self.channel)
        self.health = health_pb2_grpc.HealthStub(self.channel)

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *exc: object) -> None:
        self.channel.close()

    def infer(self, model: str, inputs: Mapping[str, Array], **options: str) -> dict[str, Array]:
        """Outputs by name; raises grpc.RpcError."""
        return arrays(self.send(infer_request(model, inputs, **options)))

    def send(self, request: inference_pb2.ModelInferRequest) -> inference_pb2.ModelInferResponse:
        response: inference_pb2.ModelInferResponse = self.inference.ModelInfer(
            request, timeout=LIMIT_S
        )
        return response

    def start(self, request: inference_pb2.ModelInferRequest) -> InferCall:
        """Sends without waiting."""
        future: InferCall = self.inference.ModelInfer.future(request, timeout=LIMIT_S)
        return future

    def call(self, path: str, message: bytes) -> bytes:
        """Any bytes to any path; raises grpc.RpcError."""
        return self._method(path)(message, timeout=LIMIT_S)

    def start_call(self, path: str, message: bytes) -> "grpc.Future[bytes]":
        """call() without waiting."""
        return self._method(path).future(message, timeout=LIMIT_S)

    def _method(self, path: str) -> "grpc.UnaryUnaryMultiCallable[bytes, bytes]":
        return self.channel.unary_unary(path)

    def refusal(self, request: inference_pb2.ModelInferRequest | bytes) -> Failure:
        """How ModelInfer refuses `request`; fails when it does not."""
        message = request if isinstance(request, bytes) else request.SerializeToString()
        try:
            self.call(INFER_PATH, message)
        except grpc.RpcError as error:
            return failure(error)
        raise AssertionError("the request was answered with OK")


def failure(error: grpc.RpcError) -> Failure:
    """Code and message of an error that grpcio raised."""
    return Failure(error.code(), error.details() or "")


def outcome(future: "grpc.Future[Any]") -> Failure | None:
    """Waits; None for OK."""
    error = future.exception()
    if error is None:
        return None
    assert isinstance(error, grpc.RpcError)
    return failure(error)
