"""Reads /metrics."""

import urllib.request

from prometheus_client.parser import text_string_to_metric_families


class Metrics:
    """One scrape, parsed."""

    def __init__(self, text: str) -> None:
        self._samples = [
            (sample.name, sample.labels, sample.value)
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        ]

    @classmethod
    def scrape(cls, http: str) -> "Metrics":
        """`http` is host:port."""
        with urllib.request.urlopen(f"http://{http}/metrics", timeout=60) as reply:
            return cls(reply.read().decode())

    def value(self, name: str, **labels: str) -> float:
        """The one sample of that name with (at least) these labels."""
        (found,) = self.values(name, **labels)
        return found

    def values(self, name: str, **labels: str) -> list[float]:
        """Every such sample. The parser adds _total to Triton's counters, which lack it."""
        return [value for have, value in self.samples(name) if labels.items() <= have.items()]

    def samples(self, name: str) -> list[tuple[dict[str, str], float]]:
        """Labels and value of each."""
        names = (name, f"{name}_total" if name.startswith("nv_") else name)
        return [(have, value) for got, have, value in self._samples if got in names]
