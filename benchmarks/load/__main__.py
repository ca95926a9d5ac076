"""Measures a server with requests made for one of its models.

Examples:
  python -m benchmarks.load --model digits --connections 4 --streams 32
  python -m benchmarks.load --model digits --rate 5000 --duration 10 --server-pid 1234
  python -m benchmarks.load --model digits --rate 2000 --arrivals spike:5,4,4.5 --deadline-ms 50
"""

import argparse
import json
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from benchmarks.load import arrivals, report, trace
from benchmarks.load.record import Record
from benchmarks.load.replay import replay
from benchmarks.load.requests import (
    RequestError,
    fetch_metadata,
    infer_once,
    random_request,
    request_from_file,
)
from benchmarks.load.run import Load, LoadError, LoadResult, run
from benchmarks.load.schedule import Schedule
from benchmarks.tools import DEFAULT_BUILD, MissingToolError


def parse_shape(text: str) -> tuple[str, list[int]]:
    """ "name:1,3,224" -> ("name", [1, 3, 224])."""
    name, colon, dims = text.rpartition(":")
    try:
        shape = [int(dim) for dim in dims.split(",")] if dims else []
    except ValueError:
        colon = ""
    if not colon or not name or any(dim < 0 for dim in shape):
        raise argparse.ArgumentTypeError(f"{text!r}: expected NAME:DIM,DIM,... as in image:1,3,8,8")
    return name, shape


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog="python -m benchmarks.load",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument(
        "--target", default="127.0.0.1:8001", help="HOST:PORT or unix:PATH (%(default)s)"
    )
    made.add_argument("--model", required=True)
    made.add_argument("--version", default="", help="default: the server's choice")
    data = made.add_argument_group("what is sent (random tensors unless --data is given)")
    data.add_argument("--batch", type=int, default=1, help="rows per request (%(default)s)")
    data.add_argument("--shape", type=parse_shape, action="append", default=[], metavar="NAME:DIMS")
    data.add_argument(
        "--data",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help=".npz with one array per input, or a serialized ModelInferRequest; repeat to rotate",
    )
    load = made.add_argument_group("how it is sent: in a closed loop, every answer gives the next")
    load.add_argument("--connections", type=int, default=1)
    load.add_argument("--streams", type=int, default=1, help="calls in flight per connection")
    load.add_argument("--requests", type=int, default=0, help="measured calls, instead of seconds")
    load.add_argument(
        "--duration", type=float, help="measured seconds (default: 5, or to the end of a FILE)"
    )
    load.add_argument("--warmup", type=float, default=1, help="seconds not measured (%(default)s)")
    load.add_argument("--deadline-ms", type=float, default=0, help="of each call")
    load.add_argument("--threads", type=int, default=1)
    add_open_loop(made)
    made.add_argument("--server-pid", type=int, default=0, help="measure this process's CPU time")
    made.add_argument("--json", action="store_true", help="print the generator's JSON object")
    made.add_argument(
        "--build", type=Path, default=DEFAULT_BUILD, help="CMake folder (%(default)s)"
    )
    return made


def add_open_loop(made: argparse.ArgumentParser) -> None:
    loop = made.add_argument_group(
        "open loop: calls are sent on a schedule, whatever the answers do (--rate, or a FILE)",
        f"ARRIVALS, in seconds of the measured time:\n{arrivals.GRAMMAR}\n"
        f"FILE: lines of {','.join(trace.COLUMNS)}; the last two may be left out",
    )
    loop.add_argument("--rate", type=float, default=0, help="calls per second")
    loop.add_argument("--arrivals", metavar="ARRIVALS|FILE", help="default: poisson")
    loop.add_argument("--seed", type=int, default=1, help="of the arrivals (%(default)s)")
    loop.add_argument(
        "--judge-only", action="store_true", help="do not tell the server the deadlines"
    )
    loop.add_argument("--record", type=Path, metavar="FILE", help="keep what became of every call")


def messages(arguments: argparse.Namespace) -> list[bytes]:
    metadata = fetch_metadata(arguments.target, arguments.model, arguments.version)
    if arguments.data:
        return [request_from_file(metadata, path, arguments.version) for path in arguments.data]
    shapes = dict(arguments.shape)
    return [random_request(metadata, arguments.version, arguments.batch, shapes)]


def send(arguments: argparse.Namespace, load: Load) -> tuple[LoadResult, Record | None]:
    """The run; with a record when the loop is open."""
    if not arguments.rate and arguments.arrivals is None:
        if arguments.record or arguments.judge_only:
            raise arrivals.ScheduleError("--record and --judge-only are for open loops")
        return run(load, arguments.build), None
    if arguments.requests:
        raise arrivals.ScheduleError("--requests is for closed loops; use --duration")
    schedule = Schedule(
        arrivals=arguments.arrivals or "poisson",
        rate=arguments.rate,
        duration_s=arguments.duration or (5 if arguments.rate else None),
        warmup_s=arguments.warmup,
        deadline_ms=arguments.deadline_ms,
        seed=arguments.seed,
    )
    load = replace(load, deadline_ms=0, duration_s=schedule.duration_s)
    return replay(load, schedule.trace(len(load.bodies)), arguments.build)


def measure(arguments: argparse.Namespace, folder: Path) -> int:
    bodies = []
    for index, message in enumerate(messages(arguments)):
        infer_once(arguments.target, message)
        bodies.append(folder / f"{index}.bin")
        bodies[-1].write_bytes(message)
    load = Load(
        target=arguments.target,
        bodies=bodies,
        connections=arguments.connections,
        streams=arguments.streams,
        threads=arguments.threads,
        duration_s=arguments.duration,
        requests=arguments.requests,
        warmup_s=arguments.warmup,
        deadline_ms=arguments.deadline_ms,
        judge_only=arguments.judge_only,
        server_pid=arguments.server_pid,
    )
    result, record = send(arguments, load)
    if record and arguments.record:
        record.rows.tofile(arguments.record)
    invalid = {"invalid": record.invalid_reason} if record else {}
    text = json.dumps(result.raw | invalid) if arguments.json else None
    print(text or "\n".join(report.lines(result, record)))
    return 0 if result.statuses.get("OK") else 1


def main() -> int:
    arguments = parser().parse_args()
    try:
        with tempfile.TemporaryDirectory() as folder:
            return measure(arguments, Path(folder))
    except (LoadError, MissingToolError, OSError, RequestError, arrivals.ScheduleError) as error:
        print(f"benchmarks.load: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
