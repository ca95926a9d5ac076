"""A container without an engine: the image's own program, as process 1 of its namespaces."""

import signal
import subprocess
import time
from pathlib import Path
from types import TracebackType

from tools.container.image import Image
from tools.container.namespace import enter_command, serve_command
from tools.container.network import Network
from tools.container.problems import ProofError

START_LIMIT_S = 300.0  # a bound for a machine under load
STOP_LIMIT_S = 60.0
POLL_S = 0.2


class Container:
    """Runs ENTRYPOINT and CMD (or `arguments` in CMD's place). Use as a context manager."""

    def __init__(
        self,
        root: Path,
        image: Image,
        repository: Path,
        network: Network,
        log_file: Path,
    ) -> None:
        self.image = image
        self._log_file = log_file
        command = serve_command(root, image, repository, [*image.entrypoint, *image.command])
        with log_file.open("wb") as log:
            self._process = subprocess.Popen(
                network.command(command),
                env=dict(image.env),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def __enter__(self) -> "Container":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._process.poll() is None:
            self._process.kill()  # unshare takes its child with it
            self._process.wait()

    @property
    def pid(self) -> int:
        """Process 1 of the container, by its number here."""
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        found = children.read_text().split()
        if not found:
            raise self.problem("expected a running server, got none")
        return int(found[0])

    def log(self) -> str:
        return self._log_file.read_text(errors="replace")

    def problem(self, text: str) -> ProofError:
        return ProofError(f"{text}; the server's log:\n{self.log()}")

    def run(self, *program: str, root: bool = False) -> subprocess.CompletedProcess[str]:
        """Runs `program` inside, as the image's user or as root."""
        uid = 0 if root else self.image.ids[0]
        return subprocess.run(
            enter_command(self.pid, self.image, program, uid=uid),
            env=dict(self.image.env),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def wait_healthy(self) -> float:
        """Runs the image's HEALTHCHECK until it succeeds; returns the seconds since now."""
        start = time.monotonic()
        while self._process.poll() is None:
            if self._is_up() and self.run(*self.image.healthcheck).returncode == 0:
                return time.monotonic() - start
            if time.monotonic() > start + START_LIMIT_S:
                raise self.problem(f"expected health within {START_LIMIT_S:.0f} s")
            time.sleep(POLL_S)
        raise self.problem(f"expected health, got exit code {self._process.returncode}")

    def stop(self) -> int:
        """Sends STOPSIGNAL to process 1 and returns its exit code."""
        self.send_stop()
        return self.wait()

    def send_stop(self) -> None:
        subprocess.run(
            ["kill", "-s", str(int(signal.Signals[self.image.stop_signal])), str(self.pid)],
            check=True,
        )

    def wait(self) -> int:
        try:
            return self._process.wait(STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            raise self.problem(f"expected an end within {STOP_LIMIT_S:.0f} s of SIGTERM") from None

    def _is_up(self) -> bool:
        """Whether the program has been started in its root: before that, nothing can join it."""
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text()
        return bool(children) and "listening:" in self.log()
