"""Scanning Triton's layout."""

from pathlib import Path

import pytest

from server.config.problem import Problem
from server.repository import (
    ModelFolder,
    RepositoryError,
    missing_version,
    model_file,
    scan,
)


def touch(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    return path


def test_numbered_folders_are_versions_and_others_are_not(tmp_path: Path) -> None:
    for name in ("1", "2", "10", "0", "007", "v3", "-1", "warmup"):
        touch(tmp_path / "m" / name / "model.onnx")
    touch(tmp_path / "m" / "3")  # a file
    touch(tmp_path / ".git" / "1" / "model.onnx")
    touch(tmp_path / "README.md")
    [model] = scan(tmp_path).models
    assert model == ModelFolder("m", tmp_path / "m", (1, 2, 10))


def test_models_come_in_the_order_of_their_names(tmp_path: Path) -> None:
    for name in ("b", "a", "c"):
        touch(tmp_path / name / "1" / "model.onnx")
    assert [model.name for model in scan(tmp_path).models] == ["a", "b", "c"]


def test_a_repository_must_be_a_folder(tmp_path: Path) -> None:
    with pytest.raises(RepositoryError, match="missing"):
        scan(tmp_path / "none")
    with pytest.raises(RepositoryError, match="a file"):
        scan(touch(tmp_path / "file"))


def test_a_loose_model_file_gets_the_command_that_mends_it(tmp_path: Path) -> None:
    loose = touch(tmp_path / "m" / "net.onnx")
    [model] = scan(tmp_path).models
    problem = missing_version(model)
    assert problem is not None
    assert f"mv {loose} {tmp_path / 'm' / '1' / 'model.onnx'}" in problem.message


def test_a_model_file_in_the_root_is_a_problem(tmp_path: Path) -> None:
    touch(tmp_path / "net.onnx")
    [problem] = scan(tmp_path).problems
    assert str(tmp_path / "net" / "1" / "model.onnx") in problem.message


def test_the_model_file_is_found_by_its_name(tmp_path: Path) -> None:
    path = touch(tmp_path / "m" / "1" / "net.onnx")
    [model] = scan(tmp_path).models
    assert model_file(model, 1, "net.onnx") == path
    problem = model_file(model, 1, "model.onnx")
    assert isinstance(problem, Problem)
    assert "the folder holds net.onnx" in problem.message
    problem = model_file(model, 4, "model.onnx")
    assert isinstance(problem, Problem)
    assert "the versions here are: 1" in problem.message


def test_a_name_that_is_not_utf8_is_a_problem_of_that_model_alone(tmp_path: Path) -> None:
    touch(tmp_path / "good" / "1" / "model.onnx")
    touch(tmp_path / "b\udcffd" / "1" / "model.onnx")
    found = scan(tmp_path)
    assert [model.name for model in found.models] == ["good"]
    assert "not UTF-8" in str(found.problems[0])


def test_a_folder_in_the_place_of_the_model_file(tmp_path: Path) -> None:
    (tmp_path / "m" / "1" / "model.onnx").mkdir(parents=True)
    problem = model_file(ModelFolder("m", tmp_path / "m", (1,)), 1, "model.onnx")
    assert isinstance(problem, Problem)
    assert "is a folder" in problem.message
