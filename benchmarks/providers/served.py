"""One server with several variants of models, loaded in turns."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks import counts
from benchmarks.load import Load, run
from benchmarks.pinning import Pinning, on
from benchmarks.providers.kinds import Kind
from tests import graphs
from tests.server_process import ServerProcess

CONNECTIONS = 4


@dataclass(frozen=True)
class Variant:
    """A model as it is served. `file`: its model file; None: the kind's own graph."""

    kind: Kind
    label: str
    provider: str
    options: Mapping[str, str] | None = None
    file: Path | None = None

    @property
    def name(self) -> str:
        return f"{self.kind.name}_{self.label}"


@dataclass(frozen=True)
class Rate:
    """Rows per second, CPU time per row and mean batch of one round."""

    rows_per_s: float
    cpu_us: float
    batch: float


@dataclass(frozen=True)
class Rates:
    """One variant's rounds."""

    rounds: Sequence[Rate]

    @property
    def rows_per_s(self) -> float:
        return median(rate.rows_per_s for rate in self.rounds)

    @property
    def cpu_us(self) -> float:
        return median(rate.cpu_us for rate in self.rounds)

    @property
    def batch(self) -> float:
        return median(rate.batch for rate in self.rounds)

    def over(self, other: "Rates") -> float:
        """Rows per second over the other's: the median of the rounds' own ratios, since a machine
        changes its speed from round to round."""
        pairs = zip(self.rounds, other.rounds, strict=True)
        return median(ours.rows_per_s / theirs.rows_per_s for ours, theirs in pairs)


class Served:
    """A running server of the variants."""

    def __init__(self, process: ServerProcess, folder: Path, build: Path) -> None:
        self._process = process
        self._folder = folder
        self._build = build

    def rates(self, variants: Sequence[Variant], seconds: float, rounds: int) -> dict[str, Rates]:
        """By label; closed loops of the kind's in_flight, taken in turns."""
        found: dict[str, list[Rate]] = {variant.label: [] for variant in variants}
        for _ in range(rounds):
            for variant in variants:
                found[variant.label].append(self._rate(variant, seconds))
        return {label: Rates(rates) for label, rates in found.items()}

    def settled(self, variants: Sequence[Variant]) -> dict[str, str]:
        """By label, the provider that serves it, once the server measures nothing any more."""
        providers = {}
        for variant in variants:
            told = f"{variant.name}/1 on "
            self._process.wait_for_log(told)
            providers[variant.label] = self._process.log().split(told)[1].split(":")[0]
        return providers

    def _rate(self, variant: Variant, seconds: float) -> Rate:
        body = self._folder / f"{variant.name}.bin"
        body.write_bytes(variant.kind.request(variant.name))
        before = counts.fetch(self._process.grpc, variant.name)
        load = Load(
            target=self._process.grpc,
            bodies=[body],
            connections=CONNECTIONS,
            streams=variant.kind.in_flight // CONNECTIONS,
            duration_s=seconds,
            warmup_s=seconds / 4,
            server_pid=self._process.pid,
        )
        result = run(load, self._build).require_ok()
        counted = counts.fetch(self._process.grpc, variant.name) - before
        batch = counted.rows / counted.runs
        return Rate(result.ok_per_second, result.server_cpu_us, batch)


@contextmanager
def serving(variants: Sequence[Variant], build: Path, pinning: Pinning) -> Iterator[Served]:
    """A server of these variants, until the end of the block."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        repository = folder / "repository"
        for variant in variants:
            _write(repository, variant)
        scratch = folder / "server"
        scratch.mkdir()
        with on(pinning.server):
            process = ServerProcess.start(repository, "--assess", scratch=scratch)
        try:
            yield Served(process, folder, build)
            process.stop()
        finally:
            process.close(show_log=False)


def _write(repository: Path, variant: Variant) -> None:
    if variant.file is None:
        graphs.write_model(repository, variant.name, variant.kind.graph())
    else:
        folder = repository / variant.name / "1"
        folder.mkdir(parents=True)
        (folder / "model.onnx").write_bytes(variant.file.read_bytes())
    config = variant.kind.config(variant.provider, dict(variant.options or {}))
    # JSON is YAML.
    (repository / variant.name / "model.yaml").write_text(json.dumps(config) + "\n")
