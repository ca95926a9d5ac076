"""The load generator: a native program (*.cc here) and what prepares and reads its runs."""

from benchmarks.load.record import Record
from benchmarks.load.replay import replay
from benchmarks.load.run import Load, LoadError, LoadResult, finish, run, start

__all__ = ["Load", "LoadError", "LoadResult", "Record", "finish", "replay", "run", "start"]
