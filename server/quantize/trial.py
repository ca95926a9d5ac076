"""Runs candidates in worker processes: whether they open, and how right they are."""

from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import numpy as np

from server.examine.examination import Examination, ExaminationError
from server.making.error import CommandError
from server.quantize.accuracy import Judge, Limits, Quality
from server.quantize.data_files import Array
from server.quantize.host import Host
from server.quantize.progress import progress
from server.quantize.samples import Samples
from server.quantize.variant import Candidate, Variant

_ROWS = 32  # of one run


@dataclass(frozen=True)
class Trial:
    """One candidate; `objection`: why it cannot be chosen."""

    candidate: Candidate
    quality: Quality | None = None
    objection: str | None = None
    examination: Examination | None = None  # open while it can be chosen

    @property
    def provider(self) -> str:
        return self.candidate.provider


class Trials:
    """A context manager: ends the workers. The float original on the CPU provider is what others
    are compared with."""

    def __init__(self, host: Host, samples: Samples, original: Variant, limits: Limits) -> None:
        self._host = host
        self._samples = samples
        reference = Candidate(original, "cpu")
        with ExitStack() as opening:
            self._stack = opening
            try:
                opened = self._open(reference)
                outputs = _answers(reference, opened, samples)
            except ExaminationError as error:
                reason = str(error).removeprefix(f"model file '{original.path}': ")
                raise CommandError(f"{original.path}: {reason}") from None
            self.judge = Judge(outputs, samples.labels, limits)
            self._stack = opening.pop_all()
        self.reference = Trial(reference, self.judge.quality(outputs), None, opened)
        self.all = [self.reference]

    def run(self, variant: Variant) -> list[Trial]:
        """Under each of its providers, until it is found inaccurate; noted in `all`."""
        done: list[Trial] = []
        for provider in variant.providers:
            done.append(self._try(Candidate(variant, provider)))
            if done[-1].quality is not None and done[-1].objection is not None:
                break
        self.all += done
        return done

    @property
    def batched(self) -> bool:
        return self._samples.batched

    def accepted(self) -> Iterable[Trial]:
        return [each for each in self.all if each.objection is None]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stack.close()

    def _try(self, candidate: Candidate) -> Trial:
        examination = None
        try:
            if candidate.variant.stand_in is not None:
                self._open(candidate.written).close()
            examination = self._open(candidate)
            quality = self.judge.quality(_answers(candidate, examination, self._samples))
        except ExaminationError as error:
            return Trial(candidate, None, f"does not run: {error}")
        objection = self.judge.objection(quality)
        if objection is not None:
            examination.close()
            return Trial(candidate, quality, objection)
        return Trial(candidate, quality, None, examination)

    def _open(self, candidate: Candidate) -> Examination:
        samples = self._samples
        subject = candidate.subject(self._host.cores, samples.batched, samples.dims())
        return self._stack.enter_context(Examination(subject))


def _answers(candidate: Candidate, examination: Examination, samples: Samples) -> dict[str, Array]:
    """Outputs of all samples, one per row."""
    runs = progress(list(samples.runs(_ROWS)), f"evaluating {candidate.title}")
    parts = [examination.outputs_of(inputs) for inputs in runs]
    join = np.concatenate if samples.batched else np.stack
    try:
        return {name: join([part[name] for part in parts]) for name in parts[0]}
    except ValueError:
        raise ExaminationError("the shape of an output depends on the values of inputs") from None
