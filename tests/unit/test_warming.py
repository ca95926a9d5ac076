"""What a version runs before it is served, on a GPU that is not there."""

import logging
from pathlib import Path
from typing import Any, cast

import pytest

from server.config.problem import ConfigError
from server.config.read import ConfigFile
from server.config.spec import ModelConfig, Provider, TensorConfig
from server.engine import CoreError
from server.opening import Opened
from server.proto import inference_pb2
from server.repository import ModelFolder
from server.warming import warm_up

INTERNAL = CoreError("INTERNAL", "no zeros please")


def warmed(
    folder: Path, config: ModelConfig, error: CoreError | None = None, runs: int = 0
) -> list[list[int]]:
    """The shapes that were run; after so many runs they fail."""
    shapes: list[list[int]] = []

    def infer(request: bytes) -> None:
        shapes.append(list(inference_pb2.ModelInferRequest.FromString(request).inputs[0].shape))
        if error is not None and len(shapes) > runs:
            raise error

    opened = Opened(cast(Any, None), config, folder / "model.onnx", (), "cuda", "", None)
    warm_up(ModelFolder("m", folder, (1,)), opened, ConfigFile(config), infer)
    return shapes


def config_of(*dims: int, provider: Provider = "cuda", cuda_graph: bool = False) -> ModelConfig:
    return ModelConfig(
        execution_provider=provider,
        cuda_graph=cuda_graph,
        instance_count=1,
        device_ids=(0, 1),
        max_batch_size=4,
        inputs=(TensorConfig(name="x", datatype="FP32", dims=dims),),
    )


def test_every_size_runs_on_every_slot(tmp_path: Path) -> None:
    shapes = warmed(tmp_path, config_of(3))
    assert shapes == [[rows, 3] for rows in (1, 2, 4) for _ in range(2 * 3)]


def test_batches_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    error = CoreError("RESOURCE_EXHAUSTED", "model 'm': GPU 0 is out of memory")
    with pytest.raises(ConfigError, match="warm-up: model 'm': GPU 0 is out of memory"):
        warmed(tmp_path, config_of(3), error)


@pytest.mark.parametrize(
    ("config", "runs", "provider"),
    [
        (config_of(3), 0, "cuda"),
        (config_of(3), 5, "cuda"),
        (config_of(3, cuda_graph=True), 6, "cuda"),
        (config_of(3, provider="tensorrt"), 6, "tensorrt"),
    ],
)
def test_a_model_that_does_not_run_on_its_gpu_is_refused(
    tmp_path: Path, config: ModelConfig, runs: int, provider: str
) -> None:
    with pytest.raises(ConfigError) as refused:
        warmed(tmp_path, config, INTERNAL, runs)
    [problem] = refused.value.problems
    assert problem.path == tmp_path
    assert f"warm-up on {provider}: no zeros please; if it cannot" in problem.message


@pytest.mark.parametrize(
    ("dims", "error", "reason"),
    [
        ((3,), INTERNAL, "no zeros please"),
        ((-1,), None, "a warm-up sample must say"),
    ],
)
def test_a_gpu_that_cannot_be_warmed_is_a_warning(
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    dims: tuple[int, ...],
    error: CoreError | None,
    reason: str,
) -> None:
    with caplog.at_level(logging.WARNING):
        warmed(tmp_path, config_of(*dims), error, runs=6)
    assert "latency is not measured at load" in caplog.text
    assert reason in caplog.text
