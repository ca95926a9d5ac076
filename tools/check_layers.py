#!/usr/bin/env python3
"""Holds every #include and import against the arrows of the design; prints each that breaks one.

C++: a folder of csrc/ may include itself and what it is allowed below, directly or through those.
Python: only server/engine.py imports the extension, the server imports neither benchmarks nor
tests, and no modules of the server import each other in a circle.
"""

import argparse
import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

# folder -> the folders it stands on. csrc/CMakeLists.txt links the same arrows.
LAYERS: dict[str, tuple[str, ...]] = {
    "base": (),
    "telemetry": ("base",),
    "transport": ("telemetry",),
    "protocol": ("base",),
    "preprocess": ("base",),
    "postprocess": ("base",),
    "runtime": ("telemetry",),
    "scheduling": ("runtime",),
    "routing": ("scheduling",),
    "engine": ("routing", "protocol", "preprocess", "postprocess", "transport"),
    "bindings": ("engine",),
}
# header -> the only folders that may include it
HEADER_OWNERS: dict[str, tuple[str, ...]] = {
    "nghttp2/": ("transport",),
    "hwy/": ("preprocess",),
    "jerror.h": ("preprocess",),
    "jpeglib.h": ("preprocess",),
    "png.h": ("preprocess",),
    "webp/": ("preprocess",),
    "simdjson.h": ("preprocess",),
    "onnxruntime": ("runtime",),
    "pybind11/": ("bindings",),
    "Python.h": ("bindings",),
}
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
EXTENSION = "server._core"
EXTENSION_IMPORTER = "server.engine"
FORBIDDEN_IN_SERVER = ("benchmarks", "tests", "examples", "tools")


@dataclass(frozen=True)
class Breach:
    """One line that breaks a rule."""

    path: Path
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


def reachable(folder: str) -> set[str]:
    """`folder` and every folder it stands on, directly or not."""
    seen: set[str] = set()
    open_folders = [folder]
    while open_folders:
        current = open_folders.pop()
        if current not in seen:
            seen.add(current)
            open_folders.extend(LAYERS[current])
    return seen


def include_problem(folder: str, bracket: str, header: str) -> str | None:
    """Why a file of `folder` may not include `header`; None when it may."""
    for prefix, owners in HEADER_OWNERS.items():
        if header.startswith(prefix) and bracket == "<" and folder not in owners:
            return f"<{header}> belongs to {', '.join(owners)}; {folder} may not include it"
    if bracket == "<":
        return None
    target = header.split("/")[0]
    if target not in LAYERS or "/" not in header:
        return f'"{header}": write includes as "folder/file.h" with a folder of csrc'
    if target not in reachable(folder):
        allowed = ", ".join(sorted(reachable(folder) - {folder})) or "nothing"
        return f'{folder} may not include "{header}": below {folder} stand {allowed}'
    return None


def check_includes(csrc: Path) -> Iterator[Breach]:
    for path in sorted(p for p in csrc.rglob("*") if p.suffix in {".cc", ".h"}):
        folder = path.relative_to(csrc).parts[0]
        if folder not in LAYERS:
            yield Breach(path, 1, f"folder {folder} has no place in tools/check_layers.py")
            continue
        for number, line in enumerate(path.read_text().splitlines(), start=1):
            found = INCLUDE.match(line)
            if found and (problem := include_problem(folder, found[1], found[2])):
                yield Breach(path, number, problem)


def module_name(root: Path, path: Path) -> str:
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(module: str, is_package: bool, tree: ast.AST) -> Iterator[tuple[int, str]]:
    """(line, absolute dotted name) of every import in the module, those in functions included."""
    package = module.split(".") if is_package else module.split(".")[:-1]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            source = ".".join([*base, *(node.module.split(".") if node.module else [])])
            yield from ((node.lineno, f"{source}.{alias.name}") for alias in node.names)


def import_problem(module: str, name: str) -> str | None:
    """Why `module` of the server may not import the dotted `name`; None when it may."""
    if (name + ".").startswith(EXTENSION + ".") and module != EXTENSION_IMPORTER:
        return f"only {EXTENSION_IMPORTER} imports {EXTENSION}; import {EXTENSION_IMPORTER} instead"
    if name.split(".")[0] in FORBIDDEN_IN_SERVER:
        return f"the server may not import {name.split('.')[0]}"
    return None


def is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)


def top_level(tree: ast.Module) -> ast.Module:
    """The statements that run when the module is imported (no functions, no TYPE_CHECKING)."""
    deferred = (ast.FunctionDef, ast.AsyncFunctionDef)
    body = [n for n in tree.body if not isinstance(n, deferred) and not is_type_checking(n)]
    return ast.Module(body=body, type_ignores=[])


def known_module(name: str, modules: dict[str, Path]) -> str | None:
    """The module of the server that a dotted name lies in (`server.config.Limits`)."""
    while name and name not in modules:
        name = name.rpartition(".")[0]
    return name if name.startswith("server") and name != "server" else None


def check_imports(root: Path) -> Iterator[Breach]:
    files = [p for p in (root / "server").rglob("*.py") if "_pb2" not in p.name]
    modules = {module_name(root, path): path for path in sorted(files)}
    graph: dict[str, set[str]] = {}
    for module, path in modules.items():
        tree = ast.parse(path.read_text(), filename=str(path))
        is_package = path.name == "__init__.py"
        for line, name in imports_of(module, is_package, tree):
            if problem := import_problem(module, name):
                yield Breach(path, line, problem)
        at_import = imports_of(module, is_package, top_level(tree))
        targets = {known_module(name, modules) for _, name in at_import}
        graph[module] = {target for target in targets if target and target != module}
    yield from check_cycles(modules, graph)


def check_cycles(modules: dict[str, Path], graph: dict[str, set[str]]) -> Iterator[Breach]:
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        circle = list(reversed(error.args[1]))
        yield Breach(modules[circle[0]], 1, f"circular import: {' -> '.join(circle)}")


def check(root: Path) -> list[Breach]:
    """Every breach under the project folder `root`, with paths relative to it."""
    found = [*check_includes(root / "csrc"), *check_imports(root)]
    return [Breach(b.path.relative_to(root), b.line, b.message) for b in found]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "root", type=Path, nargs="?", default=Path(__file__).resolve().parent.parent
    )
    breaches = check(parser.parse_args().root)
    for breach in breaches:
        print(breach, file=sys.stderr)
    if breaches:
        sys.exit(
            f"{len(breaches)} breach(es) of the layers; the arrows are in tools/check_layers.py"
        )


if __name__ == "__main__":
    main()
