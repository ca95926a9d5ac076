"""Times the providers on one model, in turns, so that all of them see the same machine."""

import statistics
from collections.abc import Sequence
from contextlib import ExitStack

from server.examine.examination import Examination, ExaminationError
from server.examine.subject import Subject
from server.selection.agreement import disagreement
from server.selection.selection import Trial

ROUNDS = 3
WINDOW_S = 0.15  # of one size of one provider in one round
LONGEST_RUN_S = 0.5  # larger batches are not tried
COMPARED_ROWS = 3  # an odd size: kernels for whole vectors and their remainders both run


def run_trials(subjects: Sequence[Subject], sizes: Sequence[int], quantized: bool) -> list[Trial]:
    """One per subject, in order; the first is the one that the others must agree with."""
    with ExitStack() as stack:
        trials = [_Running(subject) for subject in subjects]
        for trial in trials:
            trial.open(stack)
        for trial in trials[1:]:
            trial.compare(trials[0], quantized)
        for rows in sizes:
            for _ in range(ROUNDS):
                for trial in trials:
                    trial.time(rows)
            if max(trial.last_s for trial in trials) > LONGEST_RUN_S:
                break
        return [trial.result() for trial in trials]


class _Running:
    """One provider's trial. What fails ends it; the others go on."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        self._examination: Examination | None = None
        self._failure = ""
        self._times: dict[int, list[int]] = {}
        self.last_s = 0.0

    def open(self, stack: ExitStack) -> None:
        try:
            self._examination = stack.enter_context(Examination(self._subject))
        except ExaminationError as error:
            self._fail(error)

    def compare(self, safe: "_Running", quantized: bool) -> None:
        rows = COMPARED_ROWS if self._subject.batched else 1
        if self._examination is None or safe._examination is None:
            return
        try:
            expected = safe._examination.synthetic_outputs(rows)
        except ExaminationError as error:
            safe._fail(error)
            return
        try:
            outputs = self._examination.synthetic_outputs(rows)
        except ExaminationError as error:
            self._fail(error)
            return
        self._failure = disagreement(expected, outputs, quantized)

    def time(self, rows: int) -> None:
        if self._failure or self._examination is None:
            return
        try:
            runs = self._examination.time(rows, WINDOW_S)
        except ExaminationError as error:
            self._fail(error)
            return
        self._times.setdefault(rows, []).extend(runs)
        self.last_s = statistics.median(runs) / 1e9

    def _fail(self, error: ExaminationError) -> None:
        self._failure = str(error).removeprefix(f"model file '{self._subject.path}': ")

    def result(self) -> Trial:
        per_row = {
            rows: statistics.median(runs) / (rows * self._subject.slots)
            for rows, runs in self._times.items()
        }
        return Trial(self._subject.provider, {} if self._failure else per_row, self._failure)
