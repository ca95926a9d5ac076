"""`require_int8: true`: a model that would not run in INT8 is not served."""

from pathlib import Path

from server.config.problem import ConfigError
from server.config.read import ConfigFile
from server.config.spec import ModelConfig
from server.examine.examination import ExaminationError
from server.truth.gather import report_of
from server.truth.kernels import FOLDED, INT8
from server.truth.model_file import ModelFileError
from server.truth.report import Product, TruthReport, share
from server.truth.subject import subject_of
from server.truth.text import verdict

LEAST_SHARE = 0.99
"""Of the multiply-accumulates of products with constant weights (of their number, if those are
not known). Products of two computed values, as in attention, need not run in INT8."""
_GPU = ("cuda", "tensorrt")


def check_int8(model: str, config: ModelConfig, path: Path, file: ConfigFile) -> None:
    """Runs the version's file as `config` says; raises ConfigError unless it runs in INT8."""
    try:
        reason = refusal(report_of(subject_of(config, path), model))
    except (ExaminationError, ModelFileError) as error:
        reason = f"require_int8: {error}"
    if reason is not None:
        raise ConfigError([file.problem(reason, path, ("require_int8",))])


def refusal(report: TruthReport) -> str | None:
    """Why a model that requires INT8 must not be served with this report; None if it may."""
    weighted = [each for each in report.products if each.weighted and each.precision != FOLDED]
    served = [product for product in weighted if _in_int8(report, product)]
    if weighted and share(weighted, served) >= LEAST_SHARE:
        return None
    why = next((f"; {each.message}" for each in report.findings), "")
    advice = next((f"; {each.advice}" for each in report.findings if each.advice), "")
    return f"require_int8: {verdict(report)}{why}{advice}"


def _in_int8(report: TruthReport, product: Product) -> bool:
    """A GPU that leaves the work to the CPU does not count."""
    aside = report.provider in _GPU and product.provider not in _GPU
    return product.precision == INT8 and not aside
