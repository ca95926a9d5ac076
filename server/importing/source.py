"""The fitted model, as it was given."""

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from sklearn.base import BaseEstimator, is_classifier, is_regressor
from sklearn.exceptions import InconsistentVersionWarning, NotFittedError
from sklearn.utils.validation import check_is_fitted

from server.making.error import CommandError
from server.making.provenance import sha256
from server.making.text import first_line

Kind = Literal["classifier", "regressor", "transformer"]


@dataclass(frozen=True)
class Source:
    """What the file holds. `columns`: names that it was fitted with; None: a matrix of
    `features` columns."""

    path: Path
    sha256: str
    model: Any
    kind: Kind
    columns: tuple[str, ...] | None
    features: int
    notes: tuple[str, ...]

    @property
    def classes(self) -> list[Any]:
        """Of a classifier, in the order of its probabilities."""
        return list(self.model.classes_) if self.kind == "classifier" else []

    @property
    def gives_probabilities(self) -> bool:
        return self.kind == "classifier" and hasattr(self.model, "predict_proba")

    @property
    def outputs(self) -> list[str]:
        """Names in the ONNX model."""
        if self.kind != "classifier":
            return ["variable"]
        return ["label", "probabilities"] if self.gives_probabilities else ["label"]


def read_source(path: Path) -> Source:
    """Runs the code in the file. Raises CommandError for what is not a fitted model of scikit-learn
    or cannot be served."""
    found, notes = _load(path)
    if not isinstance(found, BaseEstimator):
        raise CommandError(
            f"{path}: holds {_article(type(found).__name__)}, not a scikit-learn Pipeline or "
            "estimator: dump that alone"
        )
    best = getattr(found, "best_estimator_", None)
    if best is not None:
        notes.append(f"the best estimator that {type(found).__name__} found is taken")
    model = found if best is None else best
    try:
        check_is_fitted(model)
    except (NotFittedError, TypeError):
        problem = "is not fitted: call fit() before dumping it"
        raise CommandError(f"{path}: {type(model).__name__} {problem}") from None
    names = getattr(model, "feature_names_in_", None)
    return Source(
        path=path,
        sha256=sha256(path),
        model=model,
        kind=_kind(path, model),
        columns=None if names is None else tuple(map(str, names)),
        features=_features(path, model),
        notes=tuple(notes),
    )


def _load(path: Path) -> tuple[Any, list[str]]:
    import joblib

    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            found = joblib.load(path)
    except OSError as error:
        raise CommandError(f"{path}: cannot be read: {error.strerror or error}") from None
    except (ImportError, AttributeError) as error:
        raise CommandError(
            f"{path}: needs code that is not here ({first_line(error)}): install the package that "
            "defines it, or add its folder to PYTHONPATH"
        ) from None
    except Exception as error:  # unpickling raises whatever the bytes ask for
        raise CommandError(
            f"{path}: is not a joblib or pickle file, or a broken one: {first_line(error)}"
        ) from None
    versions = {
        (each.message.original_sklearn_version, each.message.current_sklearn_version)
        for each in caught
        if isinstance(each.message, InconsistentVersionWarning)
    }
    return found, [f"fitted with scikit-learn {old}, run here with {now}" for old, now in versions]


def _kind(path: Path, model: Any) -> Kind:
    if is_classifier(model):
        classes = getattr(model, "classes_", None)
        if classes is None or isinstance(classes, list) or classes.ndim != 1:
            raise CommandError(
                f"{path}: predicts several labels per row: import one model for each"
            )
        return "classifier"
    if is_regressor(model):
        return "regressor"
    if hasattr(model, "transform") and not hasattr(model, "predict"):
        return "transformer"
    name = type(getattr(model, "_final_estimator", model)).__name__
    raise CommandError(f"{path}: {name} is not a classifier, a regressor or a transformer")


def _features(path: Path, model: Any) -> int:
    count = getattr(model, "n_features_in_", None)
    if count is None:
        raise CommandError(
            f"{path}: {type(model).__name__} does not say how many features it takes: put a step "
            "of scikit-learn's own that does first in the Pipeline"
        )
    return int(count)


def _article(name: str) -> str:
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name}"
