"""Health, metadata, configuration, statistics and repository index."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from server import __version__
from server.config.spec import TensorConfig
from server.config.to_triton import to_triton
from server.control.lookup import find, parse_version
from server.control.rpc import RpcError, unary
from server.control.statistics import model_statistics
from server.proto import health_pb2, model_config_pb2
from server.proto import inference_pb2 as pb
from server.raw_inputs import client_inputs
from server.registry import Entry, Registry

if TYPE_CHECKING:
    from server.engine import ModelSnapshot

SERVICE = "inference.GRPCInferenceService"
HEALTH_SERVICE = "grpc.health.v1.Health"
PLATFORM = "onnxruntime_onnx"
# Only what is served in full: the repository can be listed, but not changed by clients.
EXTENSIONS = ("classification", "model_configuration", "statistics")


class Control:
    """The RPCs over the registry; `snapshots` reads the native engine's statistics."""

    def __init__(
        self,
        registry: Registry,
        snapshots: Callable[[], "Iterable[ModelSnapshot]"],
        repository: Path,
    ) -> None:
        self._registry = registry
        self._snapshots = snapshots
        self._repository = repository

    def methods(self) -> dict[str, Callable[[bytes], bytes]]:
        """Full gRPC path -> function of the serialized request."""
        served = {
            "ServerLive": unary(pb.ServerLiveRequest, self.server_live),
            "ServerReady": unary(pb.ServerReadyRequest, self.server_ready),
            "ModelReady": unary(pb.ModelReadyRequest, self.model_ready),
            "ServerMetadata": unary(pb.ServerMetadataRequest, self.server_metadata),
            "ModelMetadata": unary(pb.ModelMetadataRequest, self.model_metadata),
            "ModelConfig": unary(pb.ModelConfigRequest, self.model_config),
            "ModelStatistics": unary(pb.ModelStatisticsRequest, self.model_statistics),
            "RepositoryIndex": unary(pb.RepositoryIndexRequest, self.repository_index),
        }
        paths = {f"/{SERVICE}/{name}": method for name, method in served.items()}
        check = unary(health_pb2.HealthCheckRequest, self.health_check)
        return paths | {f"/{HEALTH_SERVICE}/Check": check}

    def server_live(self, request: pb.ServerLiveRequest) -> pb.ServerLiveResponse:
        return pb.ServerLiveResponse(live=True)

    def server_ready(self, request: pb.ServerReadyRequest) -> pb.ServerReadyResponse:
        return pb.ServerReadyResponse(ready=self._registry.server_ready)

    def model_ready(self, request: pb.ModelReadyRequest) -> pb.ModelReadyResponse:
        entry = self._registry.find(request.name, parse_version(request.version))
        return pb.ModelReadyResponse(ready=entry is not None)

    def server_metadata(self, request: pb.ServerMetadataRequest) -> pb.ServerMetadataResponse:
        return pb.ServerMetadataResponse(name="skein", version=__version__, extensions=EXTENSIONS)

    def model_metadata(self, request: pb.ModelMetadataRequest) -> pb.ModelMetadataResponse:
        entry = find(self._registry, request.name, request.version)
        served = [each for each in self._registry.ready() if each.model == request.name]
        message = pb.ModelMetadataResponse(
            name=entry.model, versions=[str(each.version) for each in served], platform=PLATFORM
        )
        config = entry.config
        if config is not None:
            inputs = client_inputs(config)
            message.inputs.extend(_metadata(each, config.batched) for each in inputs)
            message.outputs.extend(_metadata(each, config.batched) for each in config.outputs)
        return message

    def model_config(self, request: pb.ModelConfigRequest) -> pb.ModelConfigResponse:
        entry = find(self._registry, request.name, request.version)
        if entry.config is None:
            return pb.ModelConfigResponse(config=model_config_pb2.ModelConfig())
        inputs = client_inputs(entry.config)
        return pb.ModelConfigResponse(config=to_triton(entry.config, entry.model, inputs))

    def model_statistics(self, request: pb.ModelStatisticsRequest) -> pb.ModelStatisticsResponse:
        if request.name:
            find(self._registry, request.name, request.version)
        version = parse_version(request.version)
        chosen = [
            snapshot
            for snapshot in self._snapshots()
            if request.name in ("", snapshot.name) and version in (None, snapshot.version)
        ]
        chosen.sort(key=lambda snapshot: (snapshot.name, snapshot.version))
        return pb.ModelStatisticsResponse(model_stats=map(model_statistics, chosen))

    def repository_index(self, request: pb.RepositoryIndexRequest) -> pb.RepositoryIndexResponse:
        here = ("", str(self._repository), self._repository.name)
        if request.repository_name not in here:
            name = request.repository_name[:100]
            raise RpcError(
                "NOT_FOUND", f'there is no repository "{name}"; the one here is {here[1]}'
            )
        entries = self._registry.ready() if request.ready else self._registry.entries()
        return pb.RepositoryIndexResponse(models=map(_index, entries))

    def health_check(
        self, request: health_pb2.HealthCheckRequest
    ) -> health_pb2.HealthCheckResponse:
        serving = self._serving(request.service)
        status = health_pb2.HealthCheckResponse.ServingStatus
        return health_pb2.HealthCheckResponse(
            status=status.SERVING if serving else status.NOT_SERVING
        )

    def _serving(self, service: str) -> bool:
        """ "" and the service: the server; a model's name: that model."""
        registry = self._registry
        if service in ("", SERVICE):
            return registry.server_ready
        if any(entry.model == service for entry in registry.entries()):
            return registry.find(service, None) is not None and not registry.draining
        known = f'"", "{SERVICE}" and model names'
        raise RpcError("NOT_FOUND", f'unknown service "{service[:100]}"; known are {known}')


def _metadata(tensor: TensorConfig, batched: bool) -> pb.ModelMetadataResponse.TensorMetadata:
    shape = [-1, *tensor.dims] if batched else list(tensor.dims)
    return pb.ModelMetadataResponse.TensorMetadata(
        name=tensor.name, datatype=tensor.datatype, shape=shape
    )


def _index(entry: Entry) -> pb.RepositoryIndexResponse.ModelIndex:
    return pb.RepositoryIndexResponse.ModelIndex(
        name=entry.model,
        version="" if entry.version is None else str(entry.version),
        state=entry.state.value,
        reason=entry.reason,
    )
