"""The command line of `quantize`."""

from pathlib import Path

import pytest

from server.cli import main
from server.quantize.options import QuantizeOptions, parse_quantize

LEAST = ["m.onnx", "--calibration", "c.npz", "--output", "models/m"]


def test_what_is_left_out_has_defaults() -> None:
    options = parse_quantize(LEAST)
    assert options == QuantizeOptions(Path("m.onnx"), Path("c.npz"), Path("models/m"))
    assert (options.target, options.max_accuracy_drop, options.batch) == ("cpu", 0.5, 8)


def test_every_option_is_taken() -> None:
    words = ["--evaluation", "e.npz", "--label", "digit", "--target", "gpu", "--unmeasured"]
    words += ["--max-accuracy-drop", "1.5", "--max-output-error", "7", "--batch", "4"]
    options = parse_quantize([*LEAST, *words, "--seconds", "2"])
    assert (options.evaluation, options.label) == (Path("e.npz"), "digit")
    assert (options.target, options.unmeasured) == ("gpu", True)
    assert (options.max_accuracy_drop, options.max_output_error) == (1.5, 7)
    assert (options.batch, options.seconds) == (4, 2)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (LEAST[1:], "MODEL.onnx"),
        (LEAST[:3], "--output"),
        ([*LEAST, "--max-accuracy-drop", "-1"], "not a number of points from 0 to 100"),
        ([*LEAST, "--max-output-error", "nan"], "not a number of percent from 0 to 100"),
        ([*LEAST, "--seconds", "0"], "not a number of seconds"),
        ([*LEAST, "--batch", "0"], "not a number of rows from 1 to 1024"),
        ([*LEAST, "--target", "tpu"], "invalid choice"),
        ([*LEAST, "--unmeasured"], "--unmeasured goes with --target gpu"),
    ],
)
def test_mistakes_end_with_a_message(
    words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["quantize", *words])
    assert caught.value.code == 2
    assert message in capsys.readouterr().err
