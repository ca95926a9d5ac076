"""`python -m server import` on really fitted pipelines: what it writes, how that is served, what it
refuses."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
import yaml
from sklearn.cluster import KMeans
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingRegressor, RandomForestRegressor
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    OneHotEncoder,
    OrdinalEncoder,
    StandardScaler,
)
from sklearn.svm import SVC, LinearSVC

from tests.conftest import StartServer
from tests.e2e import interrupted
from tests.e2e.client import Client
from tests.server_process import ROOT

ROWS = 120
RANDOM = np.random.default_rng(5)


def people() -> Any:
    """Numbers and strings, some missing; `code` are digits that must stay strings."""
    frame = pd.DataFrame(
        {
            "age": RANDOM.normal(40, 12, ROWS).round(1),
            "visits": RANDOM.integers(0, 9, ROWS),
            "city of birth": RANDOM.choice(["Oslo", "Roma", "Köln"], ROWS).astype(object),
            "code": RANDOM.choice(["007", "7", "012"], ROWS).astype(object),
            "member": RANDOM.random(ROWS) > 0.5,
        }
    )
    frame.loc[::7, "age"] = np.nan
    frame.loc[::11, "city of birth"] = None
    return frame


PEOPLE = people()
ANSWERS = np.where(PEOPLE["visits"] + RANDOM.normal(0, 2, ROWS) > 4, "stays", "leaves")
NUMBERS = PEOPLE[["visits"]].assign(age=PEOPLE["age"].fillna(40.0))


def mixed() -> Pipeline:
    """As a data scientist would write it."""
    numbers = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    words = make_pipeline(
        SimpleImputer(strategy="constant", fill_value="nowhere"),
        OneHotEncoder(handle_unknown="ignore"),
    )
    prepare = ColumnTransformer(
        [
            ("numbers", numbers, ["age", "visits"]),
            ("words", words, ["city of birth"]),
            ("codes", OneHotEncoder(handle_unknown="ignore"), ["code"]),
            ("rest", "passthrough", ["member"]),
        ]
    )
    return Pipeline([("prepare", prepare), ("decide", LogisticRegression(max_iter=1000))])


def command(*words: Path | str) -> list[str]:
    return [sys.executable, "-m", "server", "import", *map(str, words)]


def run(*words: Path | str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command(*words), cwd=ROOT, capture_output=True, text=True, check=False)


def write(folder: Path, model: Any, data: Any) -> tuple[Path, Path]:
    """The model and its samples as files."""
    joblib.dump(model, folder / "model.joblib")
    if isinstance(data, pd.DataFrame):
        data.to_parquet(folder / "samples.parquet")
        return folder / "model.joblib", folder / "samples.parquet"
    np.save(folder / "samples.npy", data)
    return folder / "model.joblib", folder / "samples.npy"


def imported(folder: Path, model: Any, data: Any) -> tuple[Path, Any]:
    """The version folder and what import.json says."""
    path, samples = write(folder, model, data)
    output = folder / "repository" / "model"
    done = run(path, "--samples", samples, "--output", output, "--trust")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == f"wrote {output / '1'}"
    return output / "1", json.loads((output / "1" / "import.json").read_text())


def refused(folder: Path, model: Any, data: Any, *words: str) -> list[str]:
    """What it said; nothing was written."""
    path, samples = write(folder, model, data)
    done = run(path, "--samples", samples, "--output", folder / "repository/model", *words)
    assert (done.returncode, done.stdout) == (1, "")
    assert not (folder / "repository").exists()
    said = done.stderr.splitlines()
    assert said[-1].startswith("error: ")
    return said


def datatypes(report: Any) -> dict[str, str]:
    return {each["name"]: each["datatype"] for each in report["inputs"]}


def sent(frame: Any) -> dict[str, Any]:
    """Columns as a client sends them."""

    def text(values: Any) -> Any:
        encoded = [b"" if pd.isna(each) else each.encode() for each in values]
        return np.array(encoded, object)[:, np.newaxis]

    return {
        "age": frame[["age"]].to_numpy(np.float32),
        "visits": frame[["visits"]].to_numpy(np.int64),
        "member": frame[["member"]].to_numpy(np.bool_),
        "city of birth": text(frame["city of birth"]),
        "code": text(frame["code"]),
    }


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_a_served_pipeline_answers_as_scikit_learn(
    tmp_path: Path, start_server: StartServer, form: str
) -> None:
    model = mixed().fit(PEOPLE, ANSWERS)
    joblib.dump(model, tmp_path / "churn.joblib")
    table = PEOPLE.assign(target=ANSWERS)
    samples = tmp_path / f"people.{form}"
    table.to_csv(samples, index=False) if form == "csv" else table.to_parquet(samples)
    output = tmp_path / "repository" / "churn"
    done = run(tmp_path / "churn.joblib", "--samples", samples, "--output", output, "--trust")
    assert done.returncode == 0, done.stderr
    assert 'columns that the model does not take: "target"' in done.stdout

    report = json.loads((output / "1" / "import.json").read_text())
    assert datatypes(report) == {
        "age": "FP32",
        "visits": "INT64",
        "city of birth": "BYTES",
        "code": "BYTES",
        "member": "BOOL",
    }
    assert report["agreement"]["rows"] == ROWS
    assert report["notes"] == ['columns that the model does not take: "target"']
    assert (output / "1" / "labels.txt").read_text() == "leaves\nstays\n"
    assert "# churn: Pipeline (ColumnTransformer, Log" in (output / "1/import.md").read_text()
    configuration = yaml.safe_load((output / "model.yaml").read_text())
    assert configuration["max_batch_size"] == 32
    assert configuration["labels"] == {"probabilities": "labels.txt"}

    asked = PEOPLE.copy()
    asked.loc[3:5, "city of birth"] = "Atlantis"  # unknown to the encoder
    asked.loc[6, "code"] = "8"
    server = start_server(output.parent, "--strict")
    with Client(server.grpc) as client:
        for rows in np.array_split(np.arange(ROWS), 5):
            part = asked.iloc[rows]
            answer = client.infer("churn", sent(part))
            assert [each.decode() for each in answer["label"]] == list(model.predict(part))
            np.testing.assert_allclose(
                answer["probabilities"], model.predict_proba(part), rtol=0, atol=1e-6
            )


def test_a_matrix_is_one_input(tmp_path: Path) -> None:
    values = NUMBERS.to_numpy()
    search = GridSearchCV(make_pipeline(StandardScaler(), SVC()), {"svc__C": [1, 2]}, cv=2)
    version, report = imported(tmp_path, search.fit(values, ANSWERS), values)
    assert report["inputs"] == [
        {"name": "X", "datatype": "FP32", "source": "matrix of float64", "width": 2}
    ]
    assert [each["name"] for each in report["outputs"]] == ["label"]  # SVC has no probabilities
    assert report["notes"] == ["the best estimator that GridSearchCV found is taken"]
    assert "fitted" not in (version / "import.md").read_text()


@pytest.mark.parametrize(
    ("model", "target"),
    [
        (LinearSVC(), ANSWERS),
        (make_pipeline(StandardScaler(), LinearSVC()), ANSWERS == "stays"),
        (RandomForestRegressor(4), NUMBERS[["age", "visits"]].to_numpy()),
        (StandardScaler(), None),
    ],
)
def test_named_columns_are_inputs_without_a_column_transformer(
    tmp_path: Path, model: Any, target: Any
) -> None:
    _, report = imported(tmp_path, model.fit(NUMBERS, target), NUMBERS)
    assert datatypes(report) == {"visits": "INT64", "age": "FP32"}


def test_double_precision_is_taken_where_single_differs(tmp_path: Path) -> None:
    data = pd.DataFrame({"when": 1e9 + RANDOM.random(ROWS) * 8, "what": RANDOM.random(ROWS)})
    late = data["when"] > 1e9 + 4
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(data, late)
    _, report = imported(tmp_path, model, data)
    assert datatypes(report) == {"when": "FP64", "what": "FP64"}
    assert any("samples differed, most in" in note for note in report["notes"])
    assert "so it takes FP64 inputs" in report["notes"]


def test_integers_with_a_fraction_for_what_is_missing_become_floats(tmp_path: Path) -> None:
    data = PEOPLE[["visits"]]
    model = make_pipeline(SimpleImputer(), LogisticRegression()).fit(data, ANSWERS)
    _, report = imported(tmp_path, model, data)
    assert datatypes(report) == {"visits": "FP32"}
    assert "so it takes integers as FP32" in report["notes"]


def test_text_needs_no_locale(tmp_path: Path) -> None:
    data = pd.DataFrame({"text": RANDOM.choice(["Good DAY", "bad day", "not so good"], ROWS)})
    words = ColumnTransformer([("words", TfidfVectorizer(), "text")])
    model = make_pipeline(words, LogisticRegression()).fit(data, ANSWERS)
    _, report = imported(tmp_path, model, data)
    assert datatypes(report) == {"text": "BYTES"}


def test_columns_that_no_step_uses_are_no_inputs(tmp_path: Path) -> None:
    model = ColumnTransformer([("scaled", StandardScaler(), ["age"])]).fit(NUMBERS)
    _, report = imported(tmp_path, model, NUMBERS)
    assert datatypes(report) == {"age": "FP32"}
    assert 'columns that it does not use, so that they are no inputs: "visits"' in report["notes"]


def test_what_no_sample_shows_is_tried_and_told(tmp_path: Path) -> None:
    """The converter gives missing strings a number; scikit-learn gives NaN."""
    data = PEOPLE[["city of birth"]]
    model = OrdinalEncoder().fit(data)
    _, report = imported(tmp_path, model, data.dropna())
    (note,) = report["notes"]
    assert note.startswith('beside the samples: a missing value in "city of birth" is answered un')


def test_a_later_version_leaves_the_configuration(tmp_path: Path) -> None:
    imported(tmp_path, StandardScaler().fit(NUMBERS), NUMBERS)
    output = tmp_path / "repository" / "model"
    (output / "model.yaml").write_text("max_batch_size: 4\n")
    words = ("--samples", tmp_path / "samples.parquet", "--output", output, "--trust")
    done = run(tmp_path / "model.joblib", *words)
    assert done.returncode == 0
    assert "model.yaml was not changed; this version is meant to be served with:" in done.stdout
    assert (output / "model.yaml").read_text() == "max_batch_size: 4\n"
    assert (output / "2" / "model.onnx").exists()


class Trap:
    """Leaves a file behind when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self._path = str(path)

    def __reduce__(self) -> Any:
        return os.mkdir, (self._path,)


