"""The truth report for people."""

from collections import Counter
from collections.abc import Iterator

from server.truth.kernels import FOLDED, INT8, UNKNOWN
from server.truth.report import Finding, Row, TruthReport

_COLUMNS = ("provider", "precision", "nodes", "products", "arithmetic", "time", "products run as")
_NAMES_SHOWN = 6


def verdict(report: TruthReport) -> str:
    """One sentence; "products" are the convolutions and matrix products."""
    prefix = f"{report.model} on {report.provider}: "
    if report.predicted:
        prefix += "predicted, "
    return prefix + _verdict(report)


def summary(report: TruthReport, advise_float: bool = False) -> str:
    """The verdict and the first thing to mend, in one line; whether a file that is not quantized
    is one is for `advise_float` to say."""
    found = (each for each in report.findings if each.advice)
    kept = (each for each in found if advise_float or each.code != "float_model")
    mend = next((f"; {each.message}; what to do: {each.advice}" for each in kept), "")
    return verdict(report) + mend


def _verdict(report: TruthReport) -> str:
    total = len(report.products)
    if total == 0:
        return "no convolution or matrix product, nothing that INT8 could make faster"
    counts = Counter(product.precision for product in report.products)
    if len(counts) == 1:
        who = "its one product" if total == 1 else f"all {total} products"
        return f"{who} {_run(*counts.popitem()[::-1])}{_aside(report)}"
    rest = [f"{n} {_run(n, each)}" for each, n in counts.items() if each != INT8]
    share = f"{report.int8_share:.1%} of the arithmetic runs in INT8{_aside(report)}"
    return f"{share}; of {total} products {', '.join(rest)}"


def _aside(report: TruthReport) -> str:
    """Where INT8 runs if not where it was asked to."""
    aside = any(
        each.precision == INT8 and each.provider != report.provider for each in report.products
    )
    return ", but on the CPU" if aside else ""


def _run(count: int, precision: str) -> str:
    verb = "runs" if count == 1 else "run"
    if precision == UNKNOWN:
        return f"{verb} in a precision that nobody can tell"
    return f"{verb} in {precision}" if precision != FOLDED else "computed at load"


def render(report: TruthReport) -> str:
    """The verdict, a table and what to do."""
    lines = [verdict(report)]
    if report.predicted:
        lines.append(report.predicted)
    lines += _table(report)
    if report.macs:
        lines.append(f"{report.macs:,} multiply-accumulates in a run")
    lines += [f"- {finding.message}{_names(finding)}" for finding in report.findings]
    advice = dict.fromkeys(finding.advice for finding in report.findings if finding.advice)
    lines += [f"what to do: {each}" for each in advice]
    return "\n".join(lines)


def _names(finding: Finding) -> str:
    if not finding.nodes:
        return ""
    more = len(finding.nodes) - _NAMES_SHOWN
    rest = f" and {more} more" if more > 0 else ""
    return f": {', '.join(finding.nodes[:_NAMES_SHOWN])}{rest}"


def _table(report: TruthReport) -> Iterator[str]:
    lines = [_COLUMNS, *(_cells(report, row) for row in report.rows)]
    widths = [max(len(line[at]) for line in lines) for at in range(len(_COLUMNS))]
    for line in lines:
        cells = zip(line, widths, strict=True)
        aligned = [
            cell.rjust(width) if 2 <= at <= 5 else cell.ljust(width)
            for at, (cell, width) in enumerate(cells)
        ]
        yield "  ".join(aligned).rstrip()


def _cells(report: TruthReport, row: Row) -> tuple[str, ...]:
    words = Counter(
        product.words
        for product in report.products
        if (product.provider, product.precision) == (row.provider, row.precision) and product.words
    )
    return (
        row.provider,
        row.precision,
        str(row.nodes),
        str(row.products),
        _percent(row.arithmetic),
        _percent(row.time),
        ", ".join(f"{count} {word}" for word, count in words.most_common()),
    )


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share:.1%}"
