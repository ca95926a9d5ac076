"""How this machine reaches packages, so that a RUN step reaches them too.

What apt and pip are told here (proxies, indexes, certificates) is mounted and set for RUN steps
only: nothing of it stays in an image, and nothing of it is written in a Dockerfile.
"""

import ast
import os
import re
import shutil
import ssl
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

SEEN_AT = "/mnt"  # where a RUN step finds the files below
_PROXIES = ("http_proxy", "https_proxy", "ftp_proxy", "no_proxy", "all_proxy")
_APT = re.compile(r"Acquire::((https?|ftp)(::\S*)?::Proxy\S*|Check-\S+) ")


@dataclass(frozen=True)
class Machine:
    """`files` is mounted at SEEN_AT, `folders` (local package indexes) where they are."""

    files: Path
    env: dict[str, str]
    folders: tuple[Path, ...]


def observe(files: Path) -> Machine:
    """Reads this machine's settings; writes the files that a RUN step needs into `files`."""
    files.mkdir(parents=True, exist_ok=True)
    env = {name: value for name, value in os.environ.items() if name.lower() in _PROXIES and value}
    pip = _pip_settings()
    if constraints := _copy_all(pip.pop("constraint", ""), files):
        pip["constraint"] = constraints
    env |= {f"PIP_{key.upper().replace('-', '_')}": value for key, value in pip.items()}
    bundle = os.environ.get("SSL_CERT_FILE") or ssl.get_default_verify_paths().cafile
    if bundle and Path(bundle).exists():
        shutil.copyfile(bundle, files / "ca.crt")
        names = ("SSL_CERT_FILE", "PIP_CERT", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
        env |= dict.fromkeys(names, f"{SEEN_AT}/ca.crt")
    (files / "apt.conf").write_text(_apt_settings())
    env["APT_CONFIG"] = f"{SEEN_AT}/apt.conf"
    return Machine(files, env, _local_folders(pip))


def mirror() -> str:
    """The Debian mirror that apt uses here."""
    policy = subprocess.run(["apt-cache", "policy"], capture_output=True, text=True, check=True)
    found = re.search(r"^ *\d+ (http\S*debian) ", policy.stdout, re.MULTILINE)
    return found[1] if found else "http://deb.debian.org/debian"


def _apt_settings() -> str:
    dump = subprocess.run(["apt-config", "dump"], capture_output=True, text=True, check=True)
    return "".join(f"{line}\n" for line in dump.stdout.splitlines() if _APT.match(line))


def _pip_settings() -> dict[str, str]:
    """The global ones and those of the environment, which win."""
    listed = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=True
    )
    settings: dict[str, dict[str, str]] = {"global": {}, ":env:": {}}
    for line in listed.stdout.splitlines():
        section, _, rest = line.partition(".")
        key, _, value = rest.partition("=")
        if section in settings and key != "cert":
            settings[section][key] = str(ast.literal_eval(value))
    return settings["global"] | settings[":env:"]


def _copy_all(paths: str, files: Path) -> str:
    """Copies the files that pip reads besides its own, and tells where a RUN step finds them."""
    seen = []
    for number, path in enumerate(paths.split()):
        name = f"constraints-{number}.txt"
        shutil.copyfile(path, files / name)
        seen.append(f"{SEEN_AT}/{name}")
    return " ".join(seen)


def _local_folders(settings: dict[str, str]) -> tuple[Path, ...]:
    """Local indexes (with the folder around them, where their links lead) and wheel folders."""
    found = set()
    for key in ("index-url", "extra-index-url", "find-links"):
        for location in settings.get(key, "").split():
            url = urlsplit(location)
            path = Path(unquote(url.path)) if url.scheme in ("", "file") else None
            if path is None or not path.is_dir():
                continue
            folder = path if key == "find-links" else path.parent
            if len(folder.parts) > 1:
                found.add(folder)
    return tuple(sorted(found))
