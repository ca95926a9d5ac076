"""Loads the native loops from the CMake build folder (--build, by default build/release)."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from benchmarks.tools import DEFAULT_BUILD, extension


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--build", type=Path, default=DEFAULT_BUILD, help="CMake build folder")


@pytest.fixture(scope="session")
def micro(pytestconfig: pytest.Config) -> ModuleType:
    """benchmarks/micro/module.cc."""
    path = extension("_micro", pytestconfig.getoption("--build"))
    spec = importlib.util.spec_from_file_location("_micro", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
