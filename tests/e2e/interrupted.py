"""A command that is interrupted in the middle of its work."""

import os
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.server_process import ROOT


def leaves_nothing(
    words: Sequence[str], stop: signal.Signals, began: str, scratch: Path, repository: Path
) -> None:
    """Sends `stop` when a line of standard error starts with `began`; holds that the command says
    so and leaves neither a repository nor temporary files."""
    temporary = scratch / "temporary"
    temporary.mkdir()
    here = os.environ | {"TMPDIR": str(temporary)}
    with subprocess.Popen(words, cwd=ROOT, env=here, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith(began):
                assert any(temporary.iterdir())
                process.send_signal(stop)
                break
        rest = process.stderr.read()
    assert process.returncode == 130
    assert "interrupted: nothing was written" in rest
    assert not repository.exists()
    assert not any(temporary.iterdir())
