"""What is known of one run of a model file."""

from collections.abc import Sequence
from dataclasses import dataclass

from server.truth.kernels import Kernel


@dataclass(frozen=True)
class Evidence:
    """`kernels`: of ONNX Runtime; `layers`: those within the kernels that OpenVINO compiled;
    `reference`: of a run in which every node of the file ran by itself, which tells the shapes;
    `predicted`: why nothing ran, "" if it did; `unknown`: why the precision within compiled
    kernels, or anything at all, is not known."""

    provider: str
    kernels: Sequence[Kernel] = ()
    layers: Sequence[Kernel] = ()
    reference: Sequence[Kernel] = ()
    predicted: str = ""
    unknown: str = ""

    @property
    def partial(self) -> bool:
        """Whether a provider that compiles got only a part of the graph."""
        compiled = [kernel.compiled for kernel in self.kernels]
        return any(compiled) and not all(compiled)
