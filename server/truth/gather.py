"""Collects the evidence on a model file: runs it where that is possible, in worker processes."""

from dataclasses import replace
from pathlib import Path

from server.examine.examination import Examination, ExaminationError
from server.examine.subject import Subject
from server.truth.analysis import analyse
from server.truth.evidence import Evidence
from server.truth.graph import Graph
from server.truth.kernels import Kernel, from_layers, from_profile
from server.truth.matching import products
from server.truth.model_file import read_graph
from server.truth.prediction import predict_cuda
from server.truth.report import TruthReport

_ROWS = 1
_OFF = 0  # optimization level: every node of the file runs by itself


def report_of(subject: Subject, model: str, examination: Examination | None = None) -> TruthReport:
    """The report on `subject`, which `model` names for people. `examination`: one of that subject
    that is open already. What cannot be told is unknown in the report; raises ModelFileError if
    the file is no model, ExaminationError if it cannot be run on the CPU either."""
    graph = read_graph(Path(subject.path))
    found = _found(subject, graph) if examination is None else _evidence(examination)
    return analyse(model, graph, replace(found, reference=_ran(subject, graph)))


def unknown_report(subject: Subject, model: str, why: str) -> TruthReport:
    """Of a file that could not be run at all: nothing is known of how it runs."""
    return analyse(model, read_graph(Path(subject.path)), _unknown(subject.provider, why))


def _found(subject: Subject, graph: Graph) -> Evidence:
    try:
        with Examination(subject) as examination:
            return _evidence(examination)
    except ExaminationError as error:
        if subject.provider == "cpu":
            raise
        return _without(subject.provider, graph, _reason(subject, error))


def _reason(subject: Subject, error: ExaminationError) -> str:
    return str(error).removeprefix(f"model file '{subject.path}': ")


def _without(provider: str, graph: Graph, why: str) -> Evidence:
    """The provider cannot run here."""
    if provider == "cuda":
        return Evidence(provider, predict_cuda(graph), predicted=f"not run: {why}")
    return _unknown(provider, why)


def _unknown(provider: str, why: str) -> Evidence:
    return Evidence(provider, unknown=f"not run: {why}")


def _evidence(examination: Examination) -> Evidence:
    provider = examination.subject.provider
    kernels = from_profile(examination.profile(_ROWS))
    if not any(kernel.compiled for kernel in kernels):
        return Evidence(provider, kernels)
    if provider != "openvino":
        return Evidence(provider, kernels, unknown="TensorRT's engine inspector was not run")
    try:
        layers = from_layers(examination.layers(_ROWS))
    except ExaminationError as error:
        return Evidence(provider, kernels, unknown=str(error))
    return Evidence(provider, kernels, layers)


def _ran(subject: Subject, graph: Graph) -> list[Kernel]:
    """Every node of the file by itself, for its shapes; none if it does not run so."""
    if not products(graph):
        return []
    plain = replace(subject, provider="cpu", options={}, optimization_level=_OFF, slots=1)
    try:
        with Examination(plain) as examination:
            return from_profile(examination.profile(_ROWS))
    except ExaminationError:
        return []
