"""The command line."""

import argparse
from pathlib import Path

import pytest

from server.cli import LIMITS, main, parse_serve, serve_parser, size
from server.options import ServeOptions


def test_defaults_are_local_and_bounded() -> None:
    options = parse_serve(["--repo", "models"])
    assert options.repository == Path("models")
    assert (options.host, options.grpc_port, options.http_port) == ("127.0.0.1", 8001, 8000)
    assert options.limits["max_message_bytes"] == 64 << 20
    assert options.limits["handshake_timeout_s"] == 10.0
    assert options.drain_timeout_s == ServeOptions(Path()).drain_timeout_s == 30.0


def test_limits_are_set_with_units() -> None:
    options = parse_serve(
        ["--repo", "m", "--max-message-bytes", "2MiB", "--idle-timeout", "1.5", "--strict"]
    )
    assert options.limits["max_message_bytes"] == 2 << 20
    assert options.limits["idle_timeout_s"] == 1.5
    assert options.strict


def test_the_request_log_is_off_unless_asked_for() -> None:
    options = parse_serve(["--repo", "m"])
    assert (options.log_slow_ms, options.log_sample) == (0.0, 0)
    options = parse_serve(["--repo", "m", "--log-slow-ms", "0.5", "--log-sample", "100"])
    assert (options.log_slow_ms, options.log_sample) == (0.5, 100)


@pytest.mark.parametrize(
    ("text", "number"),
    [("7", 7), ("7B", 7), ("64KiB", 65536), ("1 MiB", 1 << 20), ("2GiB", 2 << 30)],
)
def test_sizes(text: str, number: int) -> None:
    assert size(text) == number


@pytest.mark.parametrize("text", ["", "-1", "1MB", "1.5GiB", "x"])
def test_wrong_sizes_are_refused(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="is not a size"):
        size(text)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "--repo"),
        (["--repo", "m", "--grpc-port", "70000"], "not a port"),
        (["--repo", "m", "--grpc-port", "eight"], "not a port"),
        (["--repo", "m", "--drain-timeout", "-1"], "not a number of seconds"),
        (["--repo", "m", "--drain-timeout", "nan"], "not a number of seconds"),
        (["--repo", "m", "--io-threads", "0"], "not a number of 1 or more"),
        (["--repo", "m", "--log-format", "xml"], "invalid choice"),
        (["--repo", "m", "--log-slow-ms", "0"], "not a number of milliseconds"),
        (["--repo", "m", "--log-slow-ms", "nan"], "not a number of milliseconds"),
        (["--repo", "m", "--log-sample", "0"], "not a number of 1 or more"),
        (["--repo", "m", "--gprc-port", "1"], "unrecognized arguments"),
    ],
)
def test_mistakes_end_with_a_message(
    words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        parse_serve(words)
    assert caught.value.code == 2
    assert message in capsys.readouterr().err


def test_help_names_every_limit_and_both_commands() -> None:
    text = serve_parser().format_help()
    for limit in LIMITS:
        assert "--" + limit.keyword.removesuffix("_s").replace("_", "-") in text
    assert "python -m server check --repo" in text


@pytest.mark.parametrize("words", [["serv", "--repo", "m"], ["models"], ["chek", "--repo", "m"]])
def test_an_unknown_command_is_named(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    printed = capsys.readouterr().err
    assert f'unknown command "{words[0]}"' in printed
    assert "--repo" in printed
