"""A network of the container's own, joined to this machine by a pair of virtual interfaces."""

import ipaddress
import os
import subprocess
from types import TracebackType

# Reserved for tests between networks (RFC 2544); each process takes four addresses of it.
_RANGE = ipaddress.IPv4Network("198.18.0.0/15")


class Network:
    """Use as a context manager. `address` is the container's; all its ports are free."""

    def __init__(self) -> None:
        number = os.getpid() % (_RANGE.num_addresses // 4)
        self._ours = str(_RANGE[4 * number + 1])
        self.address = str(_RANGE[4 * number + 2])
        self._name = f"skein{os.getpid()}"

    def __enter__(self) -> "Network":
        _ip("netns", "add", self._name)
        try:
            peer = ("peer", "name", "eth0", "netns", self._name)
            _ip("link", "add", self._name, "type", "veth", *peer)
            _ip("address", "add", f"{self._ours}/30", "dev", self._name)
            _ip("link", "set", self._name, "up")
            inside = ("-netns", self._name)
            _ip(*inside, "address", "add", f"{self.address}/30", "dev", "eth0")
            _ip(*inside, "link", "set", "eth0", "up")
            _ip(*inside, "link", "set", "lo", "up")
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        _ip("netns", "delete", self._name)  # and both interfaces

    def command(self, program: list[str]) -> list[str]:
        """The command that runs `program` in this network."""
        return ["ip", "netns", "exec", self._name, *program]


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True)
