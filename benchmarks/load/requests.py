"""ModelInferRequests for a model that the server describes."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import grpc
import numpy as np

from server.proto import inference_pb2 as pb
from server.proto import inference_pb2_grpc

NUMPY_DTYPES = {
    "BOOL": np.bool_,
    "UINT8": np.uint8,
    "UINT16": np.uint16,
    "UINT32": np.uint32,
    "UINT64": np.uint64,
    "INT8": np.int8,
    "INT16": np.int16,
    "INT32": np.int32,
    "INT64": np.int64,
    "FP16": np.float16,
    "FP32": np.float32,
    "FP64": np.float64,
}
Shapes = Mapping[str, Sequence[int]]


class RequestError(ValueError):
    """No request can be built; the message says which option mends it."""


def fetch_metadata(target: str, model: str, version: str = "") -> pb.ModelMetadataResponse:
    """The server's description of the model. Raises RequestError with the server's reason."""
    with grpc.insecure_channel(target) as channel:
        stub = inference_pb2_grpc.GRPCInferenceServiceStub(channel)
        try:
            request = pb.ModelMetadataRequest(name=model, version=version)
            reply: pb.ModelMetadataResponse = stub.ModelMetadata(request, timeout=10)
        except grpc.RpcError as error:
            raise RequestError(
                f"{target} does not describe model {model!r}: {_text(error)}"
            ) from error
        return reply


def infer_once(target: str, message: bytes) -> bytes:
    """Sends one serialized request, to see that it works. Raises RequestError if it does not."""
    with grpc.insecure_channel(target) as channel:
        call: grpc.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(
            "/inference.GRPCInferenceService/ModelInfer"
        )
        try:
            return call(message, timeout=60)
        except grpc.RpcError as error:
            raise RequestError(f"the first request failed: {_text(error)}") from error


def _text(error: grpc.RpcError) -> str:
    return f"{error.code().name}: {error.details()}" if isinstance(error, grpc.Call) else str(error)


def random_request(
    metadata: pb.ModelMetadataResponse,
    version: str = "",
    batch: int = 1,
    shapes: Shapes | None = None,
    seed: int = 1,
) -> bytes:
    """A serialized request with random tensors: numbers in [0, 1], texts of 8 letters.

    A leading dynamic dimension becomes `batch`; `shapes` gives whole shapes by input name.
    """
    shapes = shapes or {}
    names = [tensor.name for tensor in metadata.inputs]
    unknown = sorted(set(shapes) - set(names))
    if unknown:
        raise RequestError(f"--shape {unknown[0]}: the inputs are {', '.join(names)}")
    random = np.random.default_rng(seed)
    request = pb.ModelInferRequest(model_name=metadata.name, model_version=version)
    for tensor in metadata.inputs:
        shape = list(shapes.get(tensor.name) or _complete(tensor.name, tensor.shape, batch))
        request.inputs.add(name=tensor.name, datatype=tensor.datatype, shape=shape)
        request.raw_input_contents.append(random_content(tensor.datatype, shape, random))
    message: bytes = request.SerializeToString()
    return message


def _complete(name: str, dims: Sequence[int], batch: int) -> list[int]:
    shape = [batch if axis == 0 and dim == -1 else dim for axis, dim in enumerate(dims)]
    if -1 in shape:
        example = ",".join(str(dim if dim != -1 else 8) for dim in shape)
        raise RequestError(
            f"input {name} has dynamic dimensions {list(dims)}: say which, "
            f"for example --shape {name}:{example}"
        )
    return shape


def random_content(datatype: str, shape: Sequence[int], random: np.random.Generator) -> bytes:
    """Raw little-endian contents of a tensor."""
    if datatype == "BYTES":
        return bytes_content(random.bytes(4).hex() for _ in range(int(np.prod(shape))))
    if datatype == "BF16":
        bits = random.random(shape, np.float32).view(np.uint32) >> np.uint32(16)
        return bits.astype("<u2").tobytes()
    if datatype not in NUMPY_DTYPES:
        raise RequestError(f"datatype {datatype} is not known; give the request with --data")
    if datatype.startswith("FP"):
        return random.random(shape).astype(NUMPY_DTYPES[datatype]).tobytes()
    return random.integers(0, 2, shape).astype(NUMPY_DTYPES[datatype]).tobytes()


def bytes_content(texts: Iterable[str]) -> bytes:
    """BYTES elements: a little-endian uint32 length, then that many bytes, each."""
    encoded = [text.encode() for text in texts]
    return b"".join(len(text).to_bytes(4, "little") + text for text in encoded)


def request_from_file(metadata: pb.ModelMetadataResponse, path: Path, version: str = "") -> bytes:
    """An .npz file holds one array per input, by name; any other file is a serialized request."""
    if path.suffix != ".npz":
        return path.read_bytes()
    request = pb.ModelInferRequest(model_name=metadata.name, model_version=version)
    with np.load(path, allow_pickle=False) as arrays:
        for tensor in metadata.inputs:
            if tensor.name not in arrays:
                raise RequestError(
                    f"{path} has no array for input {tensor.name}; it has {', '.join(arrays)}"
                )
            array = arrays[tensor.name]
            request.inputs.add(name=tensor.name, datatype=tensor.datatype, shape=array.shape)
            request.raw_input_contents.append(_array_content(tensor.datatype, array))
    message: bytes = request.SerializeToString()
    return message


def _array_content(datatype: str, array: np.ndarray) -> bytes:
    if datatype == "BYTES":
        return bytes_content(str(element) for element in array.flat)
    if datatype not in NUMPY_DTYPES:
        raise RequestError(f"an .npz file cannot hold {datatype}; give a serialized request")
    return array.astype(NUMPY_DTYPES[datatype]).tobytes()
