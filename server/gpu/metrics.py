"""GPU metrics for one scrape, in bounded time."""

import logging
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future

from prometheus_client.core import Metric

from server.gpu.families import FAMILIES
from server.gpu.reader import NvmlReader, Reading
from server.gpu.values import Value

_log = logging.getLogger(__name__)

LIMIT_S = 1.0  # of a reading; a driver that hangs must not hold a scrape
FRESH_S = 0.1  # a younger reading is shown again: GPM averages over less say little


class GpuMetrics:
    """Reads on a thread of its own, one reading at a time, when somebody asks."""

    def __init__(self) -> None:
        self._reader = NvmlReader()
        self._lock = threading.Lock()
        self._started = float("-inf")
        self._latest: Future[Reading] = Future()
        self._latest.set_result(Reading())
        self._known: set[str] = set()

    def collect(self) -> Iterator[Metric]:
        """One metric per name, labelled gpu_uuid; nothing where no GPU was ever seen."""
        with self._lock:
            now = time.monotonic()
            if self._latest.done() and now - self._started > FRESH_S:
                self._started, self._latest = now, Future()
                threading.Thread(target=self._read, name="gpu", daemon=True).start()
            latest, left = self._latest, self._started + LIMIT_S - now
        try:
            reading = latest.result(max(0.0, left))
        except TimeoutError:
            reading = Reading(dict.fromkeys(self._known))
        self._known |= reading.gpus.keys()
        yield from _metrics(reading)

    def _read(self) -> None:
        try:
            self._latest.set_result(self._reader.read(set(self._known)))
        except Exception:  # whatever it is must not end /metrics
            _log.exception("GPUs cannot be read")
            self._latest.set_result(Reading(dict.fromkeys(self._known)))


def _metrics(reading: Reading) -> Iterator[Metric]:
    if not reading.gpus:
        return
    shown = {name: Metric(name, text, kind) for name, (kind, text) in FAMILIES.items()}
    for uuid, values in reading.gpus.items():
        up = Value("skein_gpu_up", {}, float(values is not None))
        for value in (up, *(values or ())):
            metric = shown[value.metric]
            # prometheus-client wants _total; Triton's counters do not have it
            ours = metric.type == "counter" and metric.name.startswith("skein_")
            name = f"{metric.name}_total" if ours else metric.name
            metric.add_sample(name, {"gpu_uuid": uuid, **value.labels}, value.number)
    yield from (metric for metric in shown.values() if metric.samples)
