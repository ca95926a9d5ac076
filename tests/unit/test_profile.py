"""What `profile` derives from figures, and its command line."""

import sys
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from server.cli import main
from server.profiling.measure import LEAST_RUNS, ROUNDS, Figure, Measurement, bucket_sizes
from server.profiling.options import parse_profile, profile_parser
from server.profiling.page import page
from server.profiling.report import Profile, advice, rounded_up, table

# 1 ms per run and 0.1 ms per row: batching gains up to the end.
GAINS = [Figure(rows, 1e-3 + 1e-4 * rows, 2e-3, 9) for rows in (1, 2, 4, 8, 16, 32, 64, 128)]
PROFILE = Profile("m", 3, "cpu", 2, 1, True, True, GAINS)


@dataclass(frozen=True)
class Row:
    rows: int
    median_ns: int
    high_ns: int


def test_sizes_are_powers_of_two_and_those_in_between() -> None:
    assert list(bucket_sizes(1)) == [1]
    assert list(bucket_sizes(2)) == [1, 2]
    assert list(bucket_sizes(20)) == [1, 2, 3, 4, 6, 8, 12, 16, 20]
    assert list(bucket_sizes(32)) == [1, 2, 3, 4, 6, 8, 12, 16, 24, 32]


def test_sizes_are_visited_in_turns() -> None:
    runs: list[int] = []
    learnt = [Row(1, 1000, 2000), Row(2, 1500, 1600), Row(4, 3000, 6000)]
    steps: list[tuple[int, int]] = []
    measured = Measurement(runs.append, lambda: learnt).measure(
        [1, 2, 3], 1.0, lambda number, rows: steps.append((number, rows))
    )
    assert steps == [(number, rows) for number in range(ROUNDS) for rows in (1, 2, 3)]
    assert [figure.rows for figure in measured] == [1, 2, 3]
    assert [figure.median_s for figure in measured] == [1e-6, 1.5e-6, 3e-6]
    assert [figure.samples for figure in measured] == [runs.count(rows) for rows in (1, 2, 3)]


def test_sizes_for_which_the_time_is_too_short_are_left_out() -> None:
    runs: list[int] = []
    hours = [Row(1, 10**13, 10**13), Row(2, 10**13, 10**13)]
    measured = Measurement(runs.append, lambda: hours).measure([1, 2], 0.01, lambda *_: None)
    assert [figure.rows for figure in measured] == [1]
    assert len(runs) >= LEAST_RUNS


def test_advice_names_where_batching_ends_and_a_target() -> None:
    batching, target = advice(PROFILE)
    assert batching == (
        "Batching gains up to about 64 rows: a row costs 115.6 us there, 1100.0 us alone; "
        "larger batches gain less than a tenth."
    )
    assert "latency_slo_ms: 4 leaves room for a batch of 64 rows" in target
    assert "about 14,000 rows/s (80% of what the model alone can do on 2 slots)" in target


def test_advice_for_a_model_that_slows_down_in_large_batches() -> None:
    slower = [Figure(1, 1e-3, 1e-3, 9), Figure(2, 1e-3, 1e-3, 9), Figure(4, 4e-3, 4e-3, 9)]
    batching = advice(replace(PROFILE, figures=slower))[0]
    assert batching.endswith("1000.0 us in a batch of 4 rows: max_batch_size: 2 would do more.")


def test_advice_without_gain_or_batch_dimension() -> None:
    flat = replace(PROFILE, figures=[Figure(1, 1e-3, 1e-3, 9), Figure(2, 2e-3, 2e-3, 9)])
    assert advice(flat)[0].startswith("Batching gains little: a row costs 1000.0 us alone;")
    off = advice(replace(PROFILE, combined=False))
    assert off[1] == "Requests do not share batches: dynamic_batching is off."
    single = replace(PROFILE, batched=False, figures=GAINS[:1])
    assert advice(single)[0].startswith("The model has no batch dimension")


@pytest.mark.parametrize(("value", "up"), [(0.021, 0.021), (1.234, 1.3), (99.5, 100), (130, 130)])
def test_targets_are_rounded_up(value: float, up: float) -> None:
    assert rounded_up(value) == pytest.approx(up)


def test_the_table_is_aligned() -> None:
    lines = table(GAINS).splitlines()
    assert lines[1].split() == ["1", "1.100", "2.000", "1100.0", "909", "9"]
    assert len({len(line) for line in lines}) == 1


def test_names_cannot_break_the_page() -> None:
    html = page(replace(PROFILE, model="<b>"), '<?xml version="1.0"?><svg></svg>')
    assert "&lt;b&gt;/3" in html
    assert "<b>" not in html
    assert "<?xml" not in html


def test_help_has_an_example() -> None:
    text = profile_parser().format_help()
    assert "python -m server profile --repo model_repository --model digits" in text
    assert "skein-server[plot]" in text


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--repo", "m"], "--model"),
        (["--repo", "m", "--model", "x", "--version", "0"], "not a version number"),
        (["--repo", "m", "--model", "x", "--seconds", "0"], "not a number of seconds"),
        (["--repo", "m", "--model", "x", "--seconds", "nan"], "not a number of seconds"),
        (["--repo", "m", "--model", "x", "--out", "x.pdf"], "does not end in .png, .html"),
        (["--repo", "m", "--model", "x", "--out", "/none/x.png"], "there is no folder '/none'"),
    ],
)
def test_mistakes_end_with_a_message(
    words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        parse_profile(words)
    assert caught.value.code == 2
    assert message in capsys.readouterr().err


def test_a_plot_without_matplotlib_names_the_extra_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)  # as if it were not installed
    out = str(tmp_path / "x.png")
    assert main(["profile", "--repo", str(tmp_path / "none"), "--model", "x", "--out", out]) == 2
    assert 'pip install "skein-server[plot]"' in capsys.readouterr().err
