"""What is tried: model files of some precision under some provider."""

import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from server.examine.subject import Subject

Precision = Literal["float", "bf16", "fp16", "int8", "int8 dynamic"]
BF16_OPTIONS = {"load_config": json.dumps({"CPU": {"INFERENCE_PRECISION_HINT": "bf16"}})}

# Without them TensorRT runs a file's FP16 and INT8 in FP32, or not at all.
_TENSORRT_OPTIONS: dict[Precision, dict[str, str]] = {
    "fp16": {"trt_fp16_enable": "1"},
    "int8": {"trt_fp16_enable": "1", "trt_int8_enable": "1"},
}


@dataclass(frozen=True)
class Variant:
    """A model file and how it was made; `excluded` layers are left in float. A `stand_in` is
    evaluated where this machine cannot run the file itself."""

    precision: Precision
    path: Path
    providers: tuple[str, ...]
    options: dict[str, str] = field(default_factory=dict)
    method: str = ""  # of calibration
    excluded: tuple[str, ...] = ()
    stand_in: Path | None = None

    def options_under(self, provider: str) -> dict[str, str]:
        """Its own, and those with which the provider computes in the file's precision."""
        own = _TENSORRT_OPTIONS.get(self.precision, {}) if provider == "tensorrt" else {}
        return self.options | own

    @property
    def title(self) -> str:
        """ "int8 (MinMax, 2 layers in float)"."""
        left = len(self.excluded)
        layers = f"{left} layer{'s' if left > 1 else ''} in float" if left else ""
        details = ", ".join(filter(None, (self.method, layers)))
        return f"{self.precision} ({details})" if details else self.precision


@dataclass(frozen=True)
class Candidate:
    """A variant under one provider."""

    variant: Variant
    provider: str

    @property
    def title(self) -> str:
        if self.variant.stand_in is None:
            return f"{self.variant.title} on {self.provider}"
        return f"{self.variant.title} for tensorrt (judged by an FP32 stand-in on {self.provider})"

    @property
    def written(self) -> "Candidate":
        """The same without a stand-in."""
        return replace(self, variant=replace(self.variant, stand_in=None))

    def subject(self, slots: int, batched: bool, dims: dict[str, list[int]]) -> Subject:
        """As it would be served."""
        return Subject(
            path=str(self.variant.stand_in or self.variant.path),
            provider=self.provider,
            options=self.variant.options_under(self.provider),
            slots=1 if self.provider in ("cuda", "tensorrt") else slots,
            batched=batched,
            dims=dims,
        )
