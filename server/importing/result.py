"""What came out, as the reports tell it."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from server.importing.agreement import Agreement, Difference
from server.importing.inputs import Input


@dataclass(frozen=True)
class Result:
    """A model that agrees; `path`: its file."""

    path: Path
    estimator: str
    kind: str
    classes: Sequence[Any]
    inputs: Sequence[Input]
    outputs: Sequence[Mapping[str, Any]]
    agreement: Agreement
    tolerance: float
    notes: Sequence[str]
    provenance: Mapping[str, Any]


def as_json(result: Result) -> bytes:
    """Every figure and where it comes from."""
    data = {
        "estimator": result.estimator,
        "kind": result.kind,
        "classes": [_plain(each) for each in result.classes],
        "inputs": [asdict(each) for each in result.inputs],
        "outputs": list(result.outputs),
        "agreement": {
            "rows": result.agreement.rows,
            "tolerance": result.tolerance,
            "largest_differences": [_difference(each) for each in result.agreement.largest],
        },
        "notes": list(result.notes),
        **result.provenance,
    }
    return (json.dumps(data, indent=2) + "\n").encode()


def _difference(each: Difference) -> dict[str, Any]:
    found = asdict(each)
    return {name: _plain(value) for name, value in found.items()}


def _plain(value: Any) -> Any:
    """As JSON has it: no infinity, no types of NumPy's."""
    value = value.item() if hasattr(value, "item") else value
    return None if isinstance(value, float) and not math.isfinite(value) else value
