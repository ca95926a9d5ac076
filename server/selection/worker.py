"""The process that assesses one model: a Question on standard input, an Assessment or an error on
standard output, both as one JSON line. It keeps NumPy and large profiles out of the server."""

import ctypes
import json
import os
import signal
import sys
from pathlib import Path

from server.examine.examination import ExaminationError
from server.selection.assessment import Assessment, Question
from server.selection.selection import Selection, choose
from server.selection.trials import run_trials
from server.truth.gather import report_of
from server.truth.model_file import ModelFileError, read_graph

_PR_SET_PDEATHSIG = 1
# How the names of operators begin that compute with integers, or convert to them.
_QUANTIZED = ("Quantize", "QLinear", "QGemm", "DynamicQuantize", "MatMulInteger", "ConvInteger")


def main() -> int:
    """Returns the exit code: 1 with an error."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    try:
        answer = assess(Question.from_json(sys.stdin.readline())).to_json()
    except (ExaminationError, ModelFileError, OSError) as error:
        print(json.dumps({"error": str(error)}))
        return 1
    print(answer)
    return 0


def assess(question: Question) -> Assessment:
    """Raises ExaminationError, ModelFileError or OSError."""
    os.nice(question.nice)
    graph = read_graph(Path(question.subjects[0].path))
    subjects = {subject.provider: subject for subject in question.subjects}
    quantized = any(node.op.startswith(_QUANTIZED) for node in graph.nodes)
    if len(subjects) == 1:
        selection = Selection(question.subjects[0].provider, "no other was to be tried")
    else:
        selection = choose(run_trials(question.subjects, question.sizes, quantized))
    return Assessment(selection, report_of(subjects[selection.provider], question.model))


if __name__ == "__main__":
    sys.exit(main())
