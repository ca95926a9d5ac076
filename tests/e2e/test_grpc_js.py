"""The server as @grpc/grpc-js sees it: a client that shares no code with grpcio."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests import graphs
from tests.e2e.reference import Reference
from tests.server_process import ServerProcess

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "tests" / "js"
# Ignored by git; kept, so that a second run needs no network.
PACKAGES = ROOT / "build" / "js"


def run(*command: str | Path) -> str:
    result = subprocess.run(command, cwd=PACKAGES, capture_output=True, text=True, check=False)
    assert result.returncode == 0, f"{command}:\n{result.stdout}\n{result.stderr}"
    return result.stdout


def install() -> None:
    """Brings the packages of tests/js/package.json to PACKAGES."""
    missing = [tool for tool in ("node", "npm") if shutil.which(tool) is None]
    if missing:
        pytest.fail(
            f"{' and '.join(missing)} not found: install nodejs and npm (apt install nodejs npm)"
        )
    PACKAGES.mkdir(parents=True, exist_ok=True)
    wanted = (SOURCES / "package.json").read_text()
    installed = PACKAGES / "node_modules" / ".installed-package.json"
    if not installed.exists() or installed.read_text() != wanted:
        (PACKAGES / "package.json").write_text(wanted)
        run("npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--no-package-lock")
        installed.write_text(wanted)
    shutil.copy(SOURCES / "client.js", PACKAGES)


@pytest.fixture(scope="module")
def results(zoo_server: ServerProcess) -> dict[str, Any]:
    """What tests/js/client.js prints."""
    install()
    printed: dict[str, Any] = json.loads(run("node", "client.js", ROOT / "proto", zoo_server.grpc))
    return printed


def test_methods_served_by_python(results: dict[str, Any]) -> None:
    assert results["live"] is True
    assert results["metadata"]["inputs"][0]["shape"] == [-1, 16]


def test_values(results: dict[str, Any], tmp_path: Path) -> None:
    reference = Reference(graphs.write_model(tmp_path, "mlp", graphs.mlp()))
    expected = reference.run({"INPUT0": np.full((1, 64), 0.5, np.float32)})["OUTPUT0"]
    np.testing.assert_allclose(results["single"], expected[0], rtol=1e-5, atol=1e-5)
    assert results["large"] is True


def test_parallel_calls_and_cancelled_ones(results: dict[str, Any]) -> None:
    assert results["parallel"] == 500
    assert set(results["cancelled"]) <= {"CANCELLED", "OK"}
    assert results["afterwards"] == 50


def test_errors_arrive_with_code_and_message(results: dict[str, Any]) -> None:
    assert results["wrongShape"]["code"] == "INVALID_ARGUMENT"
    assert "dimension 1 must be 64" in results["wrongShape"]["details"]
    assert results["unknownModel"]["code"] == "NOT_FOUND"
    assert "'Grüße'" in results["unknownModel"]["details"]
    assert results["expired"]["code"] == "DEADLINE_EXCEEDED"
