"""The model by itself, in a process that does nothing else: the yardstick of what is served."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

from benchmarks.gpu.settings import Settings
from benchmarks.gpu.workloads import Workload
from server.examine.examination import Examination
from server.examine.subject import Subject

SLOTS = (1, 2)


@dataclass(frozen=True)
class Offline:
    """Rows per second of one batch size on so many slots."""

    slots: int
    rows: int
    rate: float


def rates(workload: Workload, path: Path, settings: Settings) -> Iterator[Offline]:
    """Of every batch size on every number of slots. Raises ExaminationError."""
    for slots in SLOTS:
        subject = Subject(str(path), settings.provider, slots=slots, dims=workload.dims)
        with Examination(subject) as examination:
            for rows in sorted(workload.batches, reverse=True):  # memory is taken once
                yield Offline(slots, rows, rate(examination, rows, settings.seconds))


def rate(examination: Examination, rows: int, seconds: float) -> float:
    """Rows per second of all slots together."""
    nanoseconds = fmean(examination.time(rows, seconds))
    return examination.subject.slots * rows * 1e9 / nanoseconds
