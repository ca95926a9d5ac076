"""`require_int8: true`: a model that would not run in INT8 is not served."""

from server.truth.kernels import FOLDED, INT8
from server.truth.report import Product, TruthReport, share
from server.truth.text import summary

LEAST_SHARE = 0.99
"""Of the multiply-accumulates of products with constant weights (of their number, if those are
not known). Products of two computed values, as in attention, need not run in INT8."""
_GPU = ("cuda", "tensorrt")


def refusal(report: TruthReport) -> str | None:
    """Why a model that requires INT8 must not be served with this report; None if it may."""
    weighted = [each for each in report.products if each.weighted and each.precision != FOLDED]
    served = [product for product in weighted if _in_int8(report, product)]
    if weighted and share(weighted, served) >= LEAST_SHARE:
        return None
    return f"require_int8: {summary(report, advise_float=True)}"


def _in_int8(report: TruthReport, product: Product) -> bool:
    """A GPU that leaves the work to the CPU does not count."""
    aside = report.provider in _GPU and product.provider not in _GPU
    return product.precision == INT8 and not aside
