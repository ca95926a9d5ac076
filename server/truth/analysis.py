"""From what ran to the truth report. Pure: the tests are tables."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from server.truth.arithmetic import PRODUCTS, macs
from server.truth.evidence import Evidence
from server.truth.findings import findings
from server.truth.graph import Graph, Node
from server.truth.kernels import FOLDED, INT8_OPS, UNKNOWN, Kernel
from server.truth.matching import Match, match, products, same
from server.truth.report import Product, Row, TruthReport, share, total_macs


def analyse(model: str, graph: Graph, evidence: Evidence) -> TruthReport:
    """The report on `model`, a name for people."""
    ran = [kernel for kernel in evidence.kernels if not kernel.compiled]
    matches = match(graph, [*evidence.layers, *ran])
    counts = _macs(graph, evidence.reference)
    made = tuple(_product(graph, each, counts, evidence) for each in matches)
    return TruthReport(
        model=model,
        provider=evidence.provider,
        predicted=evidence.predicted,
        rows=tuple(_rows(made, _shown(matches, evidence), bool(evidence.predicted))),
        products=made,
        findings=tuple(findings(graph, made, evidence)),
    )


def _macs(graph: Graph, reference: Sequence[Kernel]) -> dict[int, int | None]:
    """By index of the node: multiply-accumulates of one row."""
    ran = same(graph, reference)
    return {
        node.index: _macs_of(graph, node, ran[node.index])
        for node in products(graph)
        if node.index in ran
    }


def _macs_of(graph: Graph, node: Node, kernel: Kernel) -> int | None:
    """Constants may be prepacked and then miss among the kernel's inputs: the file has them."""
    operands = PRODUCTS[node.op]
    data = graph.constant(node.inputs[operands.data])
    weight = graph.constant(node.inputs[operands.weight])
    taken = kernel.inputs[operands.weight :][:1]
    return macs(
        node,
        data.dims if data else next(iter(kernel.inputs), ()),
        weight.dims if weight else next(iter(taken), None),
        kernel.output,
    )


def _product(
    graph: Graph, found: Match, counts: Mapping[int, int | None], evidence: Evidence
) -> Product:
    node, operands = found.node, PRODUCTS[found.node.op]
    pair = [node.inputs[at] for at in (operands.data, operands.weight)]
    compiled = next((each for each in evidence.kernels if each.compiled), None)
    kernel = found.kernel or compiled
    absent = FOLDED if found.folded and evidence.kernels else UNKNOWN
    precision = kernel.precision if kernel else absent
    return Product(
        name=node.label,
        op=node.op,
        provider=kernel.provider if kernel else evidence.provider,
        precision=precision,
        words=kernel.words if kernel else "",
        macs=0 if precision == FOLDED else counts.get(node.index),
        quantized=node.op in INT8_OPS or any(map(graph.dequantized, pair)),
        weighted=graph.constant(pair[1]) is not None,
    )


def _shown(matches: Sequence[Match], evidence: Evidence) -> list[Kernel]:
    """What the rows count: OpenVINO's layers in place of its kernel, where that is all there is;
    beside other kernels only those layers whose nodes are known not to have run there."""
    if evidence.layers and all(kernel.compiled for kernel in evidence.kernels):
        return list(evidence.layers)
    within = {id(layer) for layer in evidence.layers}
    matched = {id(each.kernel): each.kernel for each in matches if each.kernel}
    layers = [replace(each, nanoseconds=0) for at, each in matched.items() if at in within]
    return [*evidence.kernels, *layers]


def _rows(made: Sequence[Product], kernels: Sequence[Kernel], predicted: bool) -> list[Row]:
    """Most arithmetic first, then most nodes."""
    total = 0 if predicted else sum(kernel.nanoseconds for kernel in kernels)
    known = total_macs(made) is not None
    rows = []
    groups = {(each.provider, each.precision) for each in kernels}
    for group in groups | {(each.provider, each.precision) for each in made}:
        mine = [each for each in kernels if (each.provider, each.precision) == group]
        part = [each for each in made if (each.provider, each.precision) == group]
        row = Row(
            provider=group[0],
            precision=group[1],
            nodes=len(mine),
            products=len(part),
            arithmetic=share(made, part) if known and made else None,
            time=sum(each.nanoseconds for each in mine) / total if total else None,
        )
        rows.append(row)
    return sorted(
        rows, key=lambda row: (row.arithmetic or 0, row.products, row.nodes), reverse=True
    )
