"""The layer check finds what it is there to find, and the tree passes it."""

import subprocess
import sys
from pathlib import Path

import pytest

from tools import check_layers

ROOT = Path(__file__).resolve().parents[2]


def write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def breaches(root: Path) -> list[str]:
    return [str(breach) for breach in check_layers.check(root)]


def test_the_tree_keeps_its_layers() -> None:
    assert breaches(ROOT) == []


@pytest.mark.parametrize(
    ("folder", "line", "words"),
    [
        ("scheduling", '#include "transport/call.h"', "scheduling may not include"),
        ("base", '#include "telemetry/histogram.h"', "below base stand nothing"),
        ("protocol", '#include "runtime/executor.h"', "below protocol stand base"),
        ("transport", '#include "call.h"', 'write includes as "folder/file.h"'),
        ("engine", "#include <pybind11/pybind11.h>", "belongs to bindings"),
        ("engine", "  #  include <nghttp2/nghttp2.h>", "belongs to transport"),
    ],
)
def test_an_include_against_the_arrows(tmp_path: Path, folder: str, line: str, words: str) -> None:
    write(tmp_path, {f"csrc/{folder}/x.cc": f"#include <vector>\n{line}\n"})
    (found,) = breaches(tmp_path)
    assert found.startswith(f"csrc/{folder}/x.cc:2: ")
    assert words in found


@pytest.mark.parametrize(
    ("folder", "line"),
    [
        ("routing", '#include "base/status.h"'),
        ("engine", '#include "protocol/infer_request.h"'),
        ("bindings", "#include <pybind11/pybind11.h>"),
        ("scheduling", '#include "telemetry/histogram.h"'),
    ],
)
def test_an_include_along_the_arrows(tmp_path: Path, folder: str, line: str) -> None:
    assert breaches(write(tmp_path, {f"csrc/{folder}/x.h": line})) == []


def test_a_folder_without_a_place(tmp_path: Path) -> None:
    (found,) = breaches(write(tmp_path, {"csrc/utilities/x.cc": ""}))
    assert "folder utilities has no place" in found


@pytest.mark.parametrize(
    "line",
    [
        "import server._core",
        "from server import _core",
        "from . import _core",
        "from ._core import Engine",
    ],
)
def test_only_one_module_imports_the_extension(tmp_path: Path, line: str) -> None:
    files = {"server/__init__.py": "", "server/engine.py": line, "server/metrics.py": line}
    (found,) = breaches(write(tmp_path, files))
    assert found.startswith("server/metrics.py:1: only server.engine imports server._core")


def test_the_server_imports_no_benchmarks_even_inside_a_function(tmp_path: Path) -> None:
    text = "def f() -> None:\n    from benchmarks.load import run\n"
    (found,) = breaches(write(tmp_path, {"server/a.py": text}))
    assert found == "server/a.py:2: the server may not import benchmarks"


def test_a_circle_of_imports_is_named(tmp_path: Path) -> None:
    files = {
        "server/a.py": "from server import b",
        "server/b.py": "from server.c import x",
        "server/c.py": "from . import a",
    }
    (found,) = breaches(write(tmp_path, files))
    for module in ("server.a", "server.b", "server.c"):
        assert module in found


def test_imports_for_types_or_on_demand_make_no_circle(tmp_path: Path) -> None:
    files = {
        "server/a.py": "from server import b",
        "server/b.py": "import typing\nif typing.TYPE_CHECKING:\n    from server import a",
        "server/c.py": "def f() -> None:\n    from server import a",
    }
    assert breaches(write(tmp_path, files)) == []


def test_the_command_exits_with_a_message(tmp_path: Path) -> None:
    write(tmp_path, {"csrc/base/x.h": '#include "engine/engine.h"'})
    command = [sys.executable, str(ROOT / "tools" / "check_layers.py"), str(tmp_path)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert "csrc/base/x.h:1: base may not include" in run.stderr
