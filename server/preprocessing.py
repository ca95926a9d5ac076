"""What a version needs to make its inputs from what clients send in their place: the engine's form
of `preprocess`, with the files that it names."""

from collections.abc import Sequence
from typing import NamedTuple

from server.columns_specification import columns_spec
from server.config.columns_spec import ColumnsConfig
from server.config.lines import Location
from server.config.problem import ConfigError
from server.config.read import ConfigFile
from server.config.scheduling_spec import Padding
from server.config.spec import ModelConfig, TensorConfig
from server.config.text_spec import TextConfig
from server.engine import (
    ColumnsInput,
    ColumnsSpec,
    CoreError,
    RawGroup,
    TensorSpec,
    TextInput,
    TextSource,
)
from server.image_specification import ImageError, image_spec
from server.model_files import ModelFileError, find_file, read_file
from server.padding import complete_padding
from server.raw_inputs import RawGroup as Group
from server.raw_inputs import raw_groups
from server.repository import ModelFolder
from server.text_specification import TextError, TextTensor, text_spec

MAX_TOKENIZER_BYTES = 1 << 28


class Preprocessing(NamedTuple):
    """`config`: with the padding that texts of different length need."""

    config: ModelConfig
    raw_inputs: list[TensorSpec]
    raw_groups: list[RawGroup]


class _DeclarationError(Exception):
    """`at`: the place below `preprocess`."""

    def __init__(self, at: Location, message: str) -> None:
        super().__init__(message)
        self.at = at


def preprocessing_of(
    model: ModelFolder, version: int, file: ConfigFile, config: ModelConfig
) -> Preprocessing:
    """`config` is completed. Raises ConfigError with every problem."""
    made = Preprocessing(config, [], [])
    problems = []
    for group in raw_groups(config):
        try:
            made = _with_group(made, group, model, version)
        except _DeclarationError as error:
            key = ".".join(("preprocess", group.tensor, *map(str, error.at)))
            at = ("preprocess", group.tensor, *error.at)
            problems.append(file.problem(f"{key}: {error}", model.path, at))
    if problems:
        raise ConfigError(problems)
    return made


def _with_group(
    made: Preprocessing, group: Group, model: ModelFolder, version: int
) -> Preprocessing:
    config, raw = made.config, list(made.raw_inputs)
    ways = []
    for way in group.ways:
        ways.append(list(range(len(raw), len(raw) + len(way))))
        raw += [_raw(tensor, config.batched) for tensor in way]
    numbers = {tensor.name: number for number, tensor in enumerate(config.inputs)}
    makes = [numbers[name] for name in group.makes]
    tensors = [config.inputs[number] for number in makes]
    declared = group.declared
    if declared.image is not None:
        dims = _dims(tensors[0], config.batched)
        try:
            how = image_spec(declared.image, tensors[0].datatype, dims)
        except ImageError as error:
            raise _DeclarationError(("image", *error.at), str(error)) from None
        added = RawGroup(makes, ways, how)
    elif declared.columns is not None:
        added = RawGroup(makes, ways, _columns(declared.columns, tensors[0]))
    else:
        assert declared.text is not None
        source, config = _text(declared.text, tensors, config, model, version)
        added = RawGroup(makes, ways, source)
    return Preprocessing(config, raw, [*made.raw_groups, added])


def _columns(columns: ColumnsConfig, tensor: TensorConfig) -> ColumnsSpec:
    try:
        spec = columns_spec(columns, tensor.datatype)
        width = ColumnsInput(spec).width
    except CoreError as error:
        raise _DeclarationError(("columns",), error.message) from None
    if len(tensor.dims) != 1 or tensor.dims[0] not in (-1, width):
        message = f"the columns make [{width}], but the input has the dims {list(tensor.dims)}"
        raise _DeclarationError(("columns", "features"), message)
    return spec


def _text(
    text: TextConfig,
    tensors: Sequence[TensorConfig],
    config: ModelConfig,
    model: ModelFolder,
    version: int,
) -> tuple[TextSource, ModelConfig]:
    by_name = {each.name: TextTensor(each.datatype, [-1, *each.dims]) for each in tensors}
    ids = tensors[0]
    try:
        spec = text_spec(
            text, by_name[ids.name], by_name.get(text.mask or ""), by_name.get(text.types or "")
        )
        path = find_file(model, version, text.tokenizer)
        tokenizer = read_file(path, MAX_TOKENIZER_BYTES)
    except TextError as error:
        raise _DeclarationError(("text", *error.at), str(error)) from None
    except ModelFileError as error:
        raise _DeclarationError(("text", "tokenizer"), str(error)) from None
    try:
        opened = TextInput(tokenizer, spec)
    except CoreError as error:
        raise _DeclarationError(("text", "tokenizer"), f"{path}: {error.message}") from None
    if -1 in ids.dims and config.padding is None:
        padding = _padding(text, ids, opened, config)
        config = config.model_copy(update={"padding": padding})
    return TextSource(spec, tokenizer), config


def _padding(
    text: TextConfig, ids: TensorConfig, opened: TextInput, config: ModelConfig
) -> Padding:
    """Requests of different length share batches; rows are filled as the tokenizer would."""
    types = {text.types: float(opened.pad_type)} if text.types else {}
    inputs = {ids.name: float(opened.pad_id)} | types
    return complete_padding(
        Padding(inputs=inputs, mask=text.mask), config.inputs, config.outputs, []
    )


def _dims(tensor: TensorConfig, batched: bool) -> list[int]:
    return [-1, *tensor.dims] if batched else list(tensor.dims)


def _raw(tensor: TensorConfig, batched: bool) -> TensorSpec:
    """Without a batch dimension there is one row."""
    return TensorSpec(tensor.name, tensor.datatype, [-1 if batched else 1, *tensor.dims])
