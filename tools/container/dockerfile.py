"""Reads a Dockerfile into stages; what the proof cannot execute is an error with file and line."""

import json
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tools.container.problems import ProofError

# keyword -> the flags it may carry
FLAGS: dict[str, frozenset[str]] = {
    **dict.fromkeys(
        ("FROM", "ARG", "ENV", "LABEL", "WORKDIR", "RUN", "USER", "EXPOSE", "VOLUME"), frozenset()
    ),
    **dict.fromkeys(("STOPSIGNAL", "ENTRYPOINT", "CMD"), frozenset()),
    "COPY": frozenset({"from", "chown", "chmod"}),
    "HEALTHCHECK": frozenset({"interval", "timeout", "start-period", "retries"}),
}
EXEC_FORM_ONLY = frozenset({"ENTRYPOINT", "CMD"})
_DIRECTIVE = re.compile(r"#\s*(syntax|escape|check)\s*=", re.IGNORECASE)
_FLAG = re.compile(r"--([a-z-]+)=(\S+)\s+")
_VARIABLE = re.compile(r"\$(?:(\w+)|\{(\w+)(?::([-+])([^}]*))?\})")


@dataclass(frozen=True)
class Instruction:
    """`words` are the arguments, or the elements of the exec form; RUN's are one shell command."""

    file: str
    line: int
    keyword: str
    words: tuple[str, ...]
    flags: Mapping[str, str] = field(default_factory=dict)

    def problem(self, text: str) -> ProofError:
        return ProofError(f"{self.file}:{self.line}: {self.keyword}: {text}")

    def expand(self, text: str, variables: Mapping[str, str]) -> str:
        """`text` with $NAME, ${NAME}, ${NAME:-default} and ${NAME:+alternative} replaced."""

        def value(match: re.Match[str]) -> str:
            name, form = match[1] or match[2], match[3]
            found = variables.get(name, "")
            if form == "-":
                return found or match[4]
            if form == "+":
                return match[4] if found else ""
            if name not in variables:
                raise self.problem(f"${name} is set by no ARG or ENV before")
            return found

        return _VARIABLE.sub(value, text)


@dataclass(frozen=True)
class Stage:
    """FROM `base` AS `name`: `base` is an image, or the name of a stage before."""

    start: Instruction
    name: str
    base: str
    instructions: tuple[Instruction, ...]


@dataclass(frozen=True)
class Dockerfile:
    """`arguments`: the ARGs before the first FROM, with their values."""

    path: Path
    arguments: Mapping[str, str]
    stages: tuple[Stage, ...]


def read(path: Path, given: Mapping[str, str] | None = None) -> Dockerfile:
    """`given`: build arguments (--build-arg). Raises ProofError."""
    instructions = [_instruction(path.name, *each) for each in _logical_lines(path)]
    first = next((i for i, each in enumerate(instructions) if each.keyword == "FROM"), None)
    if first is None:
        raise ProofError(f"{path.name}: no FROM")
    arguments: dict[str, str] = {}
    for each in instructions[:first]:
        if each.keyword != "ARG":
            raise each.problem("only ARG may stand before the first FROM")
        arguments.update(argument_of(each, arguments, given or {}))
    starts = [i for i, each in enumerate(instructions) if each.keyword == "FROM"]
    stages: list[Stage] = []
    for start, end in zip(starts, [*starts[1:], len(instructions)], strict=True):
        body = tuple(instructions[start + 1 : end])
        stages.append(_stage(instructions[start], body, arguments, len(stages)))
    return Dockerfile(path, arguments, tuple(stages))


def argument_of(
    instruction: Instruction, variables: Mapping[str, str], given: Mapping[str, str]
) -> dict[str, str]:
    """The value of an ARG: given, its default, or that of the ARG of that name before."""
    name, equals, default = instruction.words[0].partition("=")
    if len(instruction.words) != 1:
        raise instruction.problem("one name per ARG")
    if name in given:
        return {name: given[name]}
    if equals:
        return {name: instruction.expand(default, variables)}
    return {name: variables[name]} if name in variables else {}


def _stage(
    start: Instruction, body: tuple[Instruction, ...], arguments: Mapping[str, str], number: int
) -> Stage:
    match start.words:
        case (base,):
            name = str(number)
        case (base, as_, name) if as_.upper() == "AS":
            pass
        case _:
            raise start.problem("expected FROM image, or FROM image AS name")
    return Stage(start, name, start.expand(base, arguments), body)


def _logical_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Number and text of each instruction, its continuation lines joined."""
    parts: list[str] = []
    start = 0
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        text = line.strip()
        if not text or text.startswith("#"):
            if _DIRECTIVE.match(text):
                raise ProofError(f"{path.name}:{number}: parser directives are not supported")
            continue
        if not parts:
            start = number
        parts.append(text.removesuffix("\\").rstrip())
        if not text.endswith("\\"):
            yield start, " ".join(parts)
            parts = []
    if parts:
        raise ProofError(f"{path.name}:{start}: the last line ends with a continuation")


def _instruction(file: str, line: int, text: str) -> Instruction:
    keyword, _, rest = text.partition(" ")
    keyword, rest = keyword.upper(), rest.strip()
    bare = Instruction(file, line, keyword, ())
    if keyword not in FLAGS:
        raise bare.problem(f"unknown instruction; known are {', '.join(FLAGS)}")
    flags: dict[str, str] = {}
    while rest.startswith("--"):
        match = _FLAG.match(rest)
        if match is None or match[1] not in FLAGS[keyword]:
            known = ", ".join(f"--{flag}=" for flag in sorted(FLAGS[keyword])) or "none"
            raise bare.problem(f"unknown flag {rest.split()[0]}; known: {known}")
        flags[match[1]] = match[2]
        rest = rest[match.end() :]
    if not rest:
        raise bare.problem("has no argument")
    return Instruction(file, line, keyword, _words(bare, rest), flags)


def _words(bare: Instruction, rest: str) -> tuple[str, ...]:
    if bare.keyword == "RUN":
        if rest.startswith("[") or "<<" in rest:
            raise bare.problem("neither the exec form nor here-documents are supported")
        return (rest,)
    if bare.keyword == "HEALTHCHECK":
        check, _, command = rest.partition(" ")
        if check != "CMD":
            raise bare.problem('expected HEALTHCHECK CMD ["program", ...]')
        return _exec_form(bare, command.strip())
    if rest.startswith("[") or bare.keyword in EXEC_FORM_ONLY:
        return _exec_form(bare, rest)
    if "'" in rest and "$" in rest:
        raise bare.problem("single quotes beside $ are not supported; use double quotes")
    try:
        return tuple(shlex.split(rest))
    except ValueError as error:
        raise bare.problem(str(error)) from None


def _exec_form(bare: Instruction, text: str) -> tuple[str, ...]:
    try:
        words = json.loads(text)
    except json.JSONDecodeError:
        words = None
    if not isinstance(words, list) or not words or not all(isinstance(w, str) for w in words):
        raise bare.problem(f'expected the exec form ["program", "argument"], found {text}')
    return tuple(words)
