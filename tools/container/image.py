"""What an image says beside its files: the part of a Dockerfile that needs no root to follow."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from tools.container.dockerfile import Dockerfile, Instruction, Stage, argument_of

BASE_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True)
class Image:
    """`arguments` are the stage's ARGs: RUN sees them, the container does not."""

    env: Mapping[str, str] = field(default_factory=lambda: {"PATH": BASE_PATH})
    arguments: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    workdir: str = "/"
    user: str = "0:0"
    ports: tuple[int, ...] = ()
    volumes: tuple[str, ...] = ()
    entrypoint: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    healthcheck: tuple[str, ...] = ()
    stop_signal: str = "SIGTERM"

    @property
    def variables(self) -> dict[str, str]:
        return {**self.arguments, **self.env}

    @property
    def ids(self) -> tuple[int, int]:
        """Numeric user and group."""
        user, _, group = self.user.partition(":")
        return int(user), int(group or 0)


def follow(
    image: Image,
    instruction: Instruction,
    outer: Mapping[str, str],
    given: Mapping[str, str],
) -> Image:
    """`image` after `instruction`. `outer`: ARGs before the first FROM; `given`: --build-arg.
    RUN and COPY leave it as it is."""
    keyword = instruction.keyword
    if keyword in ("RUN", "COPY"):
        return image
    if keyword == "ARG":
        value = argument_of(instruction, {**outer, **image.variables}, given)
        return replace(image, arguments={**image.arguments, **value})
    if keyword in ("ENTRYPOINT", "CMD", "HEALTHCHECK"):
        return _set_program(image, instruction)
    words = [instruction.expand(word, image.variables) for word in instruction.words]
    if keyword == "ENV":
        return replace(image, env={**image.env, **_pairs(instruction, words)})
    if keyword == "LABEL":
        return replace(image, labels={**image.labels, **_pairs(instruction, words)})
    if keyword == "EXPOSE":
        return replace(image, ports=(*image.ports, *_ports(instruction, words)))
    if keyword == "VOLUME":
        return replace(image, volumes=(*image.volumes, *words))
    return _set_one(image, instruction, words)


def followed(file: Dockerfile, stage: Stage, given: Mapping[str, str]) -> Image:
    """What the image of `stage` says in the end, the stages it stands on included."""
    image = start_of(file, stage, given)
    for instruction in stage.instructions:
        image = follow(image, instruction, file.arguments, given)
    return image


def start_of(file: Dockerfile, stage: Stage, given: Mapping[str, str]) -> Image:
    """What `stage` begins with. ARGs end with their stage."""
    for each in file.stages:
        if each.name == stage.base:
            return replace(followed(file, each, given), arguments={})
    return Image()


def _set_program(image: Image, instruction: Instruction) -> Image:
    if instruction.keyword == "ENTRYPOINT":
        return replace(image, entrypoint=instruction.words)
    if instruction.keyword == "CMD":
        return replace(image, command=instruction.words)
    return replace(image, healthcheck=instruction.words)


def _set_one(image: Image, instruction: Instruction, words: list[str]) -> Image:
    if len(words) != 1:
        raise instruction.problem(f"expected one word, found {len(words)}")
    word = words[0]
    if instruction.keyword == "WORKDIR":
        if not word.startswith("/"):
            raise instruction.problem(f"{word} is not an absolute path")
        return replace(image, workdir=word)
    if instruction.keyword == "STOPSIGNAL":
        return replace(image, stop_signal=word)
    if not all(part.isdecimal() for part in word.split(":")):
        raise instruction.problem(f"{word} is not numeric, as UID:GID; orchestrators check numbers")
    return replace(image, user=word)


def _pairs(instruction: Instruction, words: Iterable[str]) -> dict[str, str]:
    pairs = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals:
            raise instruction.problem(f"expected NAME=value, found {word}")
        pairs[name] = value
    return pairs


def _ports(instruction: Instruction, words: Iterable[str]) -> list[int]:
    for word in words:
        if not word.isdecimal():
            raise instruction.problem(f"{word} is not a TCP port")
    return [int(word) for word in words]
