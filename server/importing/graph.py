"""Tidies a converted graph."""

from collections.abc import Sequence

from onnx import GraphProto, ModelProto, NodeProto, helper

_LOCALE = "C.UTF-8"


def keep_outputs(model: ModelProto, names: Sequence[str]) -> None:
    """Calls the first outputs so, and drops others with all that only they need: nodes, weights,
    and inputs that a client would send for nothing."""
    graph = model.graph
    new_names = {old.name: new for old, new in zip(graph.output, names, strict=False)}
    _rename(graph, {old: new for old, new in new_names.items() if old != new})
    del graph.output[len(names) :]
    needed = {each.name for each in graph.output}
    kept = []
    for node in reversed(graph.node):  # nodes come in the order of their use
        if not needed.isdisjoint(node.output):
            kept.append(node)
            needed |= _uses(node)
    for field, left in (
        (graph.node, list(reversed(kept))),
        (graph.initializer, [each for each in graph.initializer if each.name in needed]),
        (graph.input, [each for each in graph.input if each.name in needed]),
    ):
        del field[:]
        field.extend(left)


def set_locale(model: ModelProto) -> None:
    """Lowering of letters where it has none: the runtime's own, en_US.UTF-8, is missing from most
    containers."""
    for node in model.graph.node:
        if node.op_type == "StringNormalizer" and all(a.name != "locale" for a in node.attribute):
            node.attribute.append(helper.make_attribute("locale", _LOCALE))


def _rename(graph: GraphProto, new_names: dict[str, str]) -> None:
    for node in graph.node:
        node.input[:] = [new_names.get(name, name) for name in node.input]
        node.output[:] = [new_names.get(name, name) for name in node.output]
    for output in graph.output:
        output.name = new_names.get(output.name, output.name)


def _uses(node: NodeProto) -> set[str]:
    """Values that a node reads, in its subgraphs too."""
    found = set(node.input)
    for attribute in node.attribute:
        for inner in attribute.g.node:
            found |= _uses(inner)
    return found
