"""The model.yaml that goes with what `quantize` keeps: valid, and as it was measured."""

from pathlib import Path

import pytest

from server.config.yaml_file import read_yaml
from server.quantize.model_yaml import as_yaml, settings
from server.quantize.variant import BF16_OPTIONS, Candidate, Precision, Variant

TENSORRT_INT8 = {"trt_fp16_enable": "1", "trt_int8_enable": "1"}


def candidate(precision: Precision, provider: str) -> Candidate:
    options = BF16_OPTIONS if precision == "bf16" else {}
    return Candidate(Variant(precision, Path("model.onnx"), (provider,), options), provider)


@pytest.mark.parametrize(
    ("kept", "measured", "proven", "expected"),
    [
        (candidate("float", "cpu"), True, False, {"execution_provider": "cpu"}),
        (
            candidate("int8", "openvino"),
            True,
            True,
            {"execution_provider": "openvino", "require_int8": True},
        ),
        (
            candidate("bf16", "openvino"),
            True,
            False,
            {"execution_provider": "openvino", "provider_options": BF16_OPTIONS},
        ),
        # The scale of a whole batch makes rows depend on each other: no probe may decide.
        (
            candidate("int8 dynamic", "cpu"),
            True,
            False,
            {"execution_provider": "cpu", "max_batch_size": 32},
        ),
        (
            candidate("int8", "cpu"),
            False,
            False,
            {"execution_provider": "tensorrt", "provider_options": TENSORRT_INT8},
        ),
        (candidate("fp16", "cpu"), False, False, {"execution_provider": "cuda"}),
        (candidate("fp16", "cuda"), True, False, {"execution_provider": "cuda"}),
        (
            candidate("fp16", "tensorrt"),
            True,
            False,
            {"execution_provider": "tensorrt", "provider_options": {"trt_fp16_enable": "1"}},
        ),
    ],
)
def test_the_configuration_says_how_it_was_measured(
    kept: Candidate, measured: bool, proven: bool, expected: dict[str, object]
) -> None:
    text = as_yaml(settings(kept, True, measured, proven))
    config, _ = read_yaml(Path("model.yaml"), text)
    assert config.model_dump(include=set(expected)) == expected
    assert config.model_fields_set == set(expected)


@pytest.mark.parametrize(
    ("provider", "expected"), [("tensorrt", TENSORRT_INT8), ("cuda", {}), ("cpu", {})]
)
def test_tensorrt_is_measured_in_the_precision_of_the_file(
    provider: str, expected: dict[str, str]
) -> None:
    assert candidate("int8", provider).subject(1, True, {}).options == expected
