"""What the GPU data path is for: CUDA graphs, and copies beside runs."""

from collections.abc import Iterator
from pathlib import Path
from statistics import median

from benchmarks.figures import Figure, at_least, at_most
from benchmarks.gpu.offline import rate
from benchmarks.gpu.settings import Settings
from benchmarks.gpu.workloads import large_rows, many_kernels
from server.examine.examination import Examination
from server.examine.subject import Subject
from tests import graphs

COPIED_ROWS = 32


def figures(settings: Settings) -> Iterator[Figure]:
    """Raises ExaminationError."""
    repository = settings.folder("mechanisms")
    settings.say("CUDA graph")
    yield from _cuda_graph(graphs.write_model(repository, "many_kernels", many_kernels()), settings)
    settings.say("copies")
    yield from _copies(graphs.write_model(repository, "large_rows", large_rows()), settings)


def _cuda_graph(path: Path, settings: Settings) -> Iterator[Figure]:
    """Latency of single rows. Only the provider cuda has graphs: elsewhere both are without."""
    latencies = []
    for graph, name in ((False, "without"), (True, "with")):
        wanted = graph and settings.provider == "cuda"
        with Examination(Subject(str(path), settings.provider, cuda_graph=wanted)) as examination:
            latencies.append(median(examination.time(1, settings.seconds)) / 1e3)
        yield Figure("CUDA graph", f"batch 1 {name} it", latencies[-1], "us")
    ratio = latencies[1] / latencies[0]
    yield Figure("CUDA graph", "with / without", ratio, target=at_most(0.6))


def _copies(path: Path, settings: Settings) -> Iterator[Figure]:
    """A batch of large rows on one slot, and on two at once."""
    found = []
    for slots in (1, 2):
        with Examination(Subject(str(path), settings.provider, slots=slots)) as examination:
            found.append(rate(examination, COPIED_ROWS, settings.seconds))
        yield Figure("copies", f"rows of 600 KB, slots: {slots}", found[-1], "rows/s")
    yield Figure("copies", "two slots / one", found[1] / found[0], target=at_least(1.2))
