"""Model configuration: one specification, read from config.pbtxt or model.yaml."""

from server.config.problem import ConfigError, Problem
from server.config.read import ConfigFile, read_config
from server.config.spec import ModelConfig

__all__ = ["ConfigError", "ConfigFile", "ModelConfig", "Problem", "read_config"]
