"""Which provider serves each version, and what was measured, as metrics."""

from collections.abc import Iterable, Iterator
from statistics import median

from prometheus_client.core import Metric

from server.registry import Entry


def selection_metrics(entries: Iterable[Entry]) -> Iterator[Metric]:
    """Of the versions that are served; times of those whose providers were measured."""
    serving = Metric(
        "skein_model_execution_provider",
        "1 for the provider that serves a version; reason: why, where it was measured",
        "gauge",
    )
    measured = Metric(
        "skein_model_provider_row_seconds",
        "Time per row with every slot at work, by provider and batch size, as measured",
        "gauge",
        "seconds",
    )
    for entry in entries:
        if entry.config is None:
            continue
        labels = {"model": entry.model, "version": str(entry.version)}
        selection = None if entry.assessment is None else entry.assessment.selection
        provider = str(entry.config.execution_provider)
        reason = selection.reason if selection is not None and selection.trials else ""
        serving.add_sample(serving.name, labels | {"provider": provider, "reason": reason}, 1)
        for trial in selection.trials if selection is not None else ():
            for rows, ns in trial.ns_per_row.items():
                at = labels | {"provider": trial.provider, "rows": str(rows)}
                measured.add_sample(measured.name, at, median(ns) / 1e9)
    yield from (serving, measured)
