"""What the suite serves and times."""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from onnx import ModelProto, TensorProto, helper

from benchmarks.networks.network import Network
from benchmarks.networks.resnet import resnet50
from benchmarks.networks.text_encoder import text_encoder
from benchmarks.tools import ROOT
from tests import graphs


@dataclass(frozen=True)
class Workload:
    """A network, one row of its inputs (dims by name), and its bound on p99."""

    name: str
    graph: Callable[[], ModelProto]
    dims: dict[str, list[int]]
    batches: tuple[int, ...]
    limit_ms: float

    @property
    def shapes(self) -> dict[str, list[int]]:
        """Of a request of one row."""
        return {name: [1, *dims] for name, dims in self.dims.items()}

    def write(self, repository: Path, **settings: Any) -> Path:
        """Writes the model with a configuration of these keys; returns its file."""
        path = graphs.write_model(repository, self.name, self.graph())
        configure(repository, self.name, **settings)
        return path


DEMO = ("digits", "wine")


def configure(repository: Path, model: str, **settings: Any) -> None:
    """JSON is YAML."""
    (repository / model / "model.yaml").write_text(json.dumps(settings) + "\n")


@cache
def served(quick: bool) -> tuple[Workload, ...]:
    """Bounds are those of MLPerf Inference's server scenario for these networks."""
    image, length = (32, 8) if quick else (224, 128)
    sizes = (1, 64, 2) if quick else (12, 768, 12)
    text = {"input_ids": [length], "attention_mask": [length]}
    batches = (1, 4) if quick else (8, 16, 32, 64)
    pixels = {"INPUT0": [3, image, image]}
    return (
        Workload("resnet50", cache(lambda: resnet50(image)), pixels, batches, limit_ms=15),
        Workload("encoder", cache(lambda: text_encoder(*sizes)), text, batches, limit_ms=130),
    )


def write_demo(repository: Path, model: str, **settings: Any) -> None:
    """A model that ships with the project, with a configuration of these keys alone."""
    folder = repository / model / "1"
    folder.mkdir(parents=True)
    shutil.copy(ROOT / f"model_repository/{model}/1/model.onnx", folder)
    configure(repository, model, **settings)


def many_kernels(layers: int = 150, width: int = 128) -> ModelProto:
    """FP32[batch,width]: two small kernels per layer, so that starting them is what takes time."""
    net = Network(seed=1)
    value = "INPUT0"
    for layer in range(layers):
        weights = net.normal(f"w{layer}", (width, width), width**-0.5)
        bias = net.normal(f"b{layer}", (width,), 0.01)
        value = net.add("Gemm", [value, weights, bias], f"dense{layer}")
        value = net.add("Tanh", [value], f"tanh{layer}")
    return _single(net, value, width)


def large_rows(width: int = 150_000, inner: int = 16) -> ModelProto:
    """FP32[batch,width] through a narrow middle: 600 KB in and out per row, little arithmetic."""
    net = Network(seed=2)
    value = "INPUT0"
    for name, (given, made) in {"down": (width, inner), "up": (inner, width)}.items():
        weights = net.normal(f"{name}_w", (given, made), given**-0.5)
        bias = net.constant(f"{name}_b", np.zeros(made, np.float32))
        value = net.add("Gemm", [value, weights, bias], name)
    return _single(net, value, width)


def _single(net: Network, value: str, width: int) -> ModelProto:
    net.add("Identity", [value], "OUTPUT0")
    row: list[int | str | None] = ["batch", width]
    return net.model(
        [helper.make_tensor_value_info("INPUT0", TensorProto.FLOAT, row)],
        [helper.make_tensor_value_info("OUTPUT0", TensorProto.FLOAT, row)],
    )
