"""The command line of `import`."""

from pathlib import Path

import pytest

from server.cli import main
from server.importing.options import ImportOptions, parse_import

LEAST = ["m.joblib", "--samples", "s.csv", "--output", "models/m"]


def test_what_is_left_out_has_defaults() -> None:
    options = parse_import(LEAST)
    assert options == ImportOptions(Path("m.joblib"), Path("s.csv"), Path("models/m"))
    assert (options.trust, options.tolerance) == (False, 1e-4)


def test_every_option_is_taken() -> None:
    options = parse_import([*LEAST, "--trust", "--tolerance", "0.01"])
    assert (options.trust, options.tolerance) == (True, 0.01)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (LEAST[1:], "MODEL"),
        (LEAST[:3], "--output"),
        ([*LEAST, "--tolerance", "-1"], "not a number from 0 to 1"),
        ([*LEAST, "--tolerance", "nan"], "not a number from 0 to 1"),
        ([*LEAST, "--tolerance", "small"], "not a number from 0 to 1"),
    ],
)
def test_mistakes_end_with_a_message(
    words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["import", *words])
    assert caught.value.code == 2
    assert message in capsys.readouterr().err
