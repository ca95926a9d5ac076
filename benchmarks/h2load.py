"""h2load (nghttp2-client) as a second opinion. It counts any HTTP 200 as success, gRPC errors
too, so its runs are held against the server's own counts.
"""

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from benchmarks.load import LoadError
from benchmarks.load.run import MODEL_INFER
from benchmarks.tools import MissingToolError


@dataclass(frozen=True)
class H2LoadResult:
    requests_per_second: float
    succeeded: int


def write_framed(message: Path, framed: Path) -> None:
    """Writes the message with gRPC's 5-byte prefix, which h2load does not know."""
    payload = message.read_bytes()
    framed.write_bytes(b"\0" + len(payload).to_bytes(4, "big") + payload)


def run(
    target: str, framed: Path, *, connections: int, streams: int, requests: int
) -> H2LoadResult:
    """Sends exactly `requests` calls of ModelInfer and waits for all answers."""
    program = shutil.which("h2load")
    if program is None:
        raise MissingToolError("h2load is not installed: `apt-get install nghttp2-client`")
    command = [program, f"-c{connections}", f"-m{streams}", "-t1", f"-n{requests}"]
    command += ["-d", str(framed), "-H", "content-type: application/grpc", "-H", "te: trailers"]
    command.append(f"http://{target}{MODEL_INFER}")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    rate = re.search(r"finished in .*?, ([\d.]+) req/s", done.stdout)
    succeeded = re.search(r"(\d+) succeeded", done.stdout)
    if done.returncode != 0 or rate is None or succeeded is None:
        raise LoadError(f"h2load failed: {done.stdout}{done.stderr}")
    return H2LoadResult(float(rate[1]), int(succeeded[1]))
