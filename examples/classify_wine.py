"""Asks a running server which of three cultivars a wine is, from its 13 measurements.

    python examples/classify_wine.py [--address 127.0.0.1:8001] [MEASUREMENT ...]

Sends typed contents instead of raw bytes: the protocol takes both. Needs grpcio.
"""

import argparse
import struct
import sys
from pathlib import Path

import grpc

sys.path.append(str(Path(__file__).resolve().parent.parent))
from server.proto import inference_pb2 as pb
from server.proto.inference_pb2_grpc import GRPCInferenceServiceStub

# One wine of cultivar 0; scikit-learn's load_wine().feature_names names the columns.
SAMPLE = [13.2, 1.78, 2.14, 11.2, 100, 2.65, 2.76, 0.26, 1.28, 4.38, 1.05, 3.4, 1050]
TIMEOUT_S = 5.0


def request_for(measurements: list[float]) -> pb.ModelInferRequest:
    """Return a request for label and probabilities of one wine."""
    request = pb.ModelInferRequest(model_name="wine")
    tensor = request.inputs.add(name="features", datatype="FP32", shape=[1, len(measurements)])
    tensor.contents.fp32_contents.extend(measurements)
    request.outputs.add(name="label")
    request.outputs.add(name="probabilities")
    return request


def main() -> None:
    """Send one wine and print the answer."""
    parser = argparse.ArgumentParser(description="Classifies one wine.")
    parser.add_argument("--address", default="127.0.0.1:8001", help="default: %(default)s")
    parser.add_argument("measurements", type=float, nargs="*", metavar="MEASUREMENT")
    arguments = parser.parse_args()

    with grpc.insecure_channel(arguments.address) as channel:
        try:
            answer = GRPCInferenceServiceStub(channel).ModelInfer(
                request_for(arguments.measurements or SAMPLE), timeout=TIMEOUT_S
            )
        except grpc.RpcError as error:
            sys.exit(f"{arguments.address}: {error.code().name}: {error.details()}")
    (label,) = struct.unpack("<q", answer.raw_output_contents[0])
    probabilities = struct.unpack("<3f", answer.raw_output_contents[1])
    print(f"cultivar {label}, probabilities {', '.join(f'{each:.4f}' for each in probabilities)}")


if __name__ == "__main__":
    main()
