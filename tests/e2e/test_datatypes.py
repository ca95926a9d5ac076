"""Every datatype survives the way through the server bit by bit, raw and typed."""

import numpy as np
import pytest

from server.proto import inference_pb2
from tests import graphs
from tests.e2e.client import Client, arrays, infer_request
from tests.e2e.reference import same_bits
from tests.e2e.tensors import samples

TYPED_FIELDS = {
    "BOOL": "bool_contents",
    "UINT8": "uint_contents",
    "UINT16": "uint_contents",
    "UINT32": "uint_contents",
    "UINT64": "uint64_contents",
    "INT8": "int_contents",
    "INT16": "int_contents",
    "INT32": "int_contents",
    "INT64": "int64_contents",
    "FP32": "fp32_contents",
    "FP64": "fp64_contents",
    "BYTES": "bytes_contents",
}


def model_of(datatype: str) -> tuple[str, int]:
    """Name and row width of the identity model of a datatype."""
    return f"identity_{datatype.lower()}", 16 if datatype == "FP32" else 4


@pytest.mark.parametrize("datatype", graphs.DTYPES)
@pytest.mark.parametrize("count", [1, 3])
def test_raw_contents(zoo_client: Client, datatype: str, count: int) -> None:
    model, width = model_of(datatype)
    batch = samples(datatype, (count, width))
    same_bits(zoo_client.infer(model, {"INPUT0": batch})["OUTPUT0"], batch)


@pytest.mark.parametrize("datatype", TYPED_FIELDS)
def test_typed_contents(zoo_client: Client, datatype: str) -> None:
    model, width = model_of(datatype)
    batch = samples(datatype, (3, width))
    request = inference_pb2.ModelInferRequest(model_name=model)
    given = request.inputs.add(name="INPUT0", datatype=datatype, shape=batch.shape)
    getattr(given.contents, TYPED_FIELDS[datatype]).extend(batch.ravel().tolist())
    same_bits(arrays(zoo_client.send(request))["OUTPUT0"], batch)


@pytest.mark.parametrize("datatype", graphs.DTYPES)
def test_requests_that_share_a_batch(zoo_client: Client, datatype: str) -> None:
    model, width = model_of(datatype)
    batches = [samples(datatype, (1 + i % 3, width)) for i in range(24)]
    futures = [zoo_client.start(infer_request(model, {"INPUT0": each})) for each in batches]
    for batch, future in zip(batches, futures, strict=True):
        same_bits(arrays(future.result())["OUTPUT0"], batch)


def test_not_a_number_keeps_its_payload(zoo_client: Client) -> None:
    bits = np.array([[0x7FC00001, 0xFFC12345, 0x7F800001, 0x80000000]], np.uint32)
    batch = np.tile(bits, (1, 4)).view(np.float32)
    same_bits(zoo_client.infer("identity_fp32", {"INPUT0": batch})["OUTPUT0"], batch)
