"""The configuration that goes with a choice."""

from typing import Any

import yaml

from server.quantize.timing import LARGEST
from server.quantize.variant import Candidate


def settings(candidate: Candidate, batched: bool, measured: bool, proven: bool) -> dict[str, Any]:
    """Keys of model.yaml that serve the candidate as it was measured, or, where it was not, on
    the GPU that it was made for. `proven`: it really runs in INT8, and should be served no other
    way."""
    variant, provider = candidate.variant, candidate.provider
    if not measured:
        provider = "tensorrt" if variant.precision == "int8" else "cuda"
    keys: dict[str, Any] = {"execution_provider": provider}
    if options := variant.options_under(provider):
        keys["provider_options"] = options
    if proven:
        keys["require_int8"] = True
    if variant.precision == "int8 dynamic" and batched:
        # Rows of a batch share a scale, so that the probe for independent rows would say no.
        keys["max_batch_size"] = LARGEST
    return keys


def as_yaml(keys: dict[str, Any]) -> str:
    """model.yaml of a model's first version."""
    head = "# Written by python -m server quantize; why is in 1/quantization.md.\n"
    return head + yaml.safe_dump(keys, sort_keys=False, width=1000)
