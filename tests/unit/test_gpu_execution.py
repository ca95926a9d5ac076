"""What the GPU providers are told."""

from pathlib import Path
from typing import Any

import pytest

from server.config.scheduling_spec import DynamicBatching, Padding
from server.config.spec import ModelConfig, Provider, TensorConfig, Warmup, WarmupInput
from server.faults import MismatchError
from server.gpu_execution import check_options, described_by, with_gpu_options
from server.specification import execution, warm_batch_sizes

CACHE = Path("/cache/tensorrt")
IMAGE = TensorConfig(name="x", datatype="FP32", dims=(3, 224, 224))
TOKENS = TensorConfig(name="ids", datatype="INT64", dims=(-1,))
TEXT = TensorConfig(name="text", datatype="BYTES", dims=(1,))


def sample(*dims: int) -> Warmup:
    return Warmup(name="w", inputs={"ids": WarmupInput(datatype="INT64", dims=dims)})


def config_of(provider: Provider, *inputs: TensorConfig, **keys: Any) -> ModelConfig:
    return ModelConfig(
        **{"max_batch_size": 8, "instance_count": 2}
        | keys
        | {"execution_provider": provider, "inputs": inputs}
    )


def options_of(provider: Provider, *inputs: TensorConfig, **keys: Any) -> dict[str, str]:
    return with_gpu_options(config_of(provider, *inputs, **keys), CACHE).provider_options


def profile(least: str, usual: str, largest: str) -> dict[str, str]:
    return {
        "trt_profile_min_shapes": least,
        "trt_profile_opt_shapes": usual,
        "trt_profile_max_shapes": largest,
    }


CACHES = {
    "trt_engine_cache_enable": "1",
    "trt_engine_cache_path": "/cache/tensorrt",
    "trt_timing_cache_enable": "1",
    "trt_timing_cache_path": "/cache/tensorrt",
}


def test_other_providers_get_nothing() -> None:
    for provider in ("cpu", "openvino"):
        config = config_of(provider, IMAGE)
        assert with_gpu_options(config, CACHE) is config
        assert execution(described_by(config)).provider == provider


@pytest.mark.parametrize(
    ("keys", "limit"),
    [
        ({}, None),
        ({"gpu_memory_limit_mib": 100}, 50 << 20),
        ({"gpu_memory_limit_mib": 100, "device_ids": (0, 1)}, 50 << 20),
        ({"gpu_memory_limit_mib": 100, "device_ids": (0, 0, 1), "instance_count": 1}, 50 << 20),
    ],
)
def test_a_memory_limit_is_shared_by_the_slots_of_a_gpu(
    keys: dict[str, Any], limit: int | None
) -> None:
    expected = {} if limit is None else {"gpu_mem_limit": str(limit)}
    assert options_of("cuda", IMAGE, **keys) == expected
    workspace = options_of("tensorrt", IMAGE, **keys).get("trt_max_workspace_size")
    assert workspace == (None if limit is None else str(limit))


def test_a_slot_on_cuda_can_take_the_session_that_described_the_file() -> None:
    config = config_of("cuda", IMAGE, gpu_memory_limit_mib=100, provider_options={"a": "b"})
    served = execution(with_gpu_options(config, CACHE))
    described = execution(described_by(config))
    assert (described.provider, described.options) == (served.provider, served.options)


def test_a_file_for_tensorrt_is_described_by_cuda() -> None:
    config = config_of("tensorrt", IMAGE, provider_options={"trt_fp16_enable": "1"})
    described = execution(described_by(config))
    assert (described.provider, described.options) == ("cuda", {})


