"""The GPU suite: correctness and speed of the GPU data path, against the CPU and against itself.

`--provider cpu --quick` shows that the suite works; its figures mean nothing.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks import machine
from benchmarks.figures import Figure, report
from benchmarks.gpu import correctness, mechanisms, served
from benchmarks.gpu.driver import DriverError, require_driver, require_libraries
from benchmarks.gpu.parts import BundleError, Manifest, fail
from benchmarks.gpu.prepare import INTO, say
from benchmarks.gpu.settings import Settings
from benchmarks.load import LoadError
from benchmarks.load.requests import RequestError
from benchmarks.tools import ROOT, MissingToolError
from server.examine.examination import ExaminationError
from tests.server_process import ServerFailedError

PARTS: dict[str, Callable[[Settings], Iterator[Figure]]] = {
    "correctness": correctness.figures,
    "mechanisms": mechanisms.figures,
    "served": served.figures,
}


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="python -m benchmarks.gpu", description=__doc__)
    made.add_argument("parts", nargs="*", help=f"of {', '.join(PARTS)}; none: all")
    made.add_argument("--provider", default="cuda", choices=("cuda", "tensorrt", "cpu"))
    made.add_argument("--quick", action="store_true", help="small networks, short runs")
    made.add_argument("--build", type=Path, default=INTO / "cmake", help="CMake folder")
    made.add_argument("--bundle", type=Path, default=ROOT / "gpu-bundle", help="(%(default)s)")
    made.add_argument("--out", type=Path, default=ROOT / "benchmarks/results", help="(%(default)s)")
    return made


def find_libraries() -> None:
    """Puts the bundle's CUDA libraries first, the toolkit's last, for what is started from here.
    Raises DriverError when one is missing."""
    bundled = (INTO / "site/nvidia").glob("*/lib")
    toolkit = Path(os.environ.get("CUDA_HOME", "/usr/local/cuda")) / "lib64"
    given = os.environ.get("LD_LIBRARY_PATH", "")
    folders = [*map(str, bundled), *filter(None, [given]), str(toolkit)]
    os.environ["LD_LIBRARY_PATH"] = os.pathsep.join(folders)
    require_libraries(os.environ)


def gpus() -> dict[str, str]:
    """Driver and names; empty without."""
    import pynvml

    try:
        pynvml.nvmlInit()
        handles = map(pynvml.nvmlDeviceGetHandleByIndex, range(pynvml.nvmlDeviceGetCount()))
        names = [pynvml.nvmlDeviceGetName(handle) for handle in handles]
        return {"gpu": ", ".join(names), "driver": pynvml.nvmlSystemGetDriverVersion()}
    except pynvml.NVMLError:
        return {}


def stamp(options: argparse.Namespace) -> dict[str, str]:
    """Machine, commit (outside a checkout that of the bundle, and marked so) and command."""
    made = machine.stamp("benchmarks.gpu") | gpus() | {"provider": options.provider}
    if made["commit"] == "unknown":
        made["commit"] = f"bundle-{Manifest.read(options.bundle).commit}"
    return made


def measure(options: argparse.Namespace) -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(options.provider, options.quick, Path(folder), options.build, say)
        chosen = options.parts or PARTS
        return [figure for name in chosen for figure in PARTS[name](settings)]


def main() -> int:
    options = parser().parse_args()
    unknown = [name for name in options.parts if name not in PARTS]
    if unknown:
        parser().error(f"no part {unknown[0]!r}; there are {', '.join(PARTS)}")
    try:
        if options.provider != "cpu":
            require_driver()
            find_libraries()
        about = stamp(options)
        report(measure(options), about, options.out)
    except (BundleError, DriverError, MissingToolError) as error:
        return fail(error)
    except (LoadError, RequestError, ExaminationError, ServerFailedError) as error:
        return fail(error)
    return 0


if __name__ == "__main__":
    sys.exit(main())
