"""The options of `import`."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

TOLERANCE = 1e-4

_EPILOG = """\
examples:
  python -m server import churn.joblib --samples customers.parquet --output models/churn --trust
      convert a pipeline, hold it against scikit-learn on every sample, write models/churn/1
  python -m server import churn.joblib --samples customers.csv --output models/churn --trust \\
      --tolerance 0.001
      accept probabilities that differ by up to 0.001

MODEL is a joblib or pickle file with a fitted classifier, regressor or transformer of
scikit-learn: an estimator, a Pipeline, or a search over them, of which the best is taken. Reading
such a file runs code that it may contain: --trust says that you know where it comes from.

DATA is one of
  FILE.csv      with a header; columns whose categories the pipeline knows as strings stay strings
  FILE.parquet
  FILE.npz      one array per column under its name
  FILE.npy      a matrix [samples, features], for a model that was fitted without column names
Take samples like those to be served, with missing values and rare categories among them. Further
columns, the target for one, are left out.

A model fitted on named columns gets an input [rows, 1] for each that it uses: FP32 (FP64 if only
that agrees), INT64, BOOL or BYTES by the type of the column. A missing number is NaN, a missing
string the empty one. Other models get one input "X", [rows, features]. Outputs are "label" and
"probabilities" of a classifier, "variable" of others.

Labels must be equal. Probabilities may differ by --tolerance; other numbers by --tolerance times
the larger of the value and the root mean square of its output. Otherwise nothing is written.

Written to a new version folder: model.onnx, labels.txt (of classifiers: the classes, one a line, in
the order of probabilities), import.md and import.json, which say what was compared and decided. A
model without a configuration also gets a model.yaml. It needs pip install "skein-server[sklearn]",
best with the versions that the pipeline was fitted with. The exit code is 1 if nothing could be
written and 2 if an option is wrong.
"""


@dataclass(frozen=True)
class ImportOptions:
    """What to import, what to hold it against, and where to."""

    model: Path
    samples: Path
    output: Path  # REPO/NAME
    trust: bool = False  # reading the model may run code in it
    tolerance: float = TOLERANCE


def parse_import(words: Sequence[str]) -> ImportOptions:
    """Exits with status 2 and a message if `words` are wrong."""
    return ImportOptions(**vars(import_parser().parse_args(words)))


def import_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m server import",
        description="Make a version of a model from a fitted scikit-learn pipeline.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("model", type=Path, metavar="MODEL", help="joblib or pickle file")
    add("--samples", type=Path, required=True, metavar="DATA", help="rows to compare answers on")
    add("--output", type=Path, required=True, metavar="REPO/NAME", help="model to add a version to")
    add("--trust", action="store_true", help="run the code that MODEL may contain")
    add(
        "--tolerance",
        type=_tolerance,
        default=TOLERANCE,
        metavar="T",
        help=f"how far numbers may be from scikit-learn's (default {TOLERANCE:g})",
    )
    return parser


def _tolerance(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 to 1")
    return value
