"""Asks a running server which digits are on pictures: JPEG, PNG or WebP files of any size.

    python examples/classify_picture.py [--address 127.0.0.1:8001] [FILE ...]

Without files it sends 30 held-out ones, whose names begin with what they show. The server decodes
and resizes them; a client needs only grpcio.
"""

import argparse
import sys
from pathlib import Path

import grpc
from bytes_tensor import texts_in

sys.path.append(str(Path(__file__).resolve().parent.parent))
from server.proto import inference_pb2 as pb
from server.proto.inference_pb2_grpc import GRPCInferenceServiceStub

HELD_OUT = Path(__file__).with_name("digit_pictures")
BEST = 2
CONNECT_TIMEOUT_S = 5.0
REQUEST_TIMEOUT_S = 10.0


def request_for(picture: bytes) -> pb.ModelInferRequest:
    """Return a request for the names of the two most probable digits of one picture."""
    request = pb.ModelInferRequest(model_name="digit_pictures")
    tensor = request.inputs.add(name="picture", datatype="BYTES", shape=[1, 1])
    tensor.contents.bytes_contents.append(picture)
    output = request.outputs.add(name="probabilities")
    output.parameters["classification"].int64_param = BEST
    return request


def best_classes(response: pb.ModelInferResponse) -> list[tuple[float, int, str]]:
    """Return probability, digit and name of each class, best first."""
    classes = (text.split(":") for text in texts_in(response.raw_output_contents[0]))
    return [(float(value), int(digit), name) for value, digit, name in classes]


def classify(stub: GRPCInferenceServiceStub, files: list[Path]) -> dict[Path, int]:
    """Send all files at once; print and return the digit of each that is not refused."""
    pictures = [file.read_bytes() for file in files]
    answers = [
        stub.ModelInfer.future(request_for(picture), timeout=REQUEST_TIMEOUT_S)
        for picture in pictures
    ]
    digits = {}
    for file, answer in zip(files, answers, strict=True):
        try:
            classes = best_classes(answer.result())
        except grpc.RpcError as error:
            print(f"{file}: {error.code().name}: {error.details()}", file=sys.stderr)
            continue
        digits[file] = classes[0][1]
        told = ", ".join(f"{name} ({value:.1%})" for value, _, name in classes)
        print(f"{file.name}: {told}")
    return digits


def main() -> None:
    """Classify, and say how many of the held-out pictures were right."""
    parser = argparse.ArgumentParser(description="Classifies pictures of digits.")
    parser.add_argument("--address", default="127.0.0.1:8001", help="default: %(default)s")
    parser.add_argument("files", type=Path, nargs="*", metavar="FILE")
    arguments = parser.parse_args()

    files = arguments.files or sorted(HELD_OUT.iterdir())
    with grpc.insecure_channel(arguments.address) as channel:
        try:
            grpc.channel_ready_future(channel).result(timeout=CONNECT_TIMEOUT_S)
            digits = classify(GRPCInferenceServiceStub(channel), files)
        except grpc.FutureTimeoutError:
            sys.exit(f"no server answers at {arguments.address}: start one with `make serve`")
        except OSError as error:
            sys.exit(f"{error.filename}: cannot be read: {error.strerror}")
    if not arguments.files:
        right = sum(file.name.startswith(str(digit)) for file, digit in digits.items())
        print(f"{right} of {len(files)} held-out pictures are right")
    if len(digits) < len(files):
        sys.exit(1)


if __name__ == "__main__":
    main()
