"""The RPCs that Python serves, on the same port as native inference."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import numpy as np
import pytest

from server import __version__
from server.proto import health_pb2, inference_pb2
from tests.e2e.client import LIMIT_S, Client, failure, infer_request
from tests.e2e.conftest import Serve
from tests.e2e.repositories import triton_repository
from tests.server_process import ServerProcess

SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING
pb = inference_pb2


def refusal(call: Callable[[], object]) -> tuple[grpc.StatusCode, str]:
    with pytest.raises(grpc.RpcError) as caught:
        call()
    refused = failure(caught.value)
    return refused.code, refused.message


def test_live_and_ready(zoo_client: Client) -> None:
    assert zoo_client.inference.ServerLive(pb.ServerLiveRequest()).live
    assert zoo_client.inference.ServerReady(pb.ServerReadyRequest()).ready


def test_server_metadata(zoo_client: Client) -> None:
    metadata = zoo_client.inference.ServerMetadata(pb.ServerMetadataRequest())
    assert metadata.name == "skein"
    assert metadata.version == __version__
    assert "statistics" in metadata.extensions
    assert "classification" in metadata.extensions


@pytest.mark.parametrize(
    ("name", "version", "ready"),
    [
        ("mlp", "", True),
        ("mlp", "1", True),
        ("mlp", "2", False),
        ("versions", "2", True),
        ("zipmap", "", False),
        ("nonsense", "1", False),
        ("unknown", "", False),
    ],
)
def test_model_ready(zoo_client: Client, name: str, version: str, ready: bool) -> None:
    request = pb.ModelReadyRequest(name=name, version=version)
    assert zoo_client.inference.ModelReady(request).ready is ready


def test_model_metadata(zoo_client: Client) -> None:
    request = pb.ModelMetadataRequest(name="dynamic_inner")
    metadata = zoo_client.inference.ModelMetadata(request)
    assert metadata.name == "dynamic_inner"
    assert list(metadata.versions) == ["1"]
    assert metadata.platform == "onnxruntime_onnx"
    tensors = [(each.name, each.datatype, list(each.shape)) for each in metadata.inputs]
    assert tensors == [("INPUT0", "FP32", [-1, -1])]
    tensors = [(each.name, each.datatype, list(each.shape)) for each in metadata.outputs]
    assert tensors == [("OUTPUT0", "FP32", [-1, -1]), ("SUM", "FP32", [-1, 1])]


def test_model_metadata_lists_all_served_versions(zoo_client: Client) -> None:
    metadata = zoo_client.inference.ModelMetadata(pb.ModelMetadataRequest(name="versions"))
    assert list(metadata.versions) == ["1", "2", "3"]


def test_model_config_is_complete(zoo_client: Client) -> None:
    request = pb.ModelConfigRequest(name="identity_fp32")
    config = zoo_client.inference.ModelConfig(request).config
    assert config.name == "identity_fp32"
    assert config.max_batch_size == 32
    assert config.HasField("dynamic_batching")
    assert [(each.name, list(each.dims)) for each in config.input] == [("INPUT0", [16])]
    assert [(each.name, list(each.dims)) for each in config.output] == [("OUTPUT0", [16])]
    assert config.instance_group[0].count >= 1


def test_model_config_of_a_triton_repository_says_what_the_file_says(
    triton_client: Client,
) -> None:
    config = triton_client.inference.ModelConfig(pb.ModelConfigRequest(name="mlp")).config
    assert config.max_batch_size == 64
    assert config.backend == "onnxruntime" or config.platform == "onnxruntime_onnx"
    assert config.instance_group[0].count == 2


@pytest.mark.parametrize("method", ["ModelMetadata", "ModelConfig", "ModelStatistics"])
def test_what_is_not_served_is_explained(zoo_client: Client, method: str) -> None:
    def ask(name: str, version: str = "") -> tuple[grpc.StatusCode, str]:
        request = getattr(pb, f"{method}Request")(name=name, version=version)
        return refusal(lambda: getattr(zoo_client.inference, method)(request))

    code, message = ask("identity_fp3")
    assert code is grpc.StatusCode.NOT_FOUND
    assert "identity_fp32" in message, "suggests the name that was meant"
    code, message = ask("versions", "9")
    assert code is grpc.StatusCode.NOT_FOUND
    assert "1, 2, 3" in message
    code, message = ask("zipmap")
    assert code is grpc.StatusCode.UNAVAILABLE
    assert "zipmap" in message and "PROBABILITIES" in message, "names the reason"
    code, message = ask("mlp", "two")
    assert code is grpc.StatusCode.INVALID_ARGUMENT


def test_repository_index_shows_what_serves_and_why_the_rest_does_not(zoo_client: Client) -> None:
    index = zoo_client.inference.RepositoryIndex(pb.RepositoryIndexRequest())
    models = {(each.name, each.version): each for each in index.models}
    assert models[("mlp", "1")].state == "READY"
    assert [version for name, version in models if name == "versions"] == ["1", "2", "3"]
    assert models[("zipmap", "1")].state == "UNAVAILABLE"
    assert "zipmap': False" in models[("zipmap", "1")].reason
    assert models[("nonsense", "1")].state == "UNAVAILABLE"
    assert "model.onnx" in models[("nonsense", "1")].reason
    ready = zoo_client.inference.RepositoryIndex(pb.RepositoryIndexRequest(ready=True))
    assert {each.state for each in ready.models} == {"READY"}


def test_health_check(zoo_client: Client) -> None:
    def check(service: str) -> int:
        request = health_pb2.HealthCheckRequest(service=service)
        status: int = zoo_client.health.Check(request).status
        return status

    assert check("") == SERVING
    assert check("inference.GRPCInferenceService") == SERVING
    assert check("mlp") == SERVING
    assert check("zipmap") == NOT_SERVING
    code, _ = refusal(lambda: check("unknown"))
    assert code is grpc.StatusCode.NOT_FOUND


def statistics(client: Client, name: str, version: str = "") -> inference_pb2.ModelStatistics:
    request = pb.ModelStatisticsRequest(name=name, version=version)
    found: list[pb.ModelStatistics] = list(client.inference.ModelStatistics(request).model_stats)
    assert len(found) == 1
    return found[0]


def test_statistics_are_true_counts(start_server: Serve, tmp_path: Path) -> None:
    server = start_server(triton_repository(tmp_path))
    with Client(server.grpc) as client:
        for count in (1, 2, 3, 64):
            client.infer("mlp", {"INPUT0": np.ones((count, 64), np.float32)})
        bad = infer_request("mlp", {"INPUT0": np.ones((1, 63), np.float32)})
        client.refusal(bad)
        client.refusal(bad)
        mlp, identity = statistics(client, "mlp"), statistics(client, "identity", "1")
    assert (mlp.name, mlp.version) == ("mlp", "1")
    assert mlp.inference_count == 70
    assert mlp.execution_count == 4
    assert mlp.last_inference > 0
    stats = mlp.inference_stats
    assert stats.success.count == stats.queue.count == stats.compute_infer.count == 4
    assert stats.fail.count == 2
    parts = (stats.queue, stats.compute_input, stats.compute_infer, stats.compute_output)
    assert 0 < sum(part.ns for part in parts) <= stats.success.ns
    assert {each.batch_size: each.compute_infer.count for each in mlp.batch_stats} == {
        1: 1, 2: 1, 3: 1, 64: 1,
    }  # fmt: skip
    assert identity.inference_count == identity.inference_stats.success.count == 0


def test_statistics_of_every_model_and_version(zoo_client: Client) -> None:
    everything = zoo_client.inference.ModelStatistics(pb.ModelStatisticsRequest()).model_stats
    names = [(each.name, each.version) for each in everything]
    assert ("versions", "2") in names and ("mlp", "1") in names
    assert len(names) == len(set(names))
    one = statistics(zoo_client, "versions", "2")
    assert one.version == "2"


def test_python_and_native_methods_side_by_side(zoo_server: ServerProcess) -> None:
    """Both kinds at once over shared connections, every answer the right one."""

    def drive(seed: int) -> None:
        with Client(zoo_server.grpc) as client:
            for i in range(50):
                batch = np.full((1, 16), seed * 100 + i, np.float32)
                inferring = client.start(infer_request("identity_fp32", {"INPUT0": batch}))
                request = pb.ModelMetadataRequest(name="mlp")
                metadata = client.inference.ModelMetadata.future(request, timeout=LIMIT_S)
                assert client.inference.ServerReady(pb.ServerReadyRequest()).ready
                assert metadata.result().name == "mlp"
                assert inferring.result().raw_output_contents[0] == batch.tobytes()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(drive, range(8)))


@pytest.mark.parametrize(
    "method", ["RepositoryModelLoad", "SystemSharedMemoryStatus", "TraceSetting", "LogSettings"]
)
def test_methods_that_do_not_exist_here_are_unimplemented(zoo_client: Client, method: str) -> None:
    path = f"/inference.GRPCInferenceService/{method}"
    code, message = refusal(lambda: zoo_client.call(path, b""))
    assert code is grpc.StatusCode.UNIMPLEMENTED
    assert method in message
