"""Rows of named columns: whether they become what scikit-learn makes of them, and how fast, beside
the ONNX graph that skl2onnx writes for the same transformer, run by ONNX Runtime on one thread.

Native loops begin with tensors in the protocol's raw form, as a server has them: the graph through
this server's own executor, and ours. From Python with NumPy arrays: InferenceSession and the
library. The graph cannot take JSON: in its native loop it gets typed columns all the same, from
Python what json.loads makes of the rows.
"""

import json
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime as ort
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import FloatTensorType, StringTensorType
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from benchmarks.figures import Figure, at_least, at_most
from server.engine import ExecutionSpec, ModelSpec, Runtime, Slots, encode_texts
from server.onnxruntime_locator import locate
from server.preprocess import Columns

ROUNDS = 5
BATCHES = (1, 64)
NUMBERS = ("age", "weight", "education_num", "capital_gain", "capital_loss", "hours_per_week")
# Text columns with as many categories as the census table "Adult" has.
TEXTS = {
    "workclass": 8,
    "education": 16,
    "marital_status": 7,
    "occupation": 14,
    "relationship": 6,
    "race": 5,
    "sex": 2,
    "native_country": 41,
}

Table = dict[str, npt.NDArray[Any]]
Times = Callable[[float], list[int]]


def table(rows: int, seed: int, gaps: float, unknown: bool = False) -> Table:
    """Numbers as that table has them, with gaps, and texts of 6 to 24 bytes."""
    generator = np.random.default_rng(seed)
    drawn = {
        "age": generator.integers(17, 91, rows),
        "weight": generator.lognormal(12, 0.5, rows).round(2),
        "education_num": generator.integers(1, 17, rows),
        "capital_gain": generator.integers(0, 99_999, rows) * (generator.random(rows) < 0.1),
        "capital_loss": generator.integers(0, 4_356, rows) * (generator.random(rows) < 0.1),
        "hours_per_week": generator.integers(1, 100, rows),
    }
    made: Table = {}
    for name, values in drawn.items():
        holed = np.where(generator.random(rows) < gaps, np.nan, values)
        made[name] = holed.astype(np.float32)[:, None]
    for name, count in TEXTS.items():
        texts = [f"{name[: 4 + 3 * number % 17]}-{number}" for number in range(count)]
        texts += ["something-else"] if unknown else []
        made[name] = np.array(texts, dtype=object)[generator.integers(0, len(texts), (rows, 1))]
    return made


def fitted() -> ColumnTransformer:
    data = table(5000, 1, 0.1)
    names = [*NUMBERS, *TEXTS]
    filled = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    made = ColumnTransformer(
        [
            ("numbers", filled, list(range(len(NUMBERS)))),
            (
                "texts",
                OneHotEncoder(handle_unknown="ignore", sparse_output=False),
                list(range(len(NUMBERS), len(names))),
            ),
        ],
        sparse_threshold=0,
    )
    return made.fit(stacked(data))


def stacked(data: Table) -> npt.NDArray[Any]:
    return np.concatenate([data[name].astype(object) for name in (*NUMBERS, *TEXTS)], axis=1)


@dataclass(frozen=True)
class Graph:
    """The transformer as skl2onnx writes it, opened by Python's binding and by the server's."""

    session: ort.InferenceSession
    slots: Slots

    @property
    def names(self) -> list[str]:
        return [each.name for each in self.session.get_inputs()]


def graph_of(transformer: ColumnTransformer, folder: Path) -> Graph:
    types = [(name, FloatTensorType([None, 1])) for name in NUMBERS]
    types += [(name, StringTensorType([None, 1])) for name in TEXTS]
    model = convert_sklearn(transformer, "rows", initial_types=types, target_opset=17)
    path = folder / "rows.onnx"
    path.write_bytes(model.SerializeToString())
    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session = ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    execution = ExecutionSpec()
    opened = Runtime(str(locate().path)).open(str(path), execution, 1)
    spec = ModelSpec(
        name="rows",
        version=1,
        inputs=opened.inputs,
        outputs=opened.outputs,
        execution=execution,
        max_batch_size=max(BATCHES),
    )
    return Graph(session, opened.make_slots(spec, 1))


def columns_of(transformer: ColumnTransformer) -> Columns:
    sent = dict.fromkeys(NUMBERS, "FP32")
    return Columns.from_sklearn(transformer, [*NUMBERS, *TEXTS], datatypes=sent, threads=1)


def json_rows(data: Table) -> list[str]:
    """One object per row, with the shortest digits; gaps are null."""
    rows = zip(*(values[:, 0] for values in data.values()), strict=True)
    return [json.dumps(dict(zip(data, map(_plain, row), strict=True))) for row in rows]


def _plain(value: Any) -> str | float | None:
    if isinstance(value, str):
        return value
    number = float(str(value))
    return None if number != number else int(number) if number.is_integer() else number


