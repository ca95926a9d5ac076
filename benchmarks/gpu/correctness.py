"""Served answers of the provider against those of the CPU provider."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks.figures import Figure, at_most
from benchmarks.gpu.settings import Settings
from benchmarks.gpu.workloads import DEMO, served, write_demo
from benchmarks.load.requests import fetch_metadata, infer_once, random_request
from benchmarks.server import BenchServer
from server.examine.arrays import Array, from_raw
from server.proto import inference_pb2 as pb

ROWS = 4
TOLERANCE = 0.01  # of the largest value: CUDA multiplies FP32 in TF32 by default
Answers = dict[str, dict[str, Array]]  # by model, by output


def figures(settings: Settings) -> Iterator[Figure]:
    """One per model: the largest difference between the two answers to the same request."""
    settings.say("correctness")
    folder = settings.folder("correctness")
    expected = _answers(folder, "cpu", "reference", settings)
    got = _answers(folder, settings.provider, "provider", settings)
    for model, outputs in expected.items():
        difference = max(_difference(got[model][name], array) for name, array in outputs.items())
        yield Figure("correctness", model, difference, target=at_most(TOLERANCE))


def _difference(got: Array, expected: Array) -> float:
    """The largest difference, in units of the largest expected value."""
    wanted = expected.astype(np.float64)
    largest = float(np.max(np.abs(wanted))) or 1.0
    return float(np.max(np.abs(got.astype(np.float64) - wanted))) / largest


def _answers(folder: Path, provider: str, name: str, settings: Settings) -> Answers:
    folder = folder / name
    repository = folder / "repository"
    shapes: dict[str, dict[str, list[int]]] = {}
    for workload in served(settings.quick):
        workload.write(repository, execution_provider=provider, max_batch_size=ROWS)
        shapes[workload.name] = {key: [ROWS, *dims] for key, dims in workload.dims.items()}
    for model in DEMO:
        write_demo(repository, model, execution_provider=provider, max_batch_size=ROWS)
        shapes[model] = {}
    with BenchServer(repository, folder) as server:
        return {model: _answer(server.target, model, given) for model, given in shapes.items()}


def _answer(target: str, model: str, shapes: dict[str, list[int]]) -> dict[str, Array]:
    metadata = fetch_metadata(target, model)
    message = random_request(metadata, batch=ROWS, shapes=shapes)
    reply = pb.ModelInferResponse.FromString(infer_once(target, message))
    return {
        tensor.name: from_raw(tensor.shape, raw, tensor.datatype)
        for tensor, raw in zip(reply.outputs, reply.raw_output_contents, strict=True)
    }
