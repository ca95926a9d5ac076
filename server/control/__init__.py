"""The RPCs that Python serves: bytes in, bytes out (ModelInfer is native)."""

from server.control.methods import Control

__all__ = ["Control"]
