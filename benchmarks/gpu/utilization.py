"""What the server's own /metrics say of the GPU while it is loaded."""

import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import fmean

from prometheus_client.parser import text_string_to_metric_families

PERIOD_S = 0.25
# metric, labels of interest, name of the figure, factor, unit
SHOWN: tuple[tuple[str, dict[str, str], str, float, str], ...] = (
    ("nv_gpu_utilization", {}, "GPU busy", 100, "%"),
    ("skein_gpu_sm_utilization_ratio", {}, "multiprocessors busy", 100, "%"),
    ("skein_gpu_tensor_utilization_ratio", {"pipe": "any"}, "tensor cores busy", 100, "%"),
    ("skein_gpu_tensor_utilization_ratio", {"pipe": "half"}, "of that FP16, BF16", 100, "%"),
    ("skein_gpu_tensor_utilization_ratio", {"pipe": "integer"}, "of that INT8", 100, "%"),
    ("skein_gpu_memory_bandwidth_utilization_ratio", {}, "memory bandwidth", 100, "%"),
    ("skein_gpu_process_memory_bytes", {}, "GPU memory of the server", 1 / (1 << 30), "GiB"),
    ("nv_gpu_power_usage", {}, "power", 1, "W"),
)


class Seen:
    """Values of GPU metrics, one list per row of SHOWN."""

    def __init__(self) -> None:
        self._values: list[list[float]] = [[] for _ in SHOWN]

    def add(self, text: str) -> None:
        """One scrape."""
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                for (metric, labels, *_), values in zip(SHOWN, self._values, strict=True):
                    if sample.name == metric and labels.items() <= sample.labels.items():
                        values.append(sample.value)

    def rows(self) -> Iterator[tuple[str, float, str]]:
        """Name, mean and unit of everything that was seen."""
        for (_, _, name, factor, unit), values in zip(SHOWN, self._values, strict=True):
            if values:
                yield name, fmean(values) * factor, unit


@contextmanager
def watched(http: str) -> Iterator[Seen]:
    """Scrapes the server at `http` (host:port) until the end of the block."""
    seen, ended = Seen(), threading.Event()

    def scrape() -> None:
        while not ended.wait(PERIOD_S):
            with urllib.request.urlopen(f"http://{http}/metrics", timeout=10) as reply:
                seen.add(reply.read().decode())

    thread = threading.Thread(target=scrape)
    thread.start()
    try:
        yield seen
    finally:
        ended.set()
        thread.join()
