"""Load from outside: requests in flight on several connections until the server refuses."""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import grpc

from server.proto import inference_pb2 as pb
from server.proto.inference_pb2_grpc import GRPCInferenceServiceStub

CONNECTIONS = 4
IN_FLIGHT = 32
WARM_ROUNDS = 3  # of each connection, before the signal
LIMIT_S = 60.0
# gRPC's words for calls that the server had taken and did not answer.
_LOST = ("Socket closed", "Connection reset", "recvmsg", "Broken pipe")
_OPTIONS = [("grpc.use_local_subchannel_pool", 1), ("grpc.enable_http_proxy", 0)]


@dataclass
class Outcomes:
    """How the calls ended; `others` by gRPC's words."""

    answered: int = 0
    refused: int = 0  # UNAVAILABLE, by the server or for want of one
    others: Counter[str] = field(default_factory=Counter)


def digits_request() -> pb.ModelInferRequest:
    """Four blank images for the demo repository's `digits`."""
    request = pb.ModelInferRequest(model_name="digits")
    request.inputs.add(name="image", datatype="FP32", shape=[4, 1, 8, 8])
    request.raw_input_contents.append(bytes(4 * 4 * 64))
    return request


def drive_until_refused(address: str, stop: Callable[[], None]) -> Outcomes:
    """Calls `stop` under full load; returns how every call ended."""
    total = Outcomes()
    warm = threading.Semaphore(0)
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        running = [pool.submit(_drive, address, warm) for _ in range(CONNECTIONS)]
        for _ in range(WARM_ROUNDS * CONNECTIONS):
            warm.acquire(timeout=LIMIT_S)
        stop()
        for each in running:
            outcomes = each.result()
            total.answered += outcomes.answered
            total.refused += outcomes.refused
            total.others += outcomes.others
    return total


def _drive(address: str, warm: threading.Semaphore) -> Outcomes:
    outcomes, request = Outcomes(), digits_request()
    with grpc.insecure_channel(address, options=_OPTIONS) as channel:
        infer = GRPCInferenceServiceStub(channel).ModelInfer
        while not outcomes.refused and not outcomes.others:
            for call in [infer.future(request, timeout=LIMIT_S) for _ in range(IN_FLIGHT)]:
                error = call.exception()
                if error is None:
                    outcomes.answered += 1
                elif _was_refused(error):
                    outcomes.refused += 1
                else:
                    outcomes.others[str(error)] += 1
            warm.release()
    return outcomes


def _was_refused(error: grpc.RpcError) -> bool:
    words = error.details() or ""
    return error.code() is grpc.StatusCode.UNAVAILABLE and not any(w in words for w in _LOST)
