"""Lines of the request log from records."""

import logging
from dataclasses import dataclass, field
from typing import cast

import pytest

from server.request_log import MAX_LINES, RecordSource, RequestLog, as_fields, as_text

MS = 1_000_000
TRACE = bytes.fromhex("4bf92f3577b34da6a3ce929d0e0e4736")
SPAN = bytes.fromhex("00f067aa0ba902b7")


@dataclass
class Record:
    model: str = "digits"
    version: int = 3
    id: str = ""
    peer: str = "127.0.0.1:5000"
    trace_id: bytes = bytes(16)
    span_id: bytes = bytes(8)
    trace_sampled: bool = False
    status: str = "OK"
    batch_rows: int = 8
    batch_requests: int = 2
    release: str = "FULL"
    predicted_ns: int = 31 * MS
    arrival_s: float = 86400.25
    preparation_ns: int = 0
    queued_ns: int = 1 * MS
    formed_ns: int = 21 * MS
    prepared_ns: int = 21 * MS
    gathered_ns: int = 22 * MS
    finished_ns: int = 52 * MS
    answered_ns: int = 55 * MS


@dataclass
class Stats:
    lost_records: int = 0


@dataclass
class Kept:
    """An engine that kept these records."""

    records: list[Record] = field(default_factory=list)
    lost: int = 0

    def take_request_records(self) -> list[Record]:
        taken, self.records = self.records, []
        return taken

    def stats(self) -> Stats:
        return Stats(self.lost)


def shown(**values: object) -> dict[str, object]:
    return as_fields(Record(**values))  # type: ignore[arg-type]


def messages(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records]


def test_phases_add_up_to_the_total() -> None:
    values = shown()
    phases = ("admit_ms", "queue_ms", "prepare_ms", "gather_ms", "run_ms", "encode_ms")
    assert [values[phase] for phase in phases] == [1, 20, 0, 1, 30, 3]
    assert values["total_ms"] == 55


def test_a_record_names_model_client_and_moment() -> None:
    values = shown(id="r1", status="INTERNAL")
    assert (values["model"], values["version"], values["id"]) == ("digits", 3, "r1")
    assert (values["peer"], values["status"]) == ("127.0.0.1:5000", "INTERNAL")
    assert (values["batch_rows"], values["batch_requests"]) == (8, 2)
    assert (values["batch_release"], values["batch_predicted_ms"]) == ("FULL", 31)
    assert values["arrived"] == "1970-01-02T00:00:00.250Z"


def test_ids_are_shown_where_there_are_any() -> None:
    assert not {"id", "trace_id", "span_id", "trace_sampled"} & shown().keys()
    values = shown(trace_id=TRACE, span_id=SPAN, trace_sampled=True)
    assert values["trace_id"] == "4bf92f3577b34da6a3ce929d0e0e4736"
    assert (values["span_id"], values["trace_sampled"]) == ("00f067aa0ba902b7", True)


def test_preparation_before_and_in_the_batch_is_one_phase() -> None:
    line = shown(preparation_ns=MS // 4, prepared_ns=21 * MS + MS // 2)
    assert (line["admit_ms"], line["prepare_ms"], line["gather_ms"]) == (0.75, 0.75, 0.5)


def test_a_text_line_stays_one_line() -> None:
    line = as_text(cast("object", Record(id='a"\nb', trace_id=TRACE)))  # type: ignore[arg-type]
    assert line == (
        "request of digits/3: OK in 55.000 ms = admit 1 + queue 20 + prepare 0 + gather 1 + run 30 "
        "+ encode 3; batch of 2 requests, 8 rows (FULL), predicted 31; peer 127.0.0.1:5000; "
        'id "a\\"\\nb"; '
        "trace 4bf92f3577b34da6a3ce929d0e0e4736"
    )


def test_of_too_many_the_slowest_are_shown_and_the_rest_counted(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    kept = Kept([Record(id=str(i), answered_ns=i) for i in range(MAX_LINES + 5)], lost=7)
    log = RequestLog(cast(RecordSource, kept))
    log.write()
    lines = messages(caplog)
    assert len(lines) == MAX_LINES + 1
    assert 'id "5"' in lines[0] and f'id "{MAX_LINES + 4}"' in lines[-2]
    assert lines[-1].startswith("12 more slow or sampled requests are not shown")
    caplog.clear()
    log.write()  # the same loss is told once
    assert messages(caplog) == []


def test_the_last_records_are_written_at_the_end(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    kept = Kept()
    log = RequestLog(cast(RecordSource, kept))
    log.start()
    kept.records = [Record(id="last")]
    log.stop()
    assert [line for line in messages(caplog) if 'id "last"' in line] != []
