"""The models of a scenario file: a graph by form and size, and what the server is told about it."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import numpy as np
from onnx import ModelProto
from pydantic import BaseModel, ConfigDict, Field

from benchmarks.lab import graphs
from benchmarks.lab.ideal import Limits
from server.proto import inference_pb2 as pb

Count = Annotated[int, Field(ge=1, le=1_000_000)]
Inputs = Mapping[str, np.ndarray]
DATATYPES = {np.dtype(np.float32): "FP32", np.dtype(np.int64): "INT64"}
WORDS = 1000  # of an encoder's vocabulary


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Mlp(Strict):
    form: Literal["mlp"]
    sizes: Annotated[tuple[Count, ...], Field(min_length=2)]

    def graph(self) -> ModelProto:
        return graphs.mlp(self.sizes)

    def inputs(self) -> list[Inputs]:
        return [_row(self.sizes[0])]


class Grid(Strict):
    form: Literal["grid"]
    columns: Count = 16
    rows: Count
    width: Count
    layers: Count

    def graph(self) -> ModelProto:
        return graphs.grid(self.columns, self.rows, self.width, self.layers)

    def inputs(self) -> list[Inputs]:
        return [_row(self.columns)]


class Encoder(Strict):
    """Requests have lengths spread evenly from `shortest` to `longest`, in random order."""

    form: Literal["encoder"]
    sizes: Annotated[tuple[Count, ...], Field(min_length=2)]
    shortest: Count
    longest: Count

    def graph(self) -> ModelProto:
        return graphs.encoder(WORDS, self.sizes)

    def inputs(self) -> list[Inputs]:
        random = np.random.default_rng(1)
        lengths = random.permutation(np.arange(self.shortest, self.longest + 1))
        ids = (random.integers(0, WORDS, (1, length)) for length in lengths)
        return [{"IDS": row, "MASK": np.ones_like(row)} for row in ids]


def _row(columns: int) -> Inputs:
    return {"INPUT0": np.random.default_rng(1).random((1, columns), np.float32)}


class Model(Strict):
    """`config` is written to model.yaml as it is; the server judges it."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9_]+$")]
    graph: Annotated[Mlp | Grid | Encoder, Field(discriminator="form")]
    config: dict[str, Any] = Field(default_factory=dict)

    @property
    def threads(self) -> int:
        """Of one run."""
        return int(self.config.get("intra_op_threads", 1))

    @property
    def limits(self) -> Limits:
        """What the ideal server must know of the configuration."""
        return Limits(
            slots=int(self.config.get("instance_count", 1)),
            max_batch_size=int(self.config.get("max_batch_size", 0)),
            max_queue_size=int(self.config.get("max_queue_size", 1024)),
            latency_target_ns=round(float(self.config.get("latency_slo_ms", 0)) * 1e6),
        )

    def requests(self) -> list[bytes]:
        """Serialized ModelInferRequests of one row each, to be sent in turn."""
        return [self._request(inputs) for inputs in self.graph.inputs()]

    def _request(self, inputs: Inputs) -> bytes:
        message = pb.ModelInferRequest(model_name=self.name)
        for name, array in inputs.items():
            message.inputs.add(name=name, datatype=DATATYPES[array.dtype], shape=array.shape)
            message.raw_input_contents.append(array.tobytes())
        serialized: bytes = message.SerializeToString()
        return serialized
