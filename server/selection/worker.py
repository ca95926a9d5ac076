"""The process that assesses one model: a Question on standard input, an Assessment or an error on
standard output, both as one JSON line. It keeps NumPy and large profiles out of the server."""

import json
import os
import sys
from pathlib import Path

from server.examine.environment import be_a_worker
from server.examine.examination import ExaminationError
from server.selection.assessment import Assessment, Question
from server.selection.memory import available, needed
from server.selection.selection import Selection, choose
from server.selection.trials import run_trials
from server.truth.gather import report_of, unknown_report
from server.truth.model_file import ModelFileError, read_graph

# How the names of operators begin that compute with integers, or convert to them.
_QUANTIZED = ("Quantize", "QLinear", "QGemm", "DynamicQuantize", "MatMulInteger", "ConvInteger")


def main() -> int:
    """Returns the exit code: 1 with an error."""
    be_a_worker()
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
    _need_memory(question)
    if len(subjects) == 1:
        selection = Selection(question.subjects[0].provider, "no other was to be tried")
    else:
        selection = choose(run_trials(question.subjects, question.sizes, quantized))
    subject = subjects[selection.provider]
    try:
        return Assessment(selection, report_of(subject, question.model))
    except ExaminationError as error:  # not to be tried again at every start
        why = f"with synthetic data: {error}"
        return Assessment(selection, unknown_report(subject, question.model, why))


def _need_memory(question: Question) -> None:
    need = needed(Path(question.subjects[0].path), len(question.subjects))
    have = available()
    if have is not None and have < need:
        mib = f"{need >> 20} MiB of memory are needed and {have >> 20} MiB are free"
        raise ExaminationError(f"not measured: {mib}")


if __name__ == "__main__":
    sys.exit(main())
