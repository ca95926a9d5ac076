"""Why nothing was written."""

from collections.abc import Iterator, Sequence

from server.importing.attempt import Outcome
from server.importing.options import ImportOptions
from server.importing.report import difference_table


def refusal(outcomes: Sequence[Outcome], options: ImportOptions) -> str:
    """One line, about the attempt that came closest."""
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
        f"{worst.got!r} (tried: {tried}). {_hint(worst.size, options.tolerance)}"
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


def _hint(size: float, tolerance: float) -> str:
    if size <= 100 * tolerance:
        return f"If that is right for you, --tolerance {float(f'{size * 1.1:.1g}'):g} allows it"
    return (
        "A step is converted wrongly for some values: import the pipeline without its last steps "
        "to find which, and replace it"
    )
