"""How right a candidate is, against labels and against FP32."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from server.making.error import CommandError
from server.making.figures import plain
from server.quantize.data_files import Array

_CHURN = 10.0  # percent of samples whose class may change beside those that top-1 may lose


@dataclass(frozen=True)
class Limits:
    """What a candidate may cost."""

    drop: float  # percentage points of top-1, with labels
    error: float  # percent, without


@dataclass(frozen=True)
class Quality:
    """`error`: root mean square of the difference to FP32 in percent of the output's own, of the
    worst output; of whole numbers the share that differs. `agreement`: percent of samples whose
    class is FP32's."""

    error: float
    agreement: float | None = None
    top1: float | None = None  # percent, with labels
    drop: float | None = None  # percentage points below FP32

    @property
    def signal_db(self) -> float:
        """The error as a signal-to-noise ratio."""
        return -20 * math.log10(self.error / 100) if self.error > 0 else math.inf


class Judge:
    """Compares outputs with FP32's on the same samples. Raises CommandError for labels that are
    not of the model's classes: with them everything would seem accurate."""

    def __init__(
        self, reference: Mapping[str, Array], labels: Array | None, limits: Limits
    ) -> None:
        self._reference = reference
        self._labels = labels
        self.limits = limits
        self._classes = classes(reference)
        if self._classes is None:
            self._labels = None
        self._top1: float | None = None
        if self._labels is not None and self._classes is not None:
            self._top1 = self._share(self._classes, self._labels)
            _need_fit(self._classes, _scores(reference), self._labels, self._top1)

    @property
    def labelled(self) -> bool:
        """Whether top-1 accuracy decides."""
        return self._labels is not None

    def quality(self, outputs: Mapping[str, Array]) -> Quality:
        """`outputs`: of the same samples as the reference."""
        error = max(error_of(outputs[name], each) for name, each in self._reference.items())
        found = classes(outputs)
        if found is None or self._classes is None or found.shape != self._classes.shape:
            return Quality(error)
        agreement = self._share(found, self._classes)
        if self._labels is None or self._top1 is None:
            return Quality(error, agreement)
        top1 = self._share(found, self._labels)
        return Quality(error, agreement, top1, self._top1 - top1)

    def objection(self, quality: Quality) -> str | None:
        """Why it is not accurate enough."""
        if self._labels is not None:
            return self._labelled_objection(quality)
        if quality.error <= self.limits.error:
            return None
        return f"outputs differ by {plain(quality.error)} %; {self.limits.error:g} % are allowed"

    def _labelled_objection(self, quality: Quality) -> str | None:
        if quality.drop is None or quality.agreement is None:
            return "its outputs have another shape than FP32's"
        if quality.drop > self.limits.drop + 1e-9:
            return (
                f"top-1 falls by {quality.drop:.2f} points to {quality.top1:.2f} %; "
                f"{self.limits.drop:g} are allowed"
            )
        changed, most = 100 - quality.agreement, self.limits.drop + _CHURN
        if changed > most + 1e-9:
            return f"the class of {changed:.2f} % of samples is not FP32's; {most:g} % are allowed"
        return None

    @staticmethod
    def _share(found: Array | None, right: Array) -> float:
        return 100 * float(np.mean(found == right))


def _need_fit(found: Array, scores: Array | None, labels: Array, top1: float) -> None:
    """Raises CommandError unless `top1` of the classes `found` by FP32 is clearly above chance."""
    if scores is None or not np.array_equal(found, scores.argmax(axis=1)):
        count = max(2, len(np.union1d(labels, found)))  # numbers of its own
    else:
        count = scores.shape[1]
        if labels.min() < 0 or labels.max() >= count:
            raise CommandError(
                f"labels do not match the model's classes: they run from {labels.min()} to "
                f"{labels.max()}, its classes from 0 to {count - 1}"
            )
    chance = 100 / count
    least = chance + min(chance, (100 - chance) / 4)
    if top1 < least:
        raise CommandError(
            f"labels do not match the model's classes: FP32's top-1 is {top1:.2f} %, chance would "
            f"be {chance:.2f} %; --label names others, without labels outputs are compared"
        )


def error_of(found: Array, reference: Array) -> float:
    """Percent; infinite where shapes differ or values are not finite."""
    if found.shape != reference.shape:
        return math.inf
    if reference.dtype.kind != "f":
        return 100 * float(np.mean(found != reference)) if found.size else 0.0
    with np.errstate(all="ignore"):
        wide = reference.astype(np.float64)
        noise = float(np.linalg.norm(found.astype(np.float64) - wide))
        signal = float(np.linalg.norm(wide))
    if noise == 0:
        return 0.0
    return 100 * noise / signal if signal > 0 and math.isfinite(noise) else math.inf


def classes(outputs: Mapping[str, Array]) -> Array | None:
    """The class of each sample: of the first output of whole numbers with one per sample, or the
    largest of the first output with a score per class."""
    for values in outputs.values():
        if values.dtype.kind in "iu" and values.ndim and values.size == len(values):
            return values.reshape(-1)
    scores = _scores(outputs)
    return None if scores is None else np.asarray(scores.argmax(axis=1))


def _scores(outputs: Mapping[str, Array]) -> Array | None:
    """[samples, classes], of the first output with a score per class."""
    for values in outputs.values():
        if values.ndim > 1 and values.dtype.kind == "f" and max(values.shape[1:]) > 1:
            rows = values.reshape(len(values), -1)
            if rows.shape[1] == max(values.shape[1:]):
                return rows
    return None
