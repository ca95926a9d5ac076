"""The request log: one line for each request that was slow or sampled, soon after its answer."""

import heapq
import json
import logging
import os
import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

from server.http import NICE
from server.logs import fields

if TYPE_CHECKING:
    from server.engine import RequestRecord, ServerStats

PERIOD_S = 1.0
MAX_LINES = 100  # in a period; of more requests, the slowest are shown

_log = logging.getLogger(__name__)


class RecordSource(Protocol):
    """What the engine offers to the request log."""

    def take_request_records(self) -> "list[RequestRecord]": ...
    def stats(self) -> "ServerStats": ...


class RequestLog:
    """Writes what `source` kept, once a period, on a thread of its own."""

    def __init__(self, source: RecordSource) -> None:
        self._source = source
        self._lost = 0
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._work, name="request-log", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Writes what is left."""
        self._stopped.set()
        self._thread.join()
        self.write()

    def write(self) -> None:
        """Takes all records and writes their lines, then how many have none."""
        records = self._source.take_request_records()
        for record in slowest(records, MAX_LINES):
            _log.info("%s", as_text(record), extra=fields(**as_fields(record)))
        lost = self._source.stats().lost_records
        left_out = max(0, len(records) - MAX_LINES) + lost - self._lost
        self._lost = lost
        if left_out:
            text = "%d more slow or sampled requests are not shown: too many at once"
            _log.info(text, left_out, extra=fields(left_out=left_out))

    def _work(self) -> None:
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)
        while not self._stopped.wait(PERIOD_S):
            try:
                self.write()
            except Exception:
                _log.exception("the request log failed")


def slowest(records: "Sequence[RequestRecord]", limit: int) -> "list[RequestRecord]":
    """At most `limit` of them, in their order."""
    kept = heapq.nlargest(limit, range(len(records)), key=lambda i: records[i].answered_ns)
    return [records[i] for i in sorted(kept)]


def phases_ms(record: "RequestRecord") -> dict[str, float]:
    """How long each phase took; their sum is the total but for rounding.

    admit: routing, admission, validation; queue: until it was in a batch; prepare: making inputs
    of images, rows or text, its own and those of its batch; gather: its batch's inputs; run: the
    model; encode: until all answers of the batch were ready.
    """
    times = {
        "admit": record.queued_ns - record.preparation_ns,
        "queue": record.formed_ns - record.queued_ns,
        "prepare": record.preparation_ns + record.prepared_ns - record.formed_ns,
        "gather": record.gathered_ns - record.prepared_ns,
        "run": record.finished_ns - record.gathered_ns,
        "encode": record.answered_ns - record.finished_ns,
    }
    return {phase: round(time / 1e6, 3) for phase, time in times.items()}


def as_fields(record: "RequestRecord") -> dict[str, object]:
    """The members of a JSON line. No id, no trace: no such members."""
    arrived = datetime.fromtimestamp(record.arrival_s, UTC)
    values: dict[str, object] = {"model": record.model, "version": record.version}
    if record.id:
        values["id"] = record.id
    if any(record.trace_id):
        values["trace_id"] = record.trace_id.hex()
        values["span_id"] = record.span_id.hex()
        values["trace_sampled"] = record.trace_sampled
    values |= {
        "peer": record.peer,
        "status": record.status,
        "arrived": f"{arrived:%Y-%m-%dT%H:%M:%S}.{arrived.microsecond // 1000:03d}Z",
        "batch_rows": record.batch_rows,
        "batch_requests": record.batch_requests,
        "batch_release": record.release,
        "batch_predicted_ms": round(record.predicted_ns / 1e6, 3),
    }
    values |= {f"{phase}_ms": value for phase, value in phases_ms(record).items()}
    return values | {"total_ms": round(record.answered_ns / 1e6, 3)}


def as_text(record: "RequestRecord") -> str:
    """One line for people; what clients wrote is quoted."""
    parts = " + ".join(f"{phase} {value:g}" for phase, value in phases_ms(record).items())
    words = [
        f"request of {record.model}/{record.version}: {record.status}"
        f" in {record.answered_ns / 1e6:.3f} ms = {parts}",
        f"batch of {record.batch_requests} requests, {record.batch_rows} rows ({record.release}),"
        f" predicted {record.predicted_ns / 1e6:g}",
        f"peer {record.peer}",
    ]
    if record.id:
        words.append(f"id {json.dumps(record.id)}")
    if any(record.trace_id):
        words.append(f"trace {record.trace_id.hex()}")
    return "; ".join(words)
