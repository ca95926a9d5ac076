"""What is known of a model on this machine: which provider serves it best, and what that one
really does."""

import json
from dataclasses import asdict, dataclass

from server.examine.subject import Subject
from server.selection.selection import Selection
from server.truth.report import TruthReport


@dataclass(frozen=True)
class Question:
    """`subjects`: the providers to try on one model file, the safe one first; just one: nothing
    is timed. `sizes`: of batches, ascending. `nice`: how much lower the priority of all this is."""

    model: str
    subjects: tuple[Subject, ...]
    sizes: tuple[int, ...]
    nice: int = 0

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "Question":
        data = json.loads(text)
        subjects = tuple(Subject(**each) for each in data["subjects"])
        return cls(data["model"], subjects, tuple(data["sizes"]), data["nice"])


@dataclass(frozen=True)
class Assessment:
    """`truth` is of the selected provider."""

    selection: Selection
    truth: TruthReport

    def to_json(self) -> str:
        return json.dumps({"selection": self.selection.as_dict(), "truth": self.truth.as_dict()})

    @classmethod
    def from_json(cls, text: str) -> "Assessment":
        """Raises ValueError, KeyError or TypeError for anything else than to_json's text."""
        data = json.loads(text)
        return cls(Selection.from_dict(data["selection"]), TruthReport.from_dict(data["truth"]))
