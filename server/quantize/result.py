"""What came out, as the reports tell it."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from server.quantize.accuracy import Limits, Quality
from server.quantize.culprits import Loss
from server.quantize.timing import Timings
from server.quantize.trial import Trial
from server.truth.report import TruthReport


@dataclass(frozen=True)
class Choice:
    """What is kept and why. `timings`: by a candidate's title and rows, none where nothing could
    be measured; `batch`: the rows at which was decided."""

    chosen: Trial
    reasons: Sequence[str]
    timings: Timings
    batch: int

    @property
    def title(self) -> str:
        return self.chosen.candidate.title


@dataclass(frozen=True)
class Result:
    """All that was tried; `truth` is about a chosen candidate in INT8."""

    model: str
    choice: Choice
    truth: TruthReport | None
    trials: Sequence[Trial]
    batched: bool
    limits: Limits
    labelled: bool
    losses: Sequence[Loss]
    notes: Sequence[str]
    provenance: Mapping[str, Any]
    preprocess: Mapping[str, Any]  # of model.yaml: how its pictures were prepared; {}: no pictures

    @property
    def title(self) -> str:
        return f"{self.model}: {self.choice.title}"

    @property
    def timings(self) -> Timings:
        return self.choice.timings

    @property
    def sizes(self) -> list[int]:
        return sorted({rows for timings in self.timings.values() for rows in timings})


def as_json(result: Result) -> bytes:
    """Every figure and where it comes from."""
    data = {
        "decision": {
            "chosen": result.choice.title,
            "reasons": list(result.choice.reasons),
            "batch": result.choice.batch,
            "measured": bool(result.timings),
        },
        "limits": asdict(result.limits) | {"labelled": result.labelled},
        "candidates": [_candidate(each, result.timings) for each in result.trials],
        "truth": None if result.truth is None else result.truth.as_dict(),
        "layers": [{"name": each.layer, "error_percent": each.error} for each in result.losses],
        "notes": list(result.notes),
        **result.provenance,
    }
    return (json.dumps(_finite(data), indent=2) + "\n").encode()


def _candidate(trial: Trial, timings: Timings) -> dict[str, Any]:
    variant = trial.candidate.variant
    return {
        "title": trial.candidate.title,
        "precision": variant.precision,
        "provider": trial.candidate.provider,
        "provider_options": variant.options_under(trial.candidate.provider),
        "calibration": variant.method or None,
        "layers_in_float": list(variant.excluded),
        "bytes": variant.path.stat().st_size,
        "accuracy": None if trial.quality is None else _quality(trial.quality),
        "refused": trial.objection,
        "timings": {
            str(rows): {"rows_per_s": timing.rows_per_s, "p50_ms": timing.p50_ms}
            for rows, timing in timings.get(trial.candidate.title, {}).items()
        },
    }


def _quality(quality: Quality) -> dict[str, Any]:
    return {
        "output_error_percent": quality.error,
        "signal_to_noise_db": quality.signal_db,
        "same_class_percent": quality.agreement,
        "top1_percent": quality.top1,
        "top1_drop_points": quality.drop,
    }


def _finite(value: Any) -> Any:
    """JSON has no infinity."""
    if isinstance(value, dict):
        return {key: _finite(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_finite(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
