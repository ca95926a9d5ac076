"""The truth report: what it says, and its form in JSON."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from server.truth.kernels import INT8, UNKNOWN

FLOATS = ("FP32", "FP16", "BF16", "FP64")


@dataclass(frozen=True)
class Product:
    """A convolution or matrix product of the file and what ran it. `macs`: multiply-accumulates
    for one row, None: not known. `quantized`: the file asks for integers. `weighted`: its second
    operand is a constant. `words`: the kernel's name in the words of who ran it."""

    name: str
    op: str
    provider: str
    precision: str
    words: str
    macs: int | None
    quantized: bool
    weighted: bool

    @property
    def unfused(self) -> bool:
        """Quantized in the file, run in float all the same."""
        return self.quantized and self.precision in FLOATS


def total_macs(products: Sequence[Product]) -> int | None:
    """None if those of any product are not known."""
    counts = [product.macs for product in products if product.macs is not None]
    return sum(counts) if len(counts) == len(products) else None


def share(products: Sequence[Product], part: Sequence[Product]) -> float:
    """What `part` of `products` does of their arithmetic, 0 if there is none; of their number if
    the arithmetic is not known."""
    total = total_macs(products)
    if total is None:
        return len(part) / len(products)
    return (total_macs(part) or 0) / total if total else 0.0


@dataclass(frozen=True)
class Row:
    """What one provider ran in one precision. `nodes`: kernels of one run; shares are of the
    whole, 0 to 1, None: not known."""

    provider: str
    precision: str
    nodes: int
    products: int
    arithmetic: float | None
    time: float | None


@dataclass(frozen=True)
class Finding:
    """Something to know. `code`: for programs; `advice`: what to do, "" if nothing; `nodes`: the
    names of those concerned."""

    code: str
    message: str
    advice: str = ""
    nodes: tuple[str, ...] = ()


@dataclass(frozen=True)
class TruthReport:
    """One model file on one provider, for one row. `predicted`: why nothing was run, "" if it
    was."""

    model: str
    provider: str
    predicted: str
    rows: tuple[Row, ...]
    products: tuple[Product, ...]
    findings: tuple[Finding, ...]

    @property
    def macs(self) -> int | None:
        """Multiply-accumulates of one row; None if those of any product are not known."""
        return total_macs(self.products)

    @property
    def int8_share(self) -> float:
        """Of the arithmetic, 0 to 1; of the number of products if that is not known."""
        return share(self.products, [each for each in self.products if each.precision == INT8])

    @property
    def known(self) -> bool:
        """Whether the precision of every product is known."""
        return all(product.precision != UNKNOWN for product in self.products)

    @property
    def unfused(self) -> tuple[Product, ...]:
        """The products that are quantized in the file and run in float."""
        return tuple(product for product in self.products if product.unfused)

    def as_dict(self) -> dict[str, Any]:
        """For JSON: every field, and the figures that follow from them."""
        return asdict(self) | {
            "macs": self.macs,
            "int8_share": self.int8_share,
            "unfused": [product.name for product in self.unfused],
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "TruthReport":
        """The report that as_dict() wrote."""
        return cls(
            model=data["model"],
            provider=data["provider"],
            predicted=data["predicted"],
            rows=tuple(Row(**each) for each in data["rows"]),
            products=tuple(Product(**each) for each in data["products"]),
            findings=tuple(
                Finding(**{**each, "nodes": tuple(each["nodes"])}) for each in data["findings"]
            ),
        )
