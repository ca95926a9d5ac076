"""Models of the kinds that people serve, with seeded random weights: their speed is real, their
answers mean nothing."""

from benchmarks.networks.resnet import resnet50
from benchmarks.networks.text_encoder import text_encoder
from benchmarks.networks.trees import tree_ensemble

__all__ = ["resnet50", "text_encoder", "tree_ensemble"]
