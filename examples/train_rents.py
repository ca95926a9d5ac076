"""Fits the rents model (named columns in, a rent out) on a made-up table of flats, and writes it.

    python examples/train_rents.py [--output model_repository/rents]

Writes the regression alone as model.onnx, and what comes before it as `columns` in model.yaml, so
that the server takes rows of named columns; compares that with scikit-learn's own pipeline. Needs
scikit-learn, skl2onnx and one of the onnxruntime packages. Takes seconds.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime as ort
import yaml
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import FloatTensorType
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import Ridge
from sklearn.metrics import r2_score
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import KBinsDiscretizer, OneHotEncoder, OrdinalEncoder, StandardScaler

sys.path.append(str(Path(__file__).resolve().parent.parent))
from server.preprocess import Columns

ROOT = Path(__file__).resolve().parent.parent
SEED = 7
FLATS = 4000
HELD_OUT = 1000
NAMES = ("area", "rooms", "floor", "year", "balcony", "district", "heating")
DATATYPES = {"area": "FP32", "rooms": "FP32", "floor": "INT32", "year": "FP32", "balcony": "BOOL"}
DISTRICTS = {"Altstadt": 4.5, "Hafen": 3.0, "Nordend": 1.5, "Südstadt": 1.0, "Westpark": 0.0}
RUNS = {"execution_provider": "cpu", "intra_op_threads": 1}  # they take microseconds
HEATINGS = ("district heating", "gas", "heat pump")

Table = npt.NDArray[Any]


def flats() -> tuple[Table, npt.NDArray[np.float64]]:
    """Columns as NAMES, with gaps in `year`, and the rent of each flat per month: the rule is
    `per_metre` and what follows it."""
    generator = np.random.default_rng(SEED)
    area = generator.gamma(6, 12, FLATS).round(1) + 18
    rooms = np.maximum(1, np.round(area / 28 + generator.normal(0, 0.5, FLATS)))
    floor = generator.integers(0, 9, FLATS)
    year = generator.integers(1900, 2026, FLATS)
    balcony = generator.random(FLATS) < 0.55
    district = generator.choice(list(DISTRICTS), FLATS)
    heating = generator.choice(HEATINGS, FLATS)
    per_metre = 11 + np.vectorize(DISTRICTS.get)(district) + (year > 2000) * 2.5 + balcony * 0.8
    rent = per_metre * area + 40 * (heating == "heat pump") + generator.normal(0, 45, FLATS)
    table = np.empty((FLATS, len(NAMES)), dtype=object)
    for number, column in enumerate((area, rooms, floor, year, balcony, district, heating)):
        table[:, number] = column.tolist()
    table[generator.random(FLATS) < 0.1, NAMES.index("year")] = np.nan
    return table, rent


def transformer() -> ColumnTransformer:
    """What makes numbers of the columns."""
    known = make_pipeline(SimpleImputer(strategy="median", add_indicator=True), StandardScaler())
    bins = KBinsDiscretizer(4, encode="ordinal", quantile_method="averaged_inverted_cdf")
    return ColumnTransformer(
        [
            ("numbers", StandardScaler(), [0, 1]),
            ("floor", bins, [2]),
            ("year", known, [3]),
            ("balcony", OrdinalEncoder(), [4]),
            ("district", OneHotEncoder(handle_unknown="ignore", sparse_output=False), [5]),
            ("heating", OneHotEncoder(sparse_output=False), [6]),
        ]
    )


def by_column(table: Table) -> dict[str, Any]:
    """The table as a client has it, a column at a time."""
    columns: dict[str, Any] = {name: table[:, number] for number, name in enumerate(NAMES)}
    for name, dtype in {"area": float, "rooms": float, "floor": int, "year": float}.items():
        columns[name] = columns[name].astype(dtype)
    return columns | {"balcony": columns["balcony"].astype(bool)}


def to_onnx(model: Any, width: int) -> bytes:
    """The estimator alone."""
    converted = convert_sklearn(
        model,
        "rents",
        initial_types=[("features", FloatTensorType([None, width]))],
        final_types=[("rent", FloatTensorType([None, 1]))],
        target_opset=17,
    )
    return bytes(converted.SerializeToString())


def write(output: Path, model: bytes, columns: Columns, figures: dict[str, Any]) -> None:
    """The model's folder."""
    (output / "1").mkdir(parents=True, exist_ok=True)
    (output / "1" / "model.onnx").write_bytes(model)
    (output / "metrics.json").write_text(json.dumps(figures, indent=2) + "\n")
    declared = {"name": "flat", "columns": columns.to_config()}
    keys = {"preprocess": {"features": declared}, "max_batch_size": 64, **RUNS}
    text = yaml.safe_dump(keys, sort_keys=False, allow_unicode=True, width=100)
    (output / "model.yaml").write_text("# Written by examples/train_rents.py.\n" + text)


def main() -> None:
    """Fits, converts, compares and writes the model with its figures."""
    parser = argparse.ArgumentParser(description="Fits and converts the rents model.")
    parser.add_argument("--output", type=Path, default=ROOT / "model_repository" / "rents")
    output: Path = parser.parse_args().output

    table, rents = flats()
    train, test = table[HELD_OUT:], table[:HELD_OUT]
    pipeline: Pipeline = make_pipeline(transformer(), Ridge()).fit(train, rents[HELD_OUT:])
    columns = Columns.from_sklearn(pipeline[0], NAMES, datatypes=DATATYPES)
    model = to_onnx(pipeline[-1], columns.width)

    session = ort.InferenceSession(model, providers=["CPUExecutionProvider"])
    (got,) = session.run(["rent"], {"features": columns(by_column(test))})
    expected = pipeline.predict(test)
    difference = float(np.abs(got[:, 0] - expected).max() / np.abs(expected).max())
    if difference > 1e-5:
        raise SystemExit(f"columns and ONNX disagree with scikit-learn by {difference:.2g}")

    figures = {
        "command": "python examples/train_rents.py",
        "held_out_rows": HELD_OUT,
        "held_out_r2": round(float(r2_score(rents[:HELD_OUT], got[:, 0])), 4),
        "largest_relative_difference": float(f"{difference:.1g}"),
    }
    print(json.dumps(figures, indent=2))
    write(output, model, columns, figures)


if __name__ == "__main__":
    main()
