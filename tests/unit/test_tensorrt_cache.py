"""Where TensorRT keeps what it builds."""

import logging
from pathlib import Path

import pytest

from server.tensorrt_cache import tensorrt_cache


def test_the_folder_is_made_with_its_parents(tmp_path: Path) -> None:
    folder = tensorrt_cache(tmp_path / "a" / "b")
    assert folder == tmp_path / "a" / "b" / "tensorrt"
    assert folder.is_dir()


def test_a_folder_that_cannot_be_written_is_said_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").touch()
    with caplog.at_level(logging.WARNING):
        assert tensorrt_cache(tmp_path / "file") is None
        assert tensorrt_cache(tmp_path / "file") is None
    [record] = caplog.records
    assert "TensorRT's engines are not kept for the next start" in record.getMessage()
