"""Reading a ModelInferRequest and writing its response; one row of FP32."""

from types import ModuleType

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.micro.timing import time_steps
from server.proto import inference_pb2 as pb

COLUMNS = pytest.mark.parametrize("columns", [16, 37500])


def request_message(columns: int, typed: bool) -> bytes:
    """One row; typed: in fp32_contents, else raw."""
    row = np.random.default_rng(1).random((1, columns), np.float32)
    request = pb.ModelInferRequest(model_name="identity", id="id")
    tensor = request.inputs.add(name="INPUT0", datatype="FP32", shape=row.shape)
    if typed:
        tensor.contents.fp32_contents.extend(row[0].tolist())
    else:
        request.raw_input_contents.append(row.tobytes())
    message: bytes = request.SerializeToString()
    return message


@COLUMNS
@pytest.mark.parametrize("contents", ["raw", "typed"])
def test_decode(
    benchmark: BenchmarkFixture, micro: ModuleType, columns: int, contents: str
) -> None:
    message = request_message(columns, contents == "typed")
    time_steps(benchmark, lambda times: micro.decode(message, columns, times))


@COLUMNS
def test_encode(benchmark: BenchmarkFixture, micro: ModuleType, columns: int) -> None:
    time_steps(benchmark, lambda times: micro.encode(columns, times))
