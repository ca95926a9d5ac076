"""Five models of different kinds, each small enough that one machine measures them all."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, load

from benchmarks.networks import resnet50, text_encoder, tree_ensemble
from benchmarks.tools import ROOT
from server.proto import inference_pb2 as pb
from tests import graphs

LENGTH = 64  # tokens of a text


@dataclass(frozen=True)
class Kind:
    """A model, one row for it, and how it is loaded. `sample`: the dims that dynamic dimensions
    have, for its warm-up."""

    name: str
    graph: Callable[[], ModelProto]
    row: Callable[[], dict[str, NDArray[np.generic]]]
    max_batch_size: int
    in_flight: int
    sample: dict[str, tuple[str, list[int]]] = field(default_factory=dict)
    patience: int = 1  # how many times as long it is measured

    def config(self, provider: str, options: dict[str, str] | None = None) -> dict[str, object]:
        """The content of model.yaml."""
        config: dict[str, object] = {
            "execution_provider": provider,
            "max_batch_size": self.max_batch_size,
        }
        if options:
            config["provider_options"] = options
        if self.sample:
            inputs = {
                name: {"datatype": datatype, "dims": dims}
                for name, (datatype, dims) in self.sample.items()
            }
            config["warmup"] = [{"name": "one row", "inputs": inputs}]
        return config

    def request(self, model: str) -> bytes:
        """A serialized ModelInferRequest of one row."""
        request = pb.ModelInferRequest(model_name=model)
        for name, array in self.row().items():
            datatype = {"f": "FP32", "i": "INT64"}[array.dtype.kind]
            request.inputs.add(name=name, datatype=datatype, shape=array.shape)
            request.raw_input_contents.append(array.tobytes())
        message: bytes = request.SerializeToString()
        return message


def floats(name: str, *shape: int) -> Callable[[], dict[str, NDArray[np.generic]]]:
    """One FP32 input of one row."""
    return lambda: {name: np.random.default_rng(1).random((1, *shape), np.float32)}


def _text() -> dict[str, NDArray[np.generic]]:
    ids = np.random.default_rng(1).integers(0, 1000, (1, LENGTH))
    return {"input_ids": ids, "attention_mask": np.ones((1, LENGTH), np.int64)}


def _digits() -> ModelProto:
    return load(ROOT / "model_repository" / "digits" / "1" / "model.onnx")


RESNET = Kind("resnet", resnet50, floats("INPUT0", 3, 224, 224), 8, 32, patience=4)
KINDS = (
    Kind("mlp", graphs.mlp, floats("INPUT0", 64), 64, 128),
    Kind("trees", tree_ensemble, floats("INPUT0", 30), 64, 128),
    Kind("digits", _digits, floats("image", 1, 8, 8), 64, 128),
    RESNET,
    Kind(
        "encoder",
        text_encoder,
        _text,
        8,
        32,
        {"input_ids": ("INT64", [LENGTH]), "attention_mask": ("INT64", [LENGTH])},
    ),
)
