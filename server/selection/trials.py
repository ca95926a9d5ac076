"""Times the providers on one model, in turns, so that all of them see the same machine."""

import statistics
import time
from collections.abc import Sequence
from contextlib import ExitStack

from server.examine.examination import Examination, ExaminationError
from server.examine.subject import Subject
from server.selection.agreement import disagreement
from server.selection.selection import Trial

ROUNDS = 5
WINDOW_S = 0.1  # of one size of one provider in one round
LONGEST_RUN_S = 1.0  # batches that are predicted to take longer are not tried
BUDGET_S = 30.0  # of all rounds; the one that is under way is finished
COMPARED_ROWS = 3  # an odd size: kernels for whole vectors and their remainders both run


def run_trials(subjects: Sequence[Subject], sizes: Sequence[int], quantized: bool) -> list[Trial]:
    """One per subject, in order; the first is the one that the others must agree with."""
    with ExitStack() as stack:
        trials = [_Running(subject) for subject in subjects]
        for trial in trials:
            trial.open(stack)
        for trial in trials[1:]:
            trial.compare(trials[0], quantized)
        end = time.monotonic() + BUDGET_S
        tried = _affordable(trials, sizes)
        for number in range(ROUNDS):
            if number and time.monotonic() > end:
                break
            for rows in tried:
                for trial in trials if number % 2 else reversed(trials):
                    trial.time(rows)
        return [trial.result() for trial in trials]


def _affordable(trials: "Sequence[_Running]", sizes: Sequence[int]) -> list[int]:
    """Ascending; the smallest in any case."""
    tried = [sizes[0]]
    for trial in trials:
        trial.time(sizes[0])
    slowest_s = max(trial.last_s for trial in trials)
    tried += [rows for rows in sizes[1:] if slowest_s * rows / sizes[0] <= LONGEST_RUN_S]
    for trial in trials:
        trial.forget()  # it was the first of its size
    return tried


class _Running:
    """One provider's trial. What fails ends it; the others go on."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        self._examination: Examination | None = None
        self._failure = ""
        self._times: dict[int, list[float]] = {}
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
        """One figure of a round: the median of the runs in it."""
        if self._failure or self._examination is None:
            return
        try:
            run_ns = statistics.median(self._examination.time(rows, WINDOW_S))
        except ExaminationError as error:
            self._fail(error)
            return
        self._times.setdefault(rows, []).append(run_ns / (rows * self._subject.slots))
        self.last_s = run_ns / 1e9

    def forget(self) -> None:
        self._times.clear()

    def result(self) -> Trial:
        times = {rows: tuple(figures) for rows, figures in self._times.items()}
        return Trial(self._subject.provider, {} if self._failure else times, self._failure)

    def _fail(self, error: ExaminationError) -> None:
        words = str(error).removeprefix(f"model file '{self._subject.path}': ")
        self._failure = f"with synthetic data: {words}" if self._examination else words
