"""The specification of a model. Its fields are the keys of model.yaml; config.pbtxt is converted
to it (from_triton.py) and from it (to_triton.py)."""

from typing import Annotated, Literal, Self

from pydantic import Discriminator, Field, StringConstraints, Tag, model_validator

from server.config.dtypes import Datatype
from server.config.postprocess_spec import Postprocess
from server.config.preprocess_spec import Preprocess
from server.config.scheduling_spec import (
    MAX_QUEUE_SIZE,
    BatchSize,
    DynamicBatching,
    Padding,
)
from server.config.strict import ConflictError, Name, Strict

FileName = Annotated[str, StringConstraints(pattern=r"^[^/\x00]+$")]
Dim = Annotated[int, Field(ge=-1, le=2**31 - 1)]
VersionNumber = Annotated[int, Field(ge=1, le=10**18 - 1)]
Milliseconds = Annotated[float, Field(ge=0.001, le=3_600_000, allow_inf_nan=False)]
Weight = Annotated[float, Field(ge=0.001, le=1000, allow_inf_nan=False)]
Provider = Literal["cpu", "openvino", "cuda", "tensorrt"]
ProviderChoice = Literal["auto", "cpu", "openvino", "cuda", "tensorrt"]  # auto: the fastest here
DeviceId = Annotated[int, Field(ge=0, le=1023)]
OptimizationLevel = Literal["off", "basic", "extended", "all"]


class TensorConfig(Strict):
    """An input or output as a request carries it, without the batch dimension (-1: any size)."""

    name: Name
    datatype: Datatype
    dims: tuple[Dim, ...]


class VersionPolicy(Strict):
    """Which version folders are served; exactly one of the three."""

    latest: Annotated[int, Field(ge=1)] | None = None
    all: Literal[True] | None = None
    specific: tuple[VersionNumber, ...] | None = None

    @model_validator(mode="after")
    def _one_choice(self) -> Self:
        if sum(choice is not None for choice in (self.latest, self.all, self.specific)) != 1:
            raise ValueError("exactly one of latest: N, all: true, specific: [N, ...] is needed")
        if self.specific == ():
            raise ValueError("specific needs at least one version")
        return self

    def choose(self, available: tuple[int, ...]) -> tuple[int, ...]:
        """The versions to serve, ascending; `specific` ones are returned even if absent."""
        if self.specific is not None:
            return tuple(sorted(set(self.specific)))
        if self.latest is not None:
            return tuple(sorted(available)[-self.latest :])
        return tuple(sorted(available))


class WarmupInput(Strict):
    """Data of one input of a warm-up request; dims without the batch dimension."""

    datatype: Datatype
    dims: tuple[Annotated[int, Field(ge=0, le=2**31 - 1)], ...]
    data: Literal["zero", "random", "file"] = "zero"
    file: FileName | None = None  # raw bytes, in <model>/warmup/

    @model_validator(mode="after")
    def _file_goes_with_data(self) -> Self:
        if (self.data == "file") != (self.file is not None):
            raise ValueError('data: file and "file" (a name in the warmup folder) go together')
        return self


class Warmup(Strict):
    """Requests run before a version is served."""

    name: Name
    inputs: dict[Name, WarmupInput]
    batch_size: BatchSize = 1
    count: Annotated[int, Field(ge=1)] = 1


def _form(value: object) -> str:
    return "keys" if isinstance(value, dict | DynamicBatching) else "flag"


Batching = Annotated[
    Annotated[DynamicBatching, Tag("keys")] | Annotated[bool, Tag("flag")], Discriminator(_form)
]