def parsed(texts: list[str]) -> Table:
    """What a client of the graph does with JSON rows before it can send them."""
    rows = [json.loads(text) for text in texts]
    made: Table = {}
    for name in NUMBERS:
        made[name] = np.array([[row[name]] for row in rows], dtype=np.float32)
    for name in TEXTS:
        made[name] = np.array([[row[name]] for row in rows], dtype=object)
    return made


@dataclass(frozen=True)
class Ways:
    """The same rows through each of the ways; a way measures itself for some seconds and gives
    nanoseconds of each time."""

    graph: Times
    columns: Times
    rows: Times
    python_graph: Times
    python_graph_of_rows: Times
    python_columns: Times
    python_rows: Times


def ways(graph: Graph, columns: Columns, data: Table) -> Ways:
    count = len(data["age"])
    raw = {
        name: values.tobytes() if name in NUMBERS else encode_texts(values[:, 0].tolist())
        for name, values in data.items()
    }
    ordered = [raw[name] for name in columns.config.columns]
    tensors = [((count, 1), raw[name]) for name in graph.names]
    texts = json_rows(data)
    objects = encode_texts([*texts])
    flat = {name: values[:, 0] for name, values in data.items()}
    return Ways(
        graph=lambda seconds: graph.slots.time_runs(tensors, seconds),
        columns=lambda seconds: columns.native.time_columns(ordered, count, seconds),
        rows=lambda seconds: columns.native.time_json(objects, count, seconds),
        python_graph=lambda seconds: timed(lambda: graph.session.run(None, data), seconds),
        python_graph_of_rows=lambda seconds: timed(
            lambda: graph.session.run(None, parsed(texts)), seconds
        ),
        python_columns=lambda seconds: timed(lambda: columns(flat), seconds),
        python_rows=lambda seconds: timed(lambda: columns(texts), seconds),
    )


_WORDS = {
    "graph": "graph, typed columns",
    "columns": "typed columns",
    "rows": "JSON rows",
    "python_graph": "graph, typed columns, from Python",
    "python_graph_of_rows": "json.loads and graph, from Python",
    "python_columns": "typed columns, from Python",
    "python_rows": "JSON rows, from Python",
}


def timed(call: Callable[[], object], seconds: float) -> list[int]:
    times = []
    now = time.perf_counter_ns()
    end = now + round(seconds * 1e9)
    while now < end:
        call()
        then, now = now, time.perf_counter_ns()
        times.append(now - then)
    return times


def figures(seconds: float) -> Iterator[Figure]:
    """`seconds`: of each measurement; every ratio is of medians in the same round."""
    transformer = fitted()
    columns = columns_of(transformer)
    with tempfile.TemporaryDirectory() as folder:
        graph = graph_of(transformer, Path(folder))
    yield from _equality(transformer, columns, graph)
    for batch in BATCHES:
        yield from _speed(graph, columns, batch, seconds)


def _equality(transformer: ColumnTransformer, columns: Columns, graph: Graph) -> Iterator[Figure]:
    data = table(10_000, 2, 0.2, unknown=True)
    expected = np.asarray(transformer.transform(stacked(data)), dtype=np.float64)
    scenario = f"equality, {len(expected):,} rows, {columns.width} columns out"
    made = {
        "typed columns": columns({name: values[:, 0] for name, values in data.items()}),
        "JSON rows": columns(json_rows(data)),
        "skl2onnx graph": graph.session.run(None, data)[0],
    }
    for name, matrix in made.items():
        error = np.abs(matrix - expected) / np.maximum(np.abs(expected), 1e-30)
        worst = float(np.where(expected == matrix, 0, error).max()) * 1e6
        target = None if name == "skl2onnx graph" else at_most(1)
        yield Figure(scenario, f"largest relative difference, {name}", worst, "ppm", target)


def _speed(graph: Graph, columns: Columns, batch: int, seconds: float) -> Iterator[Figure]:
    made = ways(graph, columns, table(batch, 3, 0.1))
    rounds: list[dict[str, float]] = []
    for _ in range(ROUNDS):
        rounds.append({name: median(getattr(made, name)(seconds)) / 1000 for name in _WORDS})
    scenario = f"batch of {batch}"
    for name in _WORDS:
        yield Figure(scenario, _WORDS[name], median(r[name] for r in rounds), "us")

    def ratio(slow: str, fast: str) -> float:
        return median(each[slow] / each[fast] for each in rounds)

    for name, slow, fast, target in (
        ("graph / typed columns", "graph", "columns", at_least(2)),
        ("graph / typed columns, from Python", "python_graph", "python_columns", None),
        ("graph of typed columns / JSON rows", "graph", "rows", None),
        ("json.loads and graph / JSON rows", "python_graph_of_rows", "python_rows", at_least(2)),
    ):
        yield Figure(scenario, name, ratio(slow, fast), "", target)
