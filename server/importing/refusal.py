"""Why nothing was written."""

from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from server.importing.attempt import Outcome
from server.importing.options import ImportOptions
from server.importing.report import difference_table


def refusal(outcomes: Sequence[Outcome], options: ImportOptions, data: Any) -> str:
    """One line, about the attempt that came closest. `data`: the samples."""
    ran = [each for each in outcomes if each.agreement is not None]
    if not ran:
        return outcomes[0].problem
    nearest = min(ran, key=_differing)
    agreement = nearest.agreement
    assert agreement is not None
    worst = agreement.worst[0]
    tried = ", ".join(each.attempt.title for each in outcomes)
    return (
        f"{options.model}: the ONNX model differs from scikit-learn in {_differing(nearest)} of "
        f"{agreement.rows} samples, most in {worst.place}: {worst.expected!r} became "
        f"{worst.got!r} (tried: {tried}). "
        f"{_hint(worst.size, options.tolerance, _all_missing(data, agreement.differing))}"
    )


def worst_rows(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """Of the attempt that came closest."""
    ran = [each for each in outcomes if each.agreement is not None]
    if ran:
        agreement = min(ran, key=_differing).agreement
        assert agreement is not None
        yield from difference_table(agreement.worst)


def _differing(outcome: Outcome) -> int:
    assert outcome.agreement is not None
    return len(outcome.agreement.differing)


def _all_missing(data: Any, rows: Sequence[int]) -> list[str]:
    """Columns without a value in each of `rows`, and with one elsewhere."""
    if not isinstance(data, pd.DataFrame):
        return []
    gone = data.isna()
    here = gone.iloc[list(rows)].all() & ~gone.all()
    return [str(name) for name in data.columns[here]]


def _hint(size: float, tolerance: float, missing: Sequence[str]) -> str:
    if missing:
        names = ", ".join(f'"{name}"' for name in missing)
        return f"All of them lack a value of {names}: fill it by a SimpleImputer as the first step"
    if size <= 100 * tolerance:
        return f"If that is right for you, --tolerance {float(f'{size * 1.1:.1g}'):g} allows it"
    return (
        "A step is converted wrongly for some values: import the pipeline without its last steps "
        "to find which, and replace it"
    )
