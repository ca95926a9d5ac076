"""Sends the held-out digits to a running server and prints predictions and the accuracy.

    python examples/classify.py [--address 127.0.0.1:8001] [--show 3]

Uses the stubs that the build generates from proto/. Needs grpcio and NumPy.
"""

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path

import grpc
import numpy as np
from bytes_tensor import texts_in
from digits_data import load_held_out
from numpy.typing import NDArray

sys.path.append(str(Path(__file__).resolve().parent.parent))
from server.proto import inference_pb2 as pb
from server.proto.inference_pb2_grpc import GRPCInferenceServiceStub

INKS = " .:+*#"
CONNECT_TIMEOUT_S = 5.0
REQUEST_TIMEOUT_S = 10.0
ROWS_PER_REQUEST = 32
Images = NDArray[np.float32]
Probabilities = NDArray[np.float32]


def request_for(images: Images) -> pb.ModelInferRequest:
    """Return a request for the probabilities of `images`, FP32 [n, 1, 8, 8], as raw bytes."""
    request = pb.ModelInferRequest(model_name="digits")
    request.inputs.add(name="image", datatype="FP32", shape=images.shape)
    request.outputs.add(name="probabilities")
    request.raw_input_contents.append(images.astype("<f4").tobytes())
    return request


def probabilities_in(response: pb.ModelInferResponse) -> Probabilities:
    """Return the answer's only output, FP32 [n, 10]."""
    values = np.frombuffer(response.raw_output_contents[0], "<f4")
    return values.reshape(tuple(response.outputs[0].shape))


def classify(stub: GRPCInferenceServiceStub, images: Images) -> Probabilities:
    """Send the images in requests of 32, all at once; the server batches as it likes."""
    answers = [
        stub.ModelInfer.future(
            request_for(images[first : first + ROWS_PER_REQUEST]), timeout=REQUEST_TIMEOUT_S
        )
        for first in range(0, len(images), ROWS_PER_REQUEST)
    ]
    return np.concatenate([probabilities_in(answer.result()) for answer in answers])


def best_classes(stub: GRPCInferenceServiceStub, image: Images) -> list[str]:
    """Ask for the names of the three most probable digits: "probability:digit:name" each."""
    request = request_for(image[np.newaxis])
    request.outputs[0].parameters["classification"].int64_param = 3
    content = stub.ModelInfer(request, timeout=REQUEST_TIMEOUT_S).raw_output_contents[0]
    return texts_in(content)


def picture(image: Images) -> Iterable[str]:
    """Return the lines of one image [1, 8, 8] in characters, two per pixel."""
    levels = (image[0] * (len(INKS) - 1) / 16).round().astype(int)
    return ("".join(INKS[level] * 2 for level in row) for row in levels)


def main() -> None:
    """Classify, show some, and say how many were right."""
    parser = argparse.ArgumentParser(description="Classifies the held-out digits.")
    parser.add_argument("--address", default="127.0.0.1:8001", help="default: %(default)s")
    parser.add_argument("--show", type=int, default=3, metavar="N", help="pictures to print")
    arguments = parser.parse_args()

    digits = load_held_out()
    with grpc.insecure_channel(arguments.address) as channel:
        try:
            grpc.channel_ready_future(channel).result(timeout=CONNECT_TIMEOUT_S)
            stub = GRPCInferenceServiceStub(channel)
            probabilities = classify(stub, digits.images)
            best = best_classes(stub, digits.images[0])
        except grpc.FutureTimeoutError:
            sys.exit(f"no server answers at {arguments.address}: start one with `make serve`")
        except grpc.RpcError as error:
            sys.exit(f"the server refused: {error.code().name}: {error.details()}")

    guesses = probabilities.argmax(axis=1)
    for index in range(min(arguments.show, len(guesses))):
        print("\n".join(picture(digits.images[index])))
        print(
            f"predicted {guesses[index]} ({probabilities[index].max():.1%}), "
            f"it is {digits.labels[index]}\n"
        )
    print(f"the first one by name: {', '.join(best)}")
    right = int((guesses == digits.labels).sum())
    print(
        f"{right} of {len(guesses)} held-out digits are right: accuracy {right / len(guesses):.4f}"
    )


if __name__ == "__main__":
    main()