def test_no_code_runs_without_trust(tmp_path: Path) -> None:
    said = refused(tmp_path, Trap(tmp_path / "sprung"), NUMBERS)
    assert len(said) == 1
    assert "runs code that it may contain: add --trust" in said[0]
    assert not (tmp_path / "sprung").exists()


FITTED = StandardScaler().fit(NUMBERS)
LOGARITHM = make_pipeline(FunctionTransformer(np.log1p), StandardScaler())


@pytest.mark.parametrize(
    ("model", "data", "message"),
    [
        ({"model": FITTED}, NUMBERS, "holds a dict, not a scikit-learn Pipeline or estimator"),
        (StandardScaler(), NUMBERS, "StandardScaler is not fitted"),
        (KMeans(2).fit(NUMBERS), NUMBERS, "KMeans is not a classifier, a regressor or a transf"),
        (FITTED, NUMBERS.rename(columns={"age": "ages"}), 'missing: "age". Did you mean "ages"?'),
        (FITTED, NUMBERS.to_numpy(), "the model takes 2 named columns"),
        (FITTED, NUMBERS[:0], "there are no samples in it"),
        (FITTED, NUMBERS.assign(age="old"), "scikit-learn cannot answer these: could not convert"),
        (StandardScaler().fit(NUMBERS.to_numpy()), np.eye(3), "takes 2 columns, got 3"),
        (
            LOGARITHM.fit(NUMBERS),
            NUMBERS,
            'step "functiontransformer" (FunctionTransformer) cannot be converted',
        ),
        (
            mixed().fit(PEOPLE, ANSWERS),
            PEOPLE.assign(code=7),
            'column "code" holds int64, but the model was fitted on strings there',
        ),
    ],
)
def test_mistakes_are_told_and_leave_nothing(
    tmp_path: Path, model: Any, data: Any, message: str
) -> None:
    assert message in refused(tmp_path, model, data, "--trust")[-1]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"this is no pickle", "is not a joblib or pickle file"),
        (b"", "is not a joblib or pickle file"),
        (b"cnowhere\nThing\n.", "needs code that is not here (No module named 'nowhere')"),
    ],
)
def test_files_without_a_model_are_one_line(tmp_path: Path, content: bytes, message: str) -> None:
    path, samples = write(tmp_path, None, NUMBERS)
    path.write_bytes(content)
    output = tmp_path / "repository" / "model"
    done = run(path, "--samples", samples, "--output", output, "--trust")
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert message in line
    assert not output.parent.exists()


