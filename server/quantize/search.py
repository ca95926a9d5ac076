"""Looks for an INT8 form that is accurate enough: other ranges, then layers left in float."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import onnx

from server.making.error import CommandError
from server.quantize.calibration import METHODS, Method, calibrate
from server.quantize.culprits import Loss, losses
from server.quantize.qdq import Style, layers, write_static
from server.quantize.samples import Samples
from server.quantize.trial import Trial
from server.quantize.variant import Variant

_SHARE = 2  # at most one in so many layers is left in float


@dataclass(frozen=True)
class Found:
    """What was looked at on the way; the last accepted trials are the result."""

    losses: Sequence[Loss] = ()  # of each layer, the worst first; only if ranges did not suffice
    notes: Sequence[str] = ()


@dataclass
class Search:
    """Static INT8 of one prepared model. `finish` makes a variant of a written file."""

    prepared: Path
    samples: Samples
    style: Style
    finish: Callable[[Path, Method, tuple[str, ...]], Variant]
    _ranges: dict[Method, Any] = field(default_factory=dict)

    def find(self, attempt: Callable[[Variant], list[Trial]]) -> Found:
        """Stops at the first variant that is accepted on some provider."""
        best: tuple[float, Method] | None = None
        for method in METHODS:
            trials = attempt(self._variant(method, ()))
            if _accepted(trials):
                return Found()
            error = min((each.quality.error for each in trials if each.quality), default=None)
            if error is None:
                return Found(notes=("INT8 does not run under any provider here",))
            if best is None or error < best[0]:
                best = (error, method)
        assert best is not None
        return self._exclude(best[1], attempt)

    def _exclude(self, method: Method, attempt: Callable[[Variant], list[Trial]]) -> Found:
        names = [each.name for each in layers(onnx.load(self.prepared), self.style)]
        found = losses(self.prepared, self.samples, self._ranges[method], self.style, names)
        most = len(names) // _SHARE
        for count in _steps(most):
            worst = found[:count]
            if _accepted(attempt(self._variant(method, tuple(each.layer for each in worst)))):
                told = ", ".join(f"{each.layer} ({each.signal_db:.0f} dB alone)" for each in worst)
                return Found(found, (f"left in float, since INT8 harms them most: {told}",))
        note = f"INT8 stays too inaccurate with {most} of {len(names)} layers left in float"
        if not most:
            note = "INT8 is too inaccurate, and at most half of the layers may be left in float"
        return Found(found, (note,))

    def _variant(self, method: Method, excluded: tuple[str, ...]) -> Variant:
        if method not in self._ranges:
            style = self.style
            self._ranges[method] = calibrate(
                self.prepared, self.samples, style.operators, method, style.symmetric
            )
        path = self.prepared.with_suffix(f".int8.{method}.{len(excluded)}.onnx")
        try:
            write_static(self.prepared, path, self._ranges[method], self.style, without=excluded)
        except Exception as error:
            raise CommandError(f"{self.prepared.name} cannot be quantized: {error}") from error
        return self.finish(path, method, excluded)


def _accepted(trials: Sequence[Trial]) -> bool:
    return any(each.objection is None for each in trials)


def _steps(most: int) -> Iterator[int]:
    """1, 2, 4, ... and `most`."""
    count = 1
    while count < most:
        yield count
        count *= 2
    if most:
        yield most
