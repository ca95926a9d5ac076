"""Skein's control plane: decides what is served and how; the native engine serves it."""

__version__ = "0.1.0"
