"""The command line: `python -m server [serve] ...` and its other commands."""

import argparse
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from server import __version__
from server.options import ServeOptions, add_cache_dir, add_execution_provider

_SERVE_EPILOG = """\
examples:
  python -m server --repo model_repository
      serve the models that come with the project
  python -m server --repo models --grpc-port 0 --http-port 0 --ready-file ready.json
      on free ports; ready.json names them once every model is ready
  python -m server check --repo models
      validate every model and configuration without serving
  python -m server profile --repo models --model M
      measure batches of each size, and say what latency and throughput to expect
  python -m server inspect models/M
      say what of a model really runs in INT8, where the rest runs, and what to do
  python -m server quantize --help
      how to make a model faster by INT8 or bf16, where that pays and stays accurate
  python -m server import --help
      how a scikit-learn pipeline becomes a model that answers as it does

the repository has Triton's layout: <repo>/<model>/<version>/model.onnx, with an optional
config.pbtxt or model.yaml in <model>. GET /metrics, /v2/health/live and /v2/health/ready on the
HTTP port. SIGTERM drains and exits 0; a second one ends at once.
"""
_CHECK_EPILOG = """\
Opens and warms up every model as serving would and prints the same messages. The exit code is 1
if anything is wrong.
"""


_COMMANDS = ("serve", "check", "profile", "inspect", "quantize", "import", "preprocess")


class Limit(NamedTuple):
    """A limit of the transport: its option is the keyword with dashes."""

    keyword: str
    parse: Callable[[str], float]
    default: str
    help: str


def size(text: str) -> int:
    """Bytes: "65536", "64KiB", "64MiB", "1GiB"."""
    match = re.fullmatch(r"(\d+) ?(B|KiB|MiB|GiB)?", text)
    if match is None:
        raise argparse.ArgumentTypeError(f"{text!r} is not a size such as 65536, 64KiB or 1GiB")
    return int(match[1]) << {None: 0, "B": 0, "KiB": 10, "MiB": 20, "GiB": 30}[match[2]]


def seconds(text: str) -> float:
    """Seconds, 0 or more."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < 1e9:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds such as 30 or 0.5")
    return value


def milliseconds(text: str) -> float:
    """Milliseconds, more than 0."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < 1e9:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of milliseconds such as 50")
    return value


def count(text: str) -> int:
    """An integer of 1 or more."""
    if not re.fullmatch(r"[1-9]\d{0,8}", text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of 1 or more")
    return int(text)


def port(text: str) -> int:
    """A TCP port; 0 picks a free one."""
    if not re.fullmatch(r"\d{1,5}", text) or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port (0 to 65535; 0 picks a free one)")
    return int(text)


LIMITS = (
    Limit("max_message_bytes", size, "64MiB", "largest request"),
    Limit("max_inflight_bytes", size, "1GiB", "requests and unsent answers held at once"),
    Limit("max_connection_inflight_bytes", size, "256MiB", "the same for one connection"),
    Limit("max_header_list_bytes", size, "16KiB", "metadata of one call"),
    Limit("max_concurrent_streams", count, "1024", "calls at once on one connection"),
    Limit("max_connections", count, "4096", "connections; further ones are closed at once"),
    Limit("max_resets_per_second", count, "200", "calls a connection may cancel per second"),
    Limit("handshake_timeout_s", seconds, "10", "seconds to complete the HTTP/2 handshake"),
    Limit("idle_timeout_s", seconds, "0", "seconds a connection may idle; 0: for ever"),
    Limit("max_connection_age_s", seconds, "0", "seconds until a connection is renewed; 0: never"),
    Limit("max_connection_age_grace_s", seconds, "60", "seconds its calls then have to finish"),
    Limit("keepalive_time_s", seconds, "7200", "seconds of silence before a ping"),
    Limit("keepalive_timeout_s", seconds, "20", "seconds a ping may stay unanswered"),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command; returns the exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words[:1] == ["check"]:
        parsed = check_parser().parse_args(words[1:])
        from server.check import check

        return check(parsed.repo, parsed.cache_dir, parsed.execution_provider)
    if words[:1] == ["profile"]:
        from server.profiling.options import parse_profile

        profile_options = parse_profile(words[1:])
        from server.profiling.command import profile

        return profile(profile_options)
    if words[:1] == ["inspect"]:
        from server.truth.options import parse_inspect

        inspect_options = parse_inspect(words[1:])
        from server.truth.command import inspect

        return inspect(inspect_options)
    if words[:1] == ["quantize"]:
        from server.quantize.options import parse_quantize

        quantize_options = parse_quantize(words[1:])
        from server.quantize.command import quantize

        return quantize(quantize_options)
    if words[:1] == ["import"]:
        from server.importing.options import parse_import

        import_options = parse_import(words[1:])
        from server.importing.command import import_model

        return import_model(import_options)
    if words[:1] == ["preprocess"]:
        from server.preparing.options import parse_preprocess

        preprocess_options = parse_preprocess(words[1:])
        from server.preparing.command import preprocess

        return preprocess(preprocess_options)
    if words and not words[0].startswith("-") and words[0] != "serve":
        from server.config.problem import suggestion

        hint = suggestion(words[0], _COMMANDS)
        print(
            f'python -m server: unknown command "{words[0]}".{hint} The commands are '
            f"{', '.join(_COMMANDS)}; a repository is named by --repo DIR",
            file=sys.stderr,
        )
        return 2
    options = parse_serve(words[1:] if words[:1] == ["serve"] else words)
    from server.app import serve

    return serve(options)


def parse_serve(words: Sequence[str]) -> ServeOptions:
    """Exits with status 2 and a message if `words` are wrong."""
    parsed = serve_parser().parse_args(words)
    return ServeOptions(
        repository=parsed.repo,
        host=parsed.host,
        grpc_port=parsed.grpc_port,
        http_port=parsed.http_port,
        unix_socket=parsed.unix_socket,
        ready_file=parsed.ready_file,
        log_format=parsed.log_format,
        log_level=parsed.log_level,
        log_slow_ms=parsed.log_slow_ms,
        log_sample=parsed.log_sample,
        execution_provider=parsed.execution_provider,
        cache=parsed.cache_dir,
        assess=parsed.assess,
        strict=parsed.strict,
        drain_timeout_s=parsed.drain_timeout,
        io_threads=parsed.io_threads,
        limits={limit.keyword: getattr(parsed, limit.keyword) for limit in LIMITS},
    )


def check_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m server check",
        description="Validate a model repository without serving it.",
        epilog=_CHECK_EPILOG,
        allow_abbrev=False,
    )
    parser.add_argument("--repo", type=Path, required=True, metavar="DIR")
    add_execution_provider(parser)
    add_cache_dir(parser)
    return parser


def serve_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m server",
        usage="python -m server [serve] --repo DIR [options]\n"
        "       python -m server check --repo DIR\n"
        "       python -m server profile --repo DIR --model M [options]\n"
        "       python -m server inspect MODEL [options]\n"
        "       python -m server quantize MODEL.onnx --calibration DATA --output REPO/NAME\n"
        "       python -m server import PIPELINE.joblib --samples DATA --output REPO/NAME --trust\n"
        "       python -m server preprocess DECLARATION DATA... --output FILE.npz",
        description="Serve ONNX models over gRPC (Open Inference Protocol, Triton's extensions).",
        epilog=_SERVE_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"skein {__version__}")
    _add_main(parser)
    _add_limits(parser)
    return parser