def test_a_model_that_differs_is_refused_with_its_worst_rows(tmp_path: Path) -> None:
    """Thresholds of these trees are doubles, which no ONNX tree has."""
    data = pd.DataFrame({"when": 1e8 + RANDOM.random(ROWS) * 8})
    model = HistGradientBoostingRegressor(max_iter=9).fit(data, data["when"] - 1e8)
    said = refused(tmp_path, model, data, "--trust")
    assert f'of {ROWS} samples, most in "variable", row ' in said[-1]
    assert "(tried: inputs of the samples' types, FP64 inputs)" in said[-1]
    assert sum(line.startswith("| variable ") for line in said) == 5


def test_missing_values_that_are_converted_wrongly_are_named(tmp_path: Path) -> None:
    data = PEOPLE[["city of birth"]]
    said = refused(tmp_path, OrdinalEncoder().fit(data), data, "--trust")
    assert said[-1].endswith(
        'All of them lack a value of "city of birth": fill it by a SimpleImputer as the first step'
    )


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_leaves_nothing(tmp_path: Path, stop: signal.Signals) -> None:
    path, samples = write(tmp_path, FITTED, NUMBERS)
    repository = tmp_path / "repository"
    words = command(path, "--samples", samples, "--output", repository / "model", "--trust")
    interrupted.leaves_nothing(words, stop, "trying", tmp_path, repository)
