"""Reading Dockerfiles: what the container proof follows, and what it refuses."""

import os
from pathlib import Path

import pytest

from tools.container import copying
from tools.container.dockerfile import Dockerfile, Instruction, read
from tools.container.image import Image, followed
from tools.container.problems import ProofError


def dockerfile(folder: Path, text: str, **given: str) -> Dockerfile:
    path = folder / "Dockerfile"
    path.write_text(text)
    return read(path, given)


def image(folder: Path, text: str, **given: str) -> Image:
    file = dockerfile(folder, text, **given)
    return followed(file, file.stages[-1], given)


def test_stages_have_names_and_bases(tmp_path: Path) -> None:
    text = "ARG BASE=debian\nFROM ${BASE} AS one\nRUN true\nFROM one\nRUN a\nRUN b\n"
    stages = dockerfile(tmp_path, text).stages
    assert [(each.name, each.base, len(each.instructions)) for each in stages] == [
        ("one", "debian", 1),
        ("1", "one", 2),
    ]
    assert dockerfile(tmp_path, text, BASE="other").stages[0].base == "other"


def test_continued_lines_are_one_instruction_without_the_comments_between(tmp_path: Path) -> None:
    text = "FROM a\n\nRUN one && \\\n    # why\n    two\nUSER 1:2\n"
    run, user = dockerfile(tmp_path, text).stages[0].instructions
    assert (run.line, run.words) == (3, ("one && two",))
    assert user.line == 6


def test_an_image_ends_with_what_its_stages_say(tmp_path: Path) -> None:
    made = image(
        tmp_path,
        'FROM debian AS one\nENV A="one two" B=3\nARG HIDDEN=x\n'
        "FROM one\nARG N=1\nENV PATH=/bin/$N:${PATH} C=${A}${D:-4}${B:+5}\n"
        "WORKDIR /w\nUSER 7:8\nEXPOSE 80 81\n"
        'VOLUME ["/a", "/b"]\nSTOPSIGNAL SIGINT\nLABEL a.b="c d"\n'
        'HEALTHCHECK --interval=5s CMD ["check"]\nENTRYPOINT ["run"]\nCMD ["--now"]\n',
        N="2",
    )
    assert dict(made.env)["PATH"].startswith("/bin/2:/usr/local/sbin")
    assert (made.env["C"], made.arguments, made.labels) == ("one two45", {"N": "2"}, {"a.b": "c d"})
    assert (made.workdir, made.ids, made.ports, made.volumes) == (
        "/w",
        (7, 8),
        (80, 81),
        ("/a", "/b"),
    )
    assert (made.stop_signal, made.healthcheck) == ("SIGINT", ("check",))
    assert (made.entrypoint, made.command) == (("run",), ("--now",))


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("ONBUILD RUN true", "ONBUILD: unknown instruction"),
        ("ADD a b", "ADD: unknown instruction"),
        ("RUN --mount=type=cache true", "unknown flag --mount=type=cache; known: none"),
        ("COPY --link a b", "unknown flag --link"),
        ("RUN cat <<EOF", "here-documents"),
        ('RUN ["true"]', "exec form"),
        ("CMD serve", "expected the exec form"),
        ("ENTRYPOINT [1]", "expected the exec form"),
        ("HEALTHCHECK NONE", "expected HEALTHCHECK CMD"),
        ("ENV A", "expected NAME=value, found A"),
        ("ENV A=$B", "$B is set by no ARG or ENV before"),
        ("LABEL 'a=$b'", "single quotes beside $"),
        ("USER skein", "skein is not numeric"),
        ("WORKDIR here", "here is not an absolute path"),
        ("EXPOSE 80/udp", "80/udp is not a TCP port"),
        ("USER", "has no argument"),
        ("RUN true \\", "the last line ends with a continuation"),
        ("# escape=`", "parser directives are not supported"),
    ],
)
def test_what_cannot_be_followed_is_an_error_with_file_and_line(
    tmp_path: Path, line: str, words: str
) -> None:
    with pytest.raises(ProofError, match=r"^Dockerfile:2: ") as raised:
        image(tmp_path, f"FROM debian\n{line}\n")
    assert words in str(raised.value)


def test_a_file_without_a_stage_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ProofError, match="no FROM"):
        dockerfile(tmp_path, "ARG A=1\n")


def copied(folder: Path, *words: str) -> list[str]:
    """What COPY brings from folder/context into an empty root at /w."""
    root = folder / "root"
    root.mkdir()
    flags = {"chown": f"{os.getuid()}:{os.getgid()}"}
    instruction = Instruction("Dockerfile", 1, "COPY", words, flags)
    copying.copy(instruction, list(words), folder / "context", root, "/w")
    return sorted(str(each.relative_to(root)) for each in root.rglob("*") if each.is_file())


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["a.txt", "."], ["w/a.txt"]),
        (["a.txt", "b.txt"], ["w/b.txt"]),
        (["a.txt", "/x/"], ["x/a.txt"]),
        (["*.txt", "."], ["w/a.txt"]),
        (["sub", "/x"], ["x/d.py", "x/deep/c.py"]),
        ([".", "."], ["w/.dockerignore", "w/a.txt", "w/sub/d.py", "w/sub/deep/c.py"]),
    ],
)
def test_copy_brings_what_dockerignore_lets_through(
    tmp_path: Path, words: list[str], expected: list[str]
) -> None:
    files = {"a.txt": "", "hidden.txt": "", "sub/d.py": "", "sub/deep/c.py": ""}
    for name, text in {**files, ".dockerignore": "hidden*\n"}.items():
        path = tmp_path / "context" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    assert copied(tmp_path, *words) == expected


def test_copy_of_a_hidden_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "context").mkdir()
    (tmp_path / "context" / "a").touch()
    (tmp_path / "context" / ".dockerignore").write_text("a\n")
    with pytest.raises(ProofError, match="no such file"):
        copied(tmp_path, "a", ".")
