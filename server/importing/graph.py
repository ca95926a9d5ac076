"""Tidies a converted graph."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from onnx import GraphProto, ModelProto, NodeProto, helper

_LOCALE = "C.UTF-8"


def tidy(model: ModelProto, inputs: Sequence[str], outputs: Sequence[str]) -> None:
    """Calls inputs and the first outputs so (a converter replaces blanks). Further outputs go, with
    all that only they need: nodes, weights, and inputs that a client would send for nothing."""
    graph = model.graph
    wanted = [
        *zip((each.name for each in graph.input), inputs, strict=True),
        *zip((each.name for each in graph.output), outputs, strict=False),
    ]
    _rename(graph, _without_clashes(graph, {old: new for old, new in wanted if old != new}))
    del graph.output[len(outputs) :]
    _keep_needed(graph)
    for node in graph.node:
        if node.op_type == "StringNormalizer" and all(a.name != "locale" for a in node.attribute):
            # The runtime's own choice, en_US.UTF-8, is missing from most containers.
            node.attribute.append(helper.make_attribute("locale", _LOCALE))


def _without_clashes(graph: GraphProto, new_names: Mapping[str, str]) -> dict[str, str]:
    """Other values that have one of the new names get another."""
    taken = {name for node in graph.node for name in (*node.input, *node.output)}
    taken |= set(new_names.values())
    made = dict(new_names)
    for name in new_names.values():
        if name not in made and any(name in (*each.input, *each.output) for each in graph.node):
            free = f"inner_{name}"
            while free in taken:
                free += "_"
            made[name] = free
            taken.add(free)
    return made


def _rename(graph: GraphProto, new_names: Mapping[str, str]) -> None:
    for values in (graph.input, graph.output, graph.initializer, graph.value_info):
        for each in values:
            each.name = new_names.get(each.name, each.name)
    for node in graph.node:
        node.input[:] = [new_names.get(name, name) for name in node.input]
        node.output[:] = [new_names.get(name, name) for name in node.output]
        for inner in _subgraphs(node):
            _rename(inner, new_names)


def _keep_needed(graph: GraphProto) -> None:
    needed = {each.name for each in graph.output}
    kept = []
    for node in reversed(graph.node):  # nodes come in the order of their use
        if not needed.isdisjoint(node.output):
            kept.append(node)
            needed |= _uses(node)
    _replace(graph.node, kept[::-1])
    _replace(graph.initializer, [each for each in graph.initializer if each.name in needed])
    _replace(graph.input, [each for each in graph.input if each.name in needed])


def _replace(field: Any, left: Sequence[Any]) -> None:
    del field[:]
    field.extend(left)


def _uses(node: NodeProto) -> set[str]:
    """Values that a node reads, in its subgraphs too."""
    found = set(node.input)
    for graph in _subgraphs(node):
        for inner in graph.node:
            found |= _uses(inner)
    return found


def _subgraphs(node: NodeProto) -> Iterator[GraphProto]:
    return (each.g for each in node.attribute if each.HasField("g"))
