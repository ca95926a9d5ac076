"""Executes a Dockerfile's steps, each stage in a root folder of its own."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tools.container import copying, roots
from tools.container.dockerfile import Dockerfile, Instruction, Stage
from tools.container.image import Image, follow, start_of
from tools.container.machine import Machine
from tools.container.namespace import run_step
from tools.container.progress import heading, step

_SHOWN = 70  # characters of a step
_LOG_LINES = 40  # of a step that failed


@dataclass(frozen=True)
class Surroundings:
    """What a build reads (`context`, `bare`, `machine`) and the folder that it writes."""

    context: Path
    bare: Path
    machine: Machine
    scratch: Path


def build(
    file: Dockerfile, surroundings: Surroundings, given: Mapping[str, str]
) -> tuple[Path, Image]:
    """The root and the image of the last stage; the other stages' roots are removed."""
    done: dict[str, Path] = {}
    image = Image()
    for number, stage in enumerate(file.stages):
        heading(f"stage {stage.name}")
        root = surroundings.scratch / stage.name
        with step(f"{file.path.name}:{stage.start.line} FROM {stage.base}"):
            if stage.base not in done:
                roots.check_base(stage.base, stage.start)
                roots.unpack(surroundings.bare, root)
            elif _names(file.stages[number + 1 :], stage.base):
                roots.copy(done[stage.base], root)
            else:
                done.pop(stage.base).rename(root)
        image = start_of(file, stage, given)
        for instruction in stage.instructions:
            image = follow(image, instruction, file.arguments, given)
            _execute(instruction, image, root, done, surroundings)
        done[stage.name] = root
    return _keep_last(done, file.stages[-1]), image


def _execute(
    instruction: Instruction,
    image: Image,
    root: Path,
    done: Mapping[str, Path],
    surroundings: Surroundings,
) -> None:
    if instruction.keyword == "WORKDIR":
        (root / image.workdir.lstrip("/")).mkdir(parents=True, exist_ok=True)
    elif instruction.keyword == "COPY":
        with step(_title(instruction)):
            words = [instruction.expand(word, image.variables) for word in instruction.words]
            source = _source(instruction, done, surroundings)
            copying.copy(instruction, words, source, root, image.workdir)
    elif instruction.keyword == "RUN":
        with step(_title(instruction)):
            _run(instruction, image, root, surroundings)


def _run(instruction: Instruction, image: Image, root: Path, surroundings: Surroundings) -> None:
    log = surroundings.scratch / f"line-{instruction.line}.log"
    with log.open("wb") as out:
        ended = run_step(root, image, instruction.words[0], surroundings.machine, out)
    if ended.returncode != 0:
        end = "\n".join(log.read_text(errors="replace").splitlines()[-_LOG_LINES:])
        raise instruction.problem(
            f"expected exit code 0, got {ended.returncode}; {log} ends with\n{end}"
        )


def _source(instruction: Instruction, done: Mapping[str, Path], surroundings: Surroundings) -> Path:
    name = instruction.flags.get("from")
    if name is None:
        return surroundings.context
    if name not in done:
        raise instruction.problem(f"--from={name}: no stage of that name before")
    return done[name]


def _names(stages: Iterable[Stage], name: str) -> bool:
    """Whether one of `stages` begins with stage `name` or copies from it."""
    return any(
        name in (stage.base, *(each.flags.get("from") for each in stage.instructions))
        for stage in stages
    )


def _keep_last(done: Mapping[str, Path], last: Stage) -> Path:
    with step("remove the other stages"):
        for name, root in done.items():
            if name != last.name:
                roots.remove(root)
    return done[last.name]


def _title(instruction: Instruction) -> str:
    flags = [f"--{name}={value}" for name, value in instruction.flags.items()]
    text = " ".join([instruction.keyword, *flags, *instruction.words])
    shown = text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."
    return f"{instruction.file}:{instruction.line} {shown}"
