"""Runs the native host of a sanitizer build under mixed load, and SIGTERM in the middle of it.

    python tests/sanitizer/run.py build/asan

Fails on any report of the sanitizer, a wrong answer, an exit code other than 0, or a request that
was dropped unanswered.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from onnx import ModelProto

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests import graphs  # noqa: E402
from tests.sanitizer.host import Host, HostFailedError  # noqa: E402
from tests.sanitizer.load import run_mixed_load, run_until_refused  # noqa: E402

MODELS: dict[str, Callable[[], ModelProto]] = {
    "identity:32": graphs.identity,
    "dynamic_inner:32": graphs.dynamic_inner,
    "fails_at_run:8": graphs.fails_at_run,
    "image:8": graphs.identity_image,
    "strings:32": lambda: graphs.identity(("batch", 4), "BYTES"),
    "no_batch": graphs.no_batch,
    "slow:8:ordered": graphs.slow,
    "pictures:8:pictures": lambda: graphs.identity(("batch", 3, 16, 16)),
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build", type=Path, help="build folder with SKEIN_SANITIZE and SKEIN_TOOLS")
    program = parser.parse_args().build / "csrc" / "skein_host"
    if not program.is_file():
        parser.error(f"{program} is not there: build the target skein_host with -DSKEIN_TOOLS=ON")
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        models = {
            name: graphs.write_model(scratch, name.partition(":")[0], make())
            for name, make in MODELS.items()
        }
        host = Host(program, models, scratch)
        try:
            run_mixed_load(host.address)
            run_until_refused(host.address, host.terminate)
        except BaseException:
            host.terminate()
            try:
                host.finish()
            except HostFailedError as error:
                print(error, file=sys.stderr)
            raise
        try:
            host.finish()
        except HostFailedError as error:
            print(error, file=sys.stderr)
            return 1
    print(f"{program}: no findings, no request dropped")
    return 0


if __name__ == "__main__":
    sys.exit(main())