def _add_main(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--repo", type=Path, required=True, metavar="DIR", help="model repository")
    add("--host", default="127.0.0.1", help="address of both ports (127.0.0.1: this machine only)")
    add("--grpc-port", type=port, default=8001, metavar="N", help="default 8001; 0: a free one")
    add("--http-port", type=port, default=8000, metavar="N", help="default 8000; 0: a free one")
    add("--unix-socket", metavar="PATH", help="serve gRPC on this Unix socket as well")
    add(
        "--ready-file",
        type=Path,
        metavar="FILE",
        help="written once every model is ready: a JSON object with the addresses",
    )
    add_execution_provider(parser)
    add_cache_dir(parser)
    add(
        "--assess",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="after start-up, at low priority, find the fastest provider of each model and what "
        "of it runs in INT8, unless that is remembered; takes seconds per model",
    )
    add("--strict", action="store_true", help="stop with status 1 if any model cannot be loaded")
    add(
        "--drain-timeout",
        type=seconds,
        default=30.0,
        metavar="S",
        help="seconds that accepted requests have to finish after SIGTERM (default 30)",
    )
    add("--log-format", choices=("text", "json"), default="text", help="default text")
    add(
        "--log-level",
        choices=("debug", "info", "warning", "error"),
        default="info",
        help="default info; debug includes HTTP requests",
    )
    _add_request_log(parser)
    add(
        "--io-threads",
        type=count,
        metavar="N",
        help="threads for connections (default: a quarter of the cores, at least 1)",
    )


def _add_request_log(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--log-slow-ms",
        type=milliseconds,
        default=0.0,
        metavar="MS",
        help="log each request that took at least so many milliseconds, with the time of every "
        "phase and its traceparent (default: none)",
    )
    parser.add_argument(
        "--log-sample",
        type=count,
        default=0,
        metavar="N",
        help="log one request in N in the same way (default: none)",
    )


def _add_limits(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group(
        "limits of the gRPC port", "sizes take KiB, MiB or GiB; times are seconds"
    )
    for limit in LIMITS:
        group.add_argument(
            "--" + limit.keyword.removesuffix("_s").replace("_", "-"),
            dest=limit.keyword,
            type=limit.parse,
            default=limit.parse(limit.default),
            metavar=limit.default,
            help=limit.help,
        )
