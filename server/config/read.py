"""Finds and reads a model's configuration file."""

from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from server.config.lines import Lines, Location
from server.config.problem import ConfigError, Problem
from server.config.spec import ModelConfig
from server.config.wording import Rename, as_it_is

TRITON_FILE = "config.pbtxt"
OWN_FILE = "model.yaml"


@dataclass(frozen=True)
class ConfigFile:
    """What a model folder says: its configuration, where it stands, and what has no effect."""

    config: ModelConfig
    path: Path | None = None  # None: no file, everything is completed
    warnings: tuple[Problem, ...] = ()
    lines: Lines = field(default_factory=Lines)
    rename: Rename = as_it_is  # from the specification's locations to the file's

    def problem(self, message: str, folder: Path, at: Location = ()) -> Problem:
        """A problem found later with what stands `at` a location of the specification. Without a
        file it is placed at the folder."""
        return Problem(self.path or folder, message, self.lines.of(self.rename(at)))


def read_config(folder: Path, gpu: bool) -> ConfigFile:
    """Reads <folder>/config.pbtxt or model.yaml; raises ConfigError.

    `gpu`: whether this machine has one that the runtime can use (for KIND_AUTO).
    """
    triton, own = folder / TRITON_FILE, folder / OWN_FILE
    if triton.exists() and own.exists():
        raise ConfigError([Problem(folder, f"{TRITON_FILE} and {OWN_FILE}: keep one of them")])
    if triton.exists():
        found = _read_triton(triton, gpu)
    elif own.exists():
        found = _read_own(own)
    else:
        _refuse_misnamed(folder)
        return ConfigFile(ModelConfig())
    name = found.config.name
    if name is not None and name != folder.name:
        message = f'name: "{name}" must be the name of the folder, "{folder.name}"'
        raise ConfigError([found.problem(message, folder, ("name",))])
    return found


def _refuse_misnamed(folder: Path) -> None:
    """A configuration under another name would be ignored in silence."""
    for entry in sorted(folder.iterdir()):
        own = entry.suffix in (".yaml", ".yml")
        if entry.is_file() and (own or entry.suffix in (".pbtxt", ".pbtext")):
            fix = f"rename it to {OWN_FILE if own else TRITON_FILE}"
            raise ConfigError([Problem(entry, f"is not read under this name; {fix}")])


def _read_triton(path: Path, gpu: bool) -> ConfigFile:
    from server.config.from_triton import from_triton
    from server.config.pbtxt import parse_pbtxt
    from server.config.triton_names import triton_location

    message, lines = parse_pbtxt(path, _text(path))
    config, warnings = from_triton(message, path, lines, gpu)
    rename = partial(triton_location, outputs=[output.name for output in message.output])
    return ConfigFile(config, path, warnings, lines, rename)


def _read_own(path: Path) -> ConfigFile:
    from server.config.yaml_file import read_yaml

    config, lines = read_yaml(path, _text(path))
    return ConfigFile(config, path, (), lines)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ConfigError([Problem(path, f"is not UTF-8 text: {error.reason}")]) from None
    except OSError as error:
        raise ConfigError([Problem(path, f"cannot be read: {error.strerror}")]) from None
