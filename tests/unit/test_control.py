"""The RPCs that Python serves, on their serialized form."""

from pathlib import Path
from typing import Any

import pytest

from server.config.spec import ModelConfig, TensorConfig
from server.control import Control
from server.control.rpc import RpcError
from server.proto import health_pb2
from server.proto import inference_pb2 as pb
from server.registry import Entry, Registry, State

X = TensorConfig(name="x", datatype="FP32", dims=(16,))
CONFIG = ModelConfig(
    max_batch_size=8, inputs=(X,), outputs=(X,), execution_provider="cpu", instance_count=1
)


@pytest.fixture
def registry() -> Registry:
    registry = Registry()
    for version in (1, 2):
        registry.put(Entry("good", version, State.READY, "", CONFIG))
    registry.fail("bad", 1, "model.onnx: no such operator")
    registry.put(Entry("slow", 1, State.LOADING))
    return registry


def call(registry: Registry, method: str, request: Any, answer: Any) -> Any:
    methods = Control(registry, list, Path("models")).methods()
    service = "grpc.health.v1.Health" if method == "Check" else "inference.GRPCInferenceService"
    data = request if isinstance(request, bytes) else request.SerializeToString()
    return answer.FromString(methods[f"/{service}/{method}"](data))


def failure(registry: Registry, method: str, request: Any) -> RpcError:
    with pytest.raises(RpcError) as caught:
        call(registry, method, request, pb.ServerLiveResponse)
    return caught.value


def test_live_while_loading_but_ready_only_after(registry: Registry) -> None:
    def ready() -> bool:
        request = pb.ServerReadyRequest()
        return bool(call(registry, "ServerReady", request, pb.ServerReadyResponse).ready)

    assert call(registry, "ServerLive", pb.ServerLiveRequest(), pb.ServerLiveResponse).live
    assert not ready()
    registry.mark_loaded()
    assert ready()
    registry.mark_draining()
    assert not ready()


@pytest.mark.parametrize(
    ("name", "version", "ready"),
    [
        ("good", "", True),
        ("good", "1", True),
        ("good", "3", False),
        ("bad", "", False),
        ("slow", "1", False),
        ("none", "", False),
    ],
)
def test_model_ready(registry: Registry, name: str, version: str, ready: bool) -> None:
    request = pb.ModelReadyRequest(name=name, version=version)
    assert call(registry, "ModelReady", request, pb.ModelReadyResponse).ready is ready


def test_server_metadata_lists_only_what_is_served(registry: Registry) -> None:
    answer = call(registry, "ServerMetadata", pb.ServerMetadataRequest(), pb.ServerMetadataResponse)
    assert answer.name == "skein"
    assert list(answer.extensions) == ["classification", "model_configuration", "statistics"]


def test_model_metadata_includes_the_batch_dimension(registry: Registry) -> None:
    request = pb.ModelMetadataRequest(name="good")
    answer = call(registry, "ModelMetadata", request, pb.ModelMetadataResponse)
    assert list(answer.versions) == ["1", "2"]
    assert list(answer.inputs[0].shape) == [-1, 16]
    assert answer.platform == "onnxruntime_onnx"


def test_model_config_is_the_completed_one(registry: Registry) -> None:
    request = pb.ModelConfigRequest(name="good")
    config = call(registry, "ModelConfig", request, pb.ModelConfigResponse).config
    assert (config.name, config.max_batch_size) == ("good", 8)
    assert list(config.input[0].dims) == [16]


@pytest.mark.parametrize("request_type", [pb.ModelMetadataRequest, pb.ModelConfigRequest])
@pytest.mark.parametrize(
    ("name", "version", "code", "word"),
    [
        ("god", "", "NOT_FOUND", 'Did you mean "good"?'),
        ("zzz", "", "NOT_FOUND", "Models served: good"),
        ("good", "7", "NOT_FOUND", "it has 1, 2"),
        ("good", "one", "INVALID_ARGUMENT", "positive integer"),
        ("bad", "", "UNAVAILABLE", "no such operator"),
        ("slow", "1", "UNAVAILABLE", "loading"),
    ],
)
def test_unknown_models_get_the_reason(
    registry: Registry, request_type: Any, name: str, version: str, code: str, word: str
) -> None:
    method = request_type.__name__.removesuffix("Request")
    error = failure(registry, method, request_type(name=name, version=version))
    assert error.code == code
    assert word in error.message


def test_the_index_holds_failed_models_with_their_reason(registry: Registry) -> None:
    def index(ready: bool) -> list[tuple[str, str, str, str]]:
        request = pb.RepositoryIndexRequest(ready=ready)
        answer = call(registry, "RepositoryIndex", request, pb.RepositoryIndexResponse)
        return [(each.name, each.version, each.state, each.reason) for each in answer.models]

    assert index(ready=False) == [
        ("bad", "1", "UNAVAILABLE", "model.onnx: no such operator"),
        ("good", "1", "READY", ""),
        ("good", "2", "READY", ""),
        ("slow", "1", "LOADING", ""),
    ]
    assert [each[0] for each in index(ready=True)] == ["good", "good"]


def test_an_unknown_repository_is_not_found(registry: Registry) -> None:
    error = failure(registry, "RepositoryIndex", pb.RepositoryIndexRequest(repository_name="x"))
    assert error.code == "NOT_FOUND"


@pytest.mark.parametrize(
    ("service", "serving"),
    [
        ("", True),
        ("inference.GRPCInferenceService", True),
        ("good", True),
        ("bad", False),
        ("slow", False),
    ],
)
def test_health(registry: Registry, service: str, serving: bool) -> None:
    registry.mark_loaded()
    request = health_pb2.HealthCheckRequest(service=service)
    answer = call(registry, "Check", request, health_pb2.HealthCheckResponse)
    assert (answer.status == health_pb2.HealthCheckResponse.SERVING) is serving


def test_health_of_an_unknown_service_is_not_found(registry: Registry) -> None:
    error = failure(registry, "Check", health_pb2.HealthCheckRequest(service="other"))
    assert error.code == "NOT_FOUND"


@pytest.mark.parametrize("data", [b"\xff", b"\x0a\x05ab", b"\x0a\x02\xff\xfe"])
def test_what_does_not_parse_is_internal(registry: Registry, data: bytes) -> None:
    error = failure(registry, "ModelReady", data)
    assert error.code == "INTERNAL"
    assert "ModelReadyRequest" in error.message


def test_a_failed_reload_keeps_the_served_version(registry: Registry) -> None:
    registry.fail("good", 2, "broken")
    entry = registry.find("good", None)
    assert entry is not None
    assert (entry.version, entry.state, entry.reason) == (2, State.READY, "broken")
