"""Finds the kernel that ran each product of the file.

Fusing makes new names: of the node's name ("conv1_token_3"), of the value it computes
("relu1_nchwc"), or of a node that was fused into it. What cannot be told by name is told by
elimination when all kernels that are left agree.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from server.truth.arithmetic import PRODUCTS
from server.truth.graph import Graph, Node
from server.truth.kernels import GENERATED, Kernel

_MADE_UP = re.compile(r"^fused |(_token_\d+|_nchwc|_quant|/\w*Fusion/?)+$")


@dataclass(frozen=True)
class Match:
    """`kernel`: the one that ran the node, or one of several that may have and all agree; None:
    nobody can say which. `folded`: nothing is left that can have run it."""

    node: Node
    kernel: Kernel | None
    folded: bool = False


def products(graph: Graph) -> list[Node]:
    """The convolutions and matrix products of the file, in its order."""
    return [node for node in graph.nodes if node.op in PRODUCTS]


def match(graph: Graph, kernels: Sequence[Kernel]) -> list[Match]:
    """One for each product of the file. Of kernels with one name the last is taken."""
    found = same(graph, kernels)
    taken = {id(kernel) for kernel in found.values()}
    left = [kernel for kernel in kernels if kernel.is_product and id(kernel) not in taken]
    agreed = left[0] if len({(each.provider, each.precision) for each in left}) == 1 else None
    return [
        Match(node, found.get(node.index, agreed), folded=node.index not in found and not left)
        for node in products(graph)
    ]


def same(graph: Graph, kernels: Sequence[Kernel]) -> dict[int, Kernel]:
    """By index of the node: the kernel that certainly ran it."""
    candidates = [kernel for kernel in kernels if kernel.is_product]
    named = {key: kernel for kernel in candidates for key in (_trimmed(kernel.name), kernel.name)}
    indexed = {kernel.index: kernel for kernel in candidates if kernel.index >= 0}
    found: dict[int, Kernel] = {}
    taken: set[int] = set()
    for node in products(graph):
        kernel = _by_index(node, indexed) or _by_name(graph, node, named, taken)
        if kernel is not None:
            found[node.index] = kernel
            taken.add(id(kernel))
    generated = {kernel.name: kernel for kernel in kernels if kernel.op == GENERATED}
    return _within(graph, generated) | found


def _within(graph: Graph, generated: Mapping[str, Kernel]) -> dict[int, Kernel]:
    """Products that are part of a generated kernel: it has the name of the last of its nodes."""
    found: dict[int, Kernel] = {}
    for node in products(graph):
        names = [name for each in graph.following(node, 10) for name in _own_names(each)]
        kernel = next((generated[name] for name in names if name in generated), None)
        if kernel is not None:
            found[node.index] = kernel
    return found


def _by_index(node: Node, indexed: Mapping[int, Kernel]) -> Kernel | None:
    """Nodes that no fusion touched keep their place and operator."""
    kernel = indexed.get(node.index)
    return kernel if kernel is not None and kernel.op == node.op else None


def _by_name(
    graph: Graph, node: Node, named: Mapping[str, Kernel], taken: set[int]
) -> Kernel | None:
    for name in _names(graph, node):
        kernel = named.get(name)
        if kernel is not None and id(kernel) not in taken:
            return kernel
    return None


def _names(graph: Graph, node: Node) -> Iterator[str]:
    """That a kernel may have taken from the node, best first."""
    for number, each in enumerate(graph.following(node)):
        if number and each.op in PRODUCTS:
            return
        yield from _own_names(each)


def _own_names(node: Node) -> Iterable[str]:
    return [name for name in (node.name, *node.outputs) if name]


def _trimmed(name: str) -> str:
    """Without what fusing added."""
    return _MADE_UP.sub("", name)