@pytest.mark.parametrize(
    ("inputs", "keys", "expected"),
    [
        ((IMAGE,), {}, profile("x:1x3x224x224", "x:8x3x224x224", "x:8x3x224x224")),
        ((IMAGE,), {"max_batch_size": 0}, {}),
        (
            (IMAGE, TOKENS, TEXT),
            {"warmup": (sample(32), sample(512), sample(64))},
            profile("x:1x3x224x224,ids:1x1", "x:8x3x224x224,ids:8x32", "x:8x3x224x224,ids:8x512"),
        ),
        (
            (TOKENS,),
            {"padding": Padding(inputs={"ids": 0}, buckets=(16, 128))},
            profile("ids:1x1", "ids:8x128", "ids:8x128"),
        ),
        (
            (TOKENS,),
            {"padding": Padding(inputs={"ids": 0}, buckets=(16, 128)), "warmup": (sample(20),)},
            profile("ids:1x1", "ids:8x20", "ids:8x128"),
        ),
        ((IMAGE,), {"provider_options": {"trt_profile_min_shapes": "x:1x3x1x1"}}, {}),
    ],
)
def test_tensorrt_is_told_the_sizes_to_build_for(
    inputs: tuple[TensorConfig, ...], keys: dict[str, Any], expected: dict[str, str]
) -> None:
    said = keys.get("provider_options", {})
    assert options_of("tensorrt", *inputs, **keys) == CACHES | expected | said


def test_without_a_cache_tensorrt_keeps_nothing() -> None:
    config = config_of("tensorrt", IMAGE, max_batch_size=0)
    assert with_gpu_options(config, None).provider_options == {}


def test_the_users_options_win_key_by_key() -> None:
    said = {"trt_engine_cache_path": "/elsewhere", "trt_int8_enable": "1", "trt_fp16_enable": "1"}
    options = options_of("tensorrt", IMAGE, max_batch_size=0, provider_options=said)
    assert options == CACHES | said


def test_unknown_sizes_say_what_is_needed() -> None:
    with pytest.raises(MismatchError) as caught:
        options_of("tensorrt", TOKENS)
    [fault] = caught.value.faults
    assert fault.at == ("inputs",)
    assert 'input "ids" has dims [-1]: TensorRT must know how large they get' in fault.message
    assert "add a warm-up sample of the largest" in fault.message


@pytest.mark.parametrize("provider", ["cuda", "tensorrt"])
@pytest.mark.parametrize(
    ("key", "fix"),
    [
        ("device_id", "set device_ids"),
        ("user_compute_stream", "a stream of its own"),
        ("enable_cuda_graph", "set cuda_graph: true"),
        ("trt_cuda_graph_enable", "one graph for all batch sizes"),
    ],
)
def test_options_that_the_server_sets_are_refused(provider: Provider, key: str, fix: str) -> None:
    with pytest.raises(MismatchError) as caught:
        check_options(config_of(provider, IMAGE, provider_options={key: "1"}))
    [fault] = caught.value.faults
    assert fault.at == ("provider_options", key)
    assert fix in fault.message


@pytest.mark.parametrize(
    ("provider", "inputs", "keys", "sizes"),
    [
        ("cuda", (IMAGE,), {}, [1, 2, 4, 8]),
        ("cuda", (IMAGE,), {"max_batch_size": 6}, [1, 2, 4, 6]),
        ("cuda", (IMAGE,), {"dynamic_batching": False}, [1, 2, 4, 8]),
        (
            "tensorrt",
            (IMAGE,),
            {"dynamic_batching": DynamicBatching(preferred_batch_size=(3,))},
            [1, 2, 3, 4, 8],
        ),
        ("cuda", (IMAGE,), {"max_batch_size": 0}, []),
        ("cuda", (IMAGE, TEXT), {}, []),
        ("openvino", (IMAGE,), {}, [1, 2, 4, 8]),
        ("openvino", (IMAGE,), {"dynamic_batching": False}, []),
        ("cpu", (IMAGE,), {}, []),
    ],
)
def test_sizes_that_are_run(
    provider: Provider, inputs: tuple[TensorConfig, ...], keys: dict[str, Any], sizes: list[int]
) -> None:
    assert warm_batch_sizes(config_of(provider, *inputs, **keys)) == sizes


def test_slots_are_counted_on_every_gpu() -> None:
    assert config_of("cuda", IMAGE, device_ids=(0, 2)).slots == 4
    assert config_of("cpu", IMAGE, device_ids=(0, 2)).slots == 2
