"""Asks a running server what a flat's rent is: as a JSON row, then as a tensor for each column.

    python examples/estimate_rent.py [--address 127.0.0.1:8001] ['{"area": 62.5, ...}']

What is left out or null is missing. Without a flat of yours it also shows how a wrong value is
refused. Needs grpcio.
"""

import argparse
import json
import struct
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import grpc

sys.path.append(str(Path(__file__).resolve().parent.parent))
from server.proto import inference_pb2 as pb
from server.proto.inference_pb2_grpc import GRPCInferenceServiceStub

MODEL = "rents"
ROW = "flat"  # the input that takes JSON rows
FLAT = {
    "area": 62.5,
    "rooms": 2,
    "floor": 3,
    "year": None,
    "balcony": True,
    "district": "Hafen",
    "heating": "gas",
}
# Where typed contents of a datatype go, and as what.
FIELDS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "FP32": ("fp32_contents", float),
    "INT32": ("int_contents", int),
    "BOOL": ("bool_contents", bool),
    "BYTES": ("bytes_contents", str.encode),
}
TIMEOUT_S = 5.0


def as_row(text: str) -> pb.ModelInferRequest:
    """Return a request with one JSON object."""
    request = pb.ModelInferRequest(model_name=MODEL)
    tensor = request.inputs.add(name=ROW, datatype="BYTES", shape=[1, 1])
    tensor.contents.bytes_contents.append(text.encode())
    return request


def as_columns(flat: dict[str, Any], metadata: pb.ModelMetadataResponse) -> pb.ModelInferRequest:
    """Return a request with a tensor for each column that is there, of the datatype it has."""
    request = pb.ModelInferRequest(model_name=MODEL)
    for column in metadata.inputs:
        value = flat.get(column.name)
        if value is not None:
            field, as_sent = FIELDS[column.datatype]
            tensor = request.inputs.add(name=column.name, datatype=column.datatype, shape=[1, 1])
            getattr(tensor.contents, field).append(as_sent(value))
    return request


def rent(stub: GRPCInferenceServiceStub, request: pb.ModelInferRequest) -> float:
    """Return the answer's only value."""
    content = stub.ModelInfer(request, timeout=TIMEOUT_S).raw_output_contents[0]
    (value,) = struct.unpack("<f", content)
    return float(value)


def show_refusal(stub: GRPCInferenceServiceStub) -> None:
    """Send a heating that the model does not know."""
    try:
        rent(stub, as_row(json.dumps(FLAT | {"heating": "coal"})))
    except grpc.RpcError as error:
        if error.code() is not grpc.StatusCode.INVALID_ARGUMENT:
            raise
        print(f"with coal:  {error.details()}")


def main() -> None:
    """Send one flat in both forms and print the answers."""
    parser = argparse.ArgumentParser(description="Estimates the rent of a flat.")
    parser.add_argument("--address", default="127.0.0.1:8001", help="default: %(default)s")
    parser.add_argument("flat", nargs="?", metavar="JSON", help="columns and their values")
    arguments = parser.parse_args()

    text = arguments.flat or json.dumps(FLAT)
    with grpc.insecure_channel(arguments.address) as channel:
        stub = GRPCInferenceServiceStub(channel)
        try:
            print(f"as a row:   {rent(stub, as_row(text)):.2f} a month")
            metadata = stub.ModelMetadata(pb.ModelMetadataRequest(name=MODEL), timeout=TIMEOUT_S)
            columns = as_columns(json.loads(text), metadata)
            print(f"as columns: {rent(stub, columns):.2f} a month")
            if arguments.flat is None:
                show_refusal(stub)
        except grpc.RpcError as error:
            sys.exit(f"{arguments.address}: {error.code().name}: {error.details()}")


if __name__ == "__main__":
    main()