class ModelConfig(Strict):
    """One model. None and () mean: completed from the model file or the machine."""

    name: Name | None = None  # must equal the folder's name
    max_batch_size: Annotated[int, Field(ge=0, le=1_000_000)] | None = None  # 0: no batch dimension
    dynamic_batching: Batching | None = None
    padding: Padding | None = None  # None: shapes are exact
    latency_slo_ms: Milliseconds | None = None  # None: no target
    weight: Weight = 1.0  # share of the device beside other models
    inputs: tuple[TensorConfig, ...] = ()
    outputs: tuple[TensorConfig, ...] = ()
    # By output: a file with one label a line, in the version's folder or the model's.
    labels: dict[Name, FileName] = Field(default_factory=dict)
    preprocess: dict[Name, Preprocess] = Field(default_factory=dict)  # by input
    postprocess: dict[Name, Postprocess] = Field(default_factory=dict)  # by output
    version_policy: VersionPolicy = VersionPolicy(latest=1)
    filename: FileName = "model.onnx"
    instance_count: Annotated[int, Field(ge=1, le=1024)] | None = None
    execution_provider: ProviderChoice | None = None  # None: the server's --execution-provider
    provider_options: dict[str, str] = Field(default_factory=dict)
    require_int8: bool = False  # refuse to serve unless the model really runs in INT8
    # instance_count slots on each entry; the same GPU may stand there more than once.
    device_ids: Annotated[tuple[DeviceId, ...], Field(min_length=1, max_length=64)] = (0,)
    # Of all slots on one GPU together; None: no limit. cuda: ONNX Runtime's arena, so weights and
    # what runs hold between nodes; tensorrt: only the workspace of its engines. Never counted: the
    # CUDA context, kernels, and the slots' own places for inputs and outputs.
    gpu_memory_limit_mib: Annotated[int, Field(ge=1)] | None = None
    cuda_graph: bool = False  # cuda only: the kernels of a run are launched as one graph
    intra_op_threads: Annotated[int, Field(ge=1, le=1024)] | None = None
    inter_op_threads: Annotated[int, Field(ge=1, le=1024)] = 1
    optimization_level: OptimizationLevel = "all"
    max_queue_size: Annotated[int, Field(ge=1, le=MAX_QUEUE_SIZE)] = 1024  # requests
    warmup: tuple[Warmup, ...] = ()

    @property
    def level(self) -> int:
        """The optimization level in ONNX Runtime's numbers."""
        return {"off": 0, "basic": 1, "extended": 2, "all": 99}[self.optimization_level]

    @property
    def on_gpu(self) -> bool:
        """Whether it is to run on GPUs (known once a provider is chosen)."""
        return self.execution_provider in ("cuda", "tensorrt")

    @property
    def slots(self) -> int:
        """Execution slots, of all devices together."""
        return (self.instance_count or 1) * (len(self.device_ids) if self.on_gpu else 1)

    @property
    def batched(self) -> bool:
        """Whether requests carry a leading batch dimension (known once completed)."""
        return bool(self.max_batch_size)

    @property
    def combines_requests(self) -> bool:
        """Whether several requests may share one run."""
        return self.batched and self.dynamic_batching is not False

    @property
    def queueing(self) -> DynamicBatching:
        """How requests wait and are ordered."""
        asked = self.dynamic_batching
        return asked if isinstance(asked, DynamicBatching) else DynamicBatching()

    @model_validator(mode="after")
    def _options_have_a_provider(self) -> Self:
        if self.provider_options and self.execution_provider in (None, "auto"):
            message = "options belong to one provider: set execution_provider to its name too"
            raise ConflictError(("provider_options",), message)
        if self.cuda_graph and self.execution_provider != "cuda":
            message = "only CUDA captures graphs: set execution_provider: cuda too"
            raise ConflictError(("cuda_graph",), message)
        return self

    @model_validator(mode="after")
    def _levels_share_the_queue(self) -> Self:
        for at, policy in self.queueing.written_policies():
            if policy.max_queue_size > self.max_queue_size:
                message = f"{policy.max_queue_size} is over the model's own max_queue_size"
                where = ("dynamic_batching", *at, "max_queue_size")
                raise ConflictError(where, f"{message}: {self.max_queue_size}; raise that")
        return self
