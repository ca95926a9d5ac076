"""`python -m server inspect`: what of a model really runs in INT8, and what to do."""

import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from server.config.problem import ConfigError, Problem
from server.config.read import read_config
from server.config.spec import ModelConfig
from server.engine import CoreError, Runtime
from server.examine.examination import ExaminationError
from server.examine.subject import Subject
from server.onnxruntime_locator import RuntimeNotFoundError, locate
from server.repository import missing_version, model_file, scan
from server.truth.gather import report_of
from server.truth.model_file import ModelFileError
from server.truth.options import InspectOptions
from server.truth.subject import subject_of
from server.truth.text import render

_ERRORS = (ConfigError, CoreError, ExaminationError, ModelFileError, RuntimeNotFoundError, OSError)


def inspect(options: InspectOptions) -> int:
    """Prints a report for each provider and writes --json; returns the exit code."""
    reports = []
    try:
        name, config, path = _found(options)
        for provider in _providers(options, config):
            print(f"running {path} on {provider}", file=sys.stderr)
            reports.append(report_of(_subject(config, path, provider), name))
            print(render(reports[-1]), end="\n\n")
        if options.json is not None:
            made = [report.as_dict() for report in reports]
            options.json.write_text(json.dumps(made, indent=2) + "\n")
    except _ERRORS as error:
        print(f"error: {error.message if isinstance(error, CoreError) else error}", file=sys.stderr)
        return 1
    return 0


def _found(options: InspectOptions) -> tuple[str, ModelConfig, Path]:
    """Name for people, configuration and model file."""
    if not options.model.is_dir():
        return options.model.name, ModelConfig(), options.model
    folder = options.model.resolve()
    model = next(each for each in scan(folder.parent).models if each.path == folder)
    config = read_config(folder, gpu=False).config
    if problem := missing_version(model):
        raise ConfigError([problem])
    version = options.version or config.version_policy.choose(model.versions)[-1]
    path = model_file(model, version, config.filename)
    if isinstance(path, Problem):
        raise ConfigError([path])
    return f"{model.name}/{version}", config, path


def _providers(options: InspectOptions, config: ModelConfig) -> Sequence[str]:
    """The one that is asked for, else the configured one, else all that are installed."""
    if options.provider is not None:
        return (options.provider,)
    if config.execution_provider not in (None, "auto"):
        return (config.execution_provider,)
    return Runtime(str(locate().path)).providers


def _subject(config: ModelConfig, path: Path, provider: str) -> Subject:
    """Options go with the provider that they were written for."""
    options = config.provider_options if provider == config.execution_provider else {}
    return replace(subject_of(config, path), provider=provider, options=dict(options))
