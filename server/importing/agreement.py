"""How far an ONNX model's answers are from scikit-learn's."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from server.importing.expectation import Answers

_WORST = 5  # rows to show


@dataclass(frozen=True)
class Difference:
    """One value. `size`: relative to what the tolerance is of; of labels 0 or infinite."""

    output: str
    row: int
    column: int
    expected: Any
    got: Any
    size: float

    @property
    def place(self) -> str:
        at = f"row {self.row}" + ("" if self.output == "label" else f", column {self.column}")
        return f'"{self.output}", {at}'


@dataclass(frozen=True)
class Agreement:
    """`largest`: by output. `differing`: rows that are out of tolerance in any of them, the worst
    of which are in `worst`."""

    rows: int
    differing: tuple[int, ...]
    largest: tuple[Difference, ...]
    worst: tuple[Difference, ...]

    @property
    def good(self) -> bool:
        return not self.differing


def compare(wanted: Answers, got: Answers, tolerance: float) -> Agreement:
    """Rows are numbered from 0. Outputs of another shape differ everywhere."""
    rows = len(next(iter(wanted.values())))
    sizes = {name: _sizes(name, each, got[name]) for name, each in wanted.items()}
    of_rows = np.max(np.stack([each.max(axis=1) for each in sizes.values()]), axis=0)
    differing = np.flatnonzero(of_rows > tolerance)
    order = differing[np.argsort(-of_rows[differing], kind="stable")][:_WORST]
    return Agreement(
        rows=rows,
        differing=tuple(map(int, differing)),
        largest=tuple(_difference(name, sizes, wanted, got, None) for name in sizes),
        worst=tuple(_worst_of(int(row), sizes, wanted, got) for row in order),
    )


def _worst_of(row: int, sizes: Answers, wanted: Answers, got: Answers) -> Difference:
    found: Sequence[Difference] = [_difference(name, sizes, wanted, got, row) for name in sizes]
    return max(found, key=lambda each: each.size)


def _difference(
    name: str, sizes: Answers, wanted: Answers, got: Answers, row: int | None
) -> Difference:
    """The largest of a row, or of all."""
    size = sizes[name]
    at = int(np.argmax(size if row is None else size[row]))
    row, column = divmod(at, size.shape[1]) if row is None else (row, at)
    fits = _same_shape(wanted[name], got[name])
    return Difference(
        output=name,
        row=row,
        column=column,
        expected=_wide(wanted[name])[row, column].item(),
        got=_wide(got[name])[row, column].item() if fits else f"{list(got[name].shape)} values",
        size=float(size[row, column]),
    )


def _sizes(name: str, wanted: Any, got: Any) -> Any:
    """[rows, columns]: how far each value is off."""
    if not _same_shape(wanted, got):
        return np.full(_wide(wanted).shape, np.inf)
    if name == "label":
        same_kind = wanted.dtype.kind == got.dtype.kind
        equal = wanted == got if same_kind else np.zeros(len(wanted), bool)
        return np.where(_wide(equal), 0.0, np.inf)
    with np.errstate(invalid="ignore"):
        off = np.abs(got.astype(np.float64) - wanted)
        off = np.where((got == wanted) | (np.isnan(got) & np.isnan(wanted)), 0.0, off)
    off = np.where(np.isnan(off), np.inf, off)
    return off if name == "probabilities" else _relative(off, wanted)


def _relative(off: Any, wanted: Any) -> Any:
    """To the larger of the value and the root mean square of its column."""
    finite = np.where(np.isfinite(wanted), wanted, 0.0)
    usual = np.sqrt(np.mean(np.square(finite), axis=0, keepdims=True))
    scale = np.maximum(np.abs(finite), usual)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(off == 0, 0.0, off / scale)


def _same_shape(wanted: Any, got: Any) -> bool:
    return bool(wanted.shape == got.shape)


def _wide(values: Any) -> Any:
    return values.reshape(len(values), -1)
