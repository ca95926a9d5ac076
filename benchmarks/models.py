"""The repository that the benchmark serves, and one request for each of its models."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from onnx import ModelProto

from server.proto import inference_pb2 as pb
from tests import graphs


@dataclass(frozen=True)
class BenchModel:
    """FP32[-1,columns] in and FP32[-1,results] out, batched dynamically on one instance."""

    name: str
    graph: ModelProto
    columns: int
    results: int
    max_batch_size: int

    def config(self) -> str:
        """Triton's config.pbtxt. One thread per run: throughput comes from batches."""
        return f"""name: "{self.name}"
backend: "onnxruntime"
max_batch_size: {self.max_batch_size}
input [ {{ name: "INPUT0" data_type: TYPE_FP32 dims: [ {self.columns} ] }} ]
output [ {{ name: "OUTPUT0" data_type: TYPE_FP32 dims: [ {self.results} ] }} ]
instance_group [ {{ count: 1 kind: KIND_CPU }} ]
parameters {{ key: "intra_op_thread_count" value: {{ string_value: "1" }} }}
dynamic_batching {{ }}
"""

    def request(self) -> bytes:
        """A serialized ModelInferRequest of one row, in raw contents."""
        row = np.random.default_rng(1).random((1, self.columns), np.float32)
        request = pb.ModelInferRequest(model_name=self.name)
        request.inputs.add(name="INPUT0", datatype="FP32", shape=row.shape)
        request.raw_input_contents.append(row.tobytes())
        message: bytes = request.SerializeToString()
        return message


IDENTITY, IMAGE, LARGE_IMAGE, MLP, SLOW = "identity", "image", "large_image", "mlp", "slow"
SLOW_BATCH = 8


def bench_models() -> list[BenchModel]:
    """identity rows of 64 bytes, 150 KB and 600 KB, a small MLP, and a net of over 5 ms per run."""
    return [
        BenchModel(IDENTITY, graphs.identity(), 16, 16, 64),
        BenchModel(IMAGE, graphs.identity_image(), 37500, 37500, 8),
        BenchModel(LARGE_IMAGE, graphs.identity(("batch", 150000)), 150000, 150000, 8),
        BenchModel(MLP, graphs.mlp(), 64, 10, 64),
        BenchModel(SLOW, graphs.slow(), 2048, 2048, SLOW_BATCH),
    ]


def write_repository(folder: Path) -> None:
    """Writes every model in Triton's layout."""
    for model in bench_models():
        graphs.write_model(folder, model.name, model.graph, config=model.config())


def write_requests(folder: Path) -> dict[str, Path]:
    """One file per model, by model name."""
    files = {model.name: folder / f"{model.name}.bin" for model in bench_models()}
    for model in bench_models():
        files[model.name].write_bytes(model.request())
    return files
