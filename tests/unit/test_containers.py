"""Rules that both of our Dockerfiles keep. `make container` shows that what they build works."""

import tomllib
from pathlib import Path

import pytest

import server
from server.cli import parse_serve
from tools.container import contents
from tools.container.dockerfile import Dockerfile, Stage, read
from tools.container.image import Image, followed
from tools.container.problems import ProofError
from tools.container.roots import check_base

ROOT = Path(__file__).resolve().parents[2]
BOTH = pytest.mark.parametrize("name", ["Dockerfile", "Dockerfile.gpu"])
BUILD_TOOLS = ("g++", "cmake", "ninja", "pip", "-dev", "venv")


def final(name: str) -> tuple[Dockerfile, Stage, Image]:
    file = read(ROOT / name)
    stage = file.stages[-1]
    return file, stage, followed(file, stage, {})


@BOTH
def test_the_image_serves_as_a_numbered_user_and_says_how_it_is(name: str) -> None:
    image = final(name)[2]
    assert min(image.ids) >= 10000
    assert (image.ports, image.stop_signal) == ((8000, 8001), "SIGTERM")
    assert "/v2/health/ready" in image.healthcheck[-1]
    assert image.labels["org.opencontainers.image.version"] == server.__version__
    assert image.env["PYTHONDONTWRITEBYTECODE"] == "1"


@BOTH
def test_the_command_line_is_one_that_the_server_takes(name: str) -> None:
    image = final(name)[2]
    assert (image.entrypoint, image.command[0]) == (("skein-server",), "serve")
    options = parse_serve(image.command[1:])
    assert options.host == "0.0.0.0"
    assert (str(options.repository), str(options.cache)) == image.volumes
    assert (options.http_port, options.grpc_port) == image.ports


@BOTH
def test_the_base_is_a_named_release(name: str) -> None:
    file = final(name)[0]
    for stage in file.stages:
        if stage.base not in {each.name for each in file.stages}:
            assert ":" in stage.base
            assert "latest" not in stage.base
            check_base(stage.base, stage.start)


def test_another_base_has_no_stand_in() -> None:
    stage = final("Dockerfile")[1]
    with pytest.raises(ProofError, match=r"alpine:3: only debian:trixie-slim has a stand-in"):
        check_base("alpine:3", stage.start)


@BOTH
def test_the_last_stage_installs_no_build_tools(name: str) -> None:
    stage = final(name)[1]
    runs = [each.words[0] for each in stage.instructions if each.keyword == "RUN"]
    assert [(tool, run) for run in runs for tool in BUILD_TOOLS if tool in run] == []
    copies = [each for each in stage.instructions if each.keyword == "COPY"]
    assert all("from" in each.flags for each in copies)


@pytest.mark.parametrize(
    ("name", "step", "extras"),
    [
        ("Dockerfile", "requirements.py cpu >", {"cpu"}),
        ("Dockerfile.gpu", 'extras="gpu tensorrt"', {"gpu", "tensorrt"}),
    ],
)
def test_the_extras_that_are_installed_exist(name: str, step: str, extras: set[str]) -> None:
    runs = [each.words[0] for stage in read(ROOT / name).stages for each in stage.instructions]
    assert len([run for run in runs if step in run]) == 1
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert extras <= pyproject["project"]["optional-dependencies"].keys()


@pytest.mark.parametrize("stage", ["tools", "server"])
def test_both_build_the_server_in_the_same_way(stage: str) -> None:
    cpu, gpu = (
        [
            (each.keyword, each.words, dict(each.flags))
            for found in read(ROOT / name).stages
            if found.name == stage
            for each in found.instructions
        ]
        for name in ("Dockerfile", "Dockerfile.gpu")
    )
    assert cpu == gpu != []


@pytest.mark.parametrize(
    "path",
    [
        "usr/bin/g++",
        "usr/bin/x86_64-linux-gnu-gcc",
        "usr/bin/pip3",
        "opt/skein/lib/python3.13/site-packages/pip/__init__.py",
        "var/cache/apt/archives/g++_14.deb",
        "root/.cache/pip/http/a",
    ],
)
def test_what_only_building_needs_fails_the_proof(path: str) -> None:
    contents.check(["usr/bin/python3", "opt/skein/bin/skein-server"])
    with pytest.raises(ProofError, match="expected no build tools"):
        contents.check([path])
