"""NVIDIA's own client, as its users write it."""

from collections.abc import Iterator
from queue import SimpleQueue
from typing import Any

import numpy as np
import pytest
import tritonclient.grpc as triton
from tritonclient.utils import InferenceServerException

from tests.server_process import ServerProcess


@pytest.fixture
def client(zoo_server: ServerProcess) -> Iterator[Any]:
    with triton.InferenceServerClient(zoo_server.grpc) as client:
        yield client


def given(name: str, array: Any, datatype: str) -> Any:
    made = triton.InferInput(name, list(array.shape), datatype)
    made.set_data_from_numpy(array)
    return made


def test_health_and_metadata(client: Any) -> None:
    assert client.is_server_live()
    assert client.is_server_ready()
    assert client.is_model_ready("mlp")
    assert not client.is_model_ready("zipmap")
    assert client.get_server_metadata().name == "skein"
    assert client.get_model_metadata("mlp").inputs[0].shape == [-1, 64]
    assert client.get_model_config("mlp").config.max_batch_size == 32
    assert any(each.name == "mlp" for each in client.get_model_repository_index().models)
    assert client.get_inference_statistics("mlp").model_stats[0].name == "mlp"


def test_infer(client: Any) -> None:
    batch = np.arange(8, dtype=np.float32).reshape(2, 4)
    wanted = [triton.InferRequestedOutput("SUM")]
    result = client.infer(
        "dynamic_inner", [given("INPUT0", batch, "FP32")], outputs=wanted, request_id="7"
    )
    assert result.as_numpy("SUM").tolist() == [[6.0], [22.0]]
    assert result.as_numpy("OUTPUT0") is None
    assert result.get_response().id == "7"


@pytest.mark.parametrize(
    ("datatype", "array"),
    [
        ("BYTES", np.array([[b"a", b"", "Grüße".encode(), b"\0\xff"]], np.object_)),
        ("BOOL", np.array([[True, False, True, True]])),
        ("FP16", np.array([[1.5, -2.0, 65504.0, 0.0]], np.float16)),
        ("INT64", np.array([[2**62, -(2**62), 0, 1]])),
    ],
)
def test_datatypes(client: Any, datatype: str, array: Any) -> None:
    result = client.infer(f"identity_{datatype.lower()}", [given("INPUT0", array, datatype)])
    assert result.as_numpy("OUTPUT0").tolist() == array.tolist()


def test_async_infer(client: Any) -> None:
    answers: SimpleQueue[tuple[Any, Any]] = SimpleQueue()
    batch = np.ones((1, 16), np.float32)
    for _ in range(100):
        client.async_infer(
            "identity_fp32",
            [given("INPUT0", batch, "FP32")],
            callback=lambda result, error: answers.put((result, error)),
        )
    for _ in range(100):
        result, error = answers.get(timeout=60)
        assert error is None
        assert (result.as_numpy("OUTPUT0") == batch).all()


def test_errors_carry_code_and_message(client: Any) -> None:
    batch = given("INPUT0", np.ones((1, 3), np.float32), "FP32")
    with pytest.raises(InferenceServerException) as caught:
        client.infer("mlp", [batch])
    assert caught.value.status() == "StatusCode.INVALID_ARGUMENT"
    assert "dimension 1 must be 64" in caught.value.message()
    with pytest.raises(InferenceServerException) as caught:
        client.infer("mlp", [batch], sequence_id=3, sequence_start=True)
    assert caught.value.status() == "StatusCode.UNIMPLEMENTED"


def test_client_timeouts_and_priority_are_understood(client: Any) -> None:
    batch = given("INPUT0", np.ones((1, 64), np.float32), "FP32")
    result = client.infer("mlp", [batch], client_timeout=60, timeout=60_000_000, priority=1)
    assert result.as_numpy("OUTPUT0").shape == (1, 10)
