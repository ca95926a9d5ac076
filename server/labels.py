"""Reads the files that name the classes of outputs."""

from math import prod
from pathlib import Path

from server.config.problem import ConfigError
from server.config.read import ConfigFile
from server.config.spec import ModelConfig, TensorConfig
from server.model_files import ModelFileError, find_file, read_file
from server.repository import ModelFolder

MAX_BYTES = 1 << 26  # of one file


class LabelsError(Exception):
    """A file that cannot name the classes; says which and why."""


def read_labels(
    model: ModelFolder, version: int, file: ConfigFile, config: ModelConfig
) -> dict[str, list[str]]:
    """By output, then by class; `config` is completed. A file in the version's folder goes before
    one in the model's. Raises ConfigError with every problem."""
    labels, problems = {}, []
    for tensor in config.outputs:
        if tensor.name not in config.labels:
            continue
        try:
            path = find_file(model, version, config.labels[tensor.name])
            labels[tensor.name] = _lines(path)
            _check_count(path, len(labels[tensor.name]), tensor)
        except (LabelsError, ModelFileError) as error:
            message = f'labels of output "{tensor.name}": {error}'
            problems.append(file.problem(message, model.path, ("labels", tensor.name)))
    if problems:
        raise ConfigError(problems)
    return labels


def _lines(path: Path) -> list[str]:
    """Every line is a label, an empty one too; the last may end without a line break."""
    content = read_file(path, MAX_BYTES)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise LabelsError(f"{path}:{line}: is not UTF-8 text: {error.reason}") from None
    lines = [line.removesuffix("\r") for line in text.split("\n")]
    return lines if lines[-1] else lines[:-1]


def _check_count(path: Path, count: int, tensor: TensorConfig) -> None:
    if count == 0:
        raise LabelsError(f"{path} is empty; one label a line")
    classes = prod(tensor.dims)
    if -1 not in tensor.dims and count != classes:
        dims = f"dims {list(tensor.dims)}"
        raise LabelsError(f"{path} has {count} labels, but there are {classes} classes ({dims})")
