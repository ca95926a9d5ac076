"""What clients may send in place of tensors, as `preprocess` declares it: names, datatypes and dims
of every way, and what each group makes. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from server.config.columns_spec import ColumnsConfig
from server.config.preprocess_spec import Preprocess
from server.config.problem import suggestion
from server.config.spec import ModelConfig, TensorConfig
from server.config.text_spec import TextConfig
from server.faults import Fault

_ONE = (1,)  # one value per row


class RawGroup(NamedTuple):
    """Dims are without the batch dimension. Clients use one of the ways, of which metadata tells
    the first, or send what is made."""

    makes: tuple[str, ...]  # inputs of the model: the one that is declared, then those beside it
    ways: tuple[tuple[TensorConfig, ...], ...]
    declared: Preprocess

    @property
    def tensor(self) -> str:
        """The key in `preprocess`."""
        return self.makes[0]


def raw_groups(config: ModelConfig) -> tuple[RawGroup, ...]:
    """In the order of `preprocess`."""
    return tuple(_group(name, declared) for name, declared in config.preprocess.items())


def client_inputs(config: ModelConfig) -> tuple[TensorConfig, ...]:
    """What metadata tells: raw inputs in the place of what is made from them; `config` is
    completed."""
    groups = raw_groups(config)
    first = {group.tensor: group.ways[0] for group in groups}
    made = {name for group in groups for name in group.makes}
    told: list[TensorConfig] = []
    for tensor in config.inputs:
        told += first.get(tensor.name, () if tensor.name in made else (tensor,))
    return tuple(told)


def check_raw_inputs(config: ModelConfig, faults: list[Fault]) -> None:
    """Holds `preprocess` against the model's inputs, which are completed."""
    made: dict[str, str] = {}  # by input, the key that makes it
    for group in raw_groups(config):
        if group.declared.image is None and not config.batched:
            needed = "needs a batch dimension (max_batch_size of 1 or more)"
            faults.append(_fault(group, f"preprocess.{group.tensor} {needed}"))
        faults += _check_mask(config, group)
        for name in group.makes:
            faults += _check_made(config, group, name)
            if name in made:
                message = f'preprocess: "{name}" is made by preprocess.{made[name]} already'
                faults.append(_fault(group, message))
            made[name] = group.tensor
    faults += _ambiguous(config)
    faults += _several_lengths(config)


def _check_made(config: ModelConfig, group: RawGroup, name: str) -> Iterator[Fault]:
    names = [tensor.name for tensor in config.inputs]
    if name not in names:
        have = ", ".join(f'"{each}"' for each in names)
        message = f'preprocess: the model has no input "{name}".{suggestion(name, names)}'
        yield _fault(group, f"{message} It has {have}")
    padded = config.padding is not None and name in config.padding.inputs
    if padded and group.declared.text is None:
        message = f'padding.inputs: "{name}" has one size, as preprocess.{group.tensor} makes it'
        yield Fault(("padding", "inputs", name), message)


def _check_mask(config: ModelConfig, group: RawGroup) -> Iterator[Fault]:
    """The rows of one request differ in length too, of which only the text knows."""
    text, padding = group.declared.text, config.padding
    if text is None or padding is None or padding.mask in (None, text.mask):
        return
    at = ("preprocess", group.tensor, "text", "mask")
    message = f'preprocess.{group.tensor}.text.mask: should be "{padding.mask}", as padding.mask is'
    yield Fault(at, message)


def _fault(group: RawGroup, message: str) -> Fault:
    return Fault(("preprocess", group.tensor), message)


def _several_lengths(config: ModelConfig) -> Iterator[Fault]:
    """A request has one length."""
    dynamic = {tensor.name for tensor in config.inputs if -1 in tensor.dims}
    texts = [
        group
        for group in raw_groups(config)
        if group.declared.text is not None and group.tensor in dynamic
    ]
    for group in texts[1:]:
        own = f"texts for {texts[0].tensor} have a length of their own too"
        fix = "export one of the two with a fixed length"
        yield _fault(group, f"preprocess.{group.tensor}: {own}; {fix}")


def _ambiguous(config: ModelConfig) -> Iterator[Fault]:
    """The datatype must tell apart what has one name; of a model's UINT8 planes and pixels the
    shape does."""
    seen = {
        (tensor.name, tensor.datatype): "the model's input"
        for tensor in config.inputs
        if tensor.datatype != "UINT8" or _may_be_pixels(tensor.dims, config.batched)
    }
    for group in raw_groups(config):
        for tensor in _all(group.ways):
            what = (tensor.name, tensor.datatype)
            if what in seen:
                message = f'preprocess.{group.tensor}: "{tensor.name}" of {tensor.datatype}'
                yield _fault(group, f"{message} is {seen[what]} too; give it another name")
            seen[what] = f"sent for preprocess.{group.tensor}"


def _may_be_pixels(dims: Sequence[int], batched: bool) -> bool:
    return len(dims) == (3 if batched else 4) and dims[-1] in (-1, 3)


def _all(ways: Iterable[tuple[TensorConfig, ...]]) -> Iterator[TensorConfig]:
    for way in ways:
        yield from way


def _group(tensor: str, declared: Preprocess) -> RawGroup:
    name = declared.name or tensor
    one = TensorConfig(name=name, datatype="BYTES", dims=_ONE)
    if declared.columns is not None:
        return RawGroup((tensor,), (_columns(declared.columns), (one,)), declared)
    if declared.text is not None:
        return RawGroup((tensor, *_beside(declared.text)), ((one,),), declared)
    pixels = TensorConfig(name=name, datatype="UINT8", dims=(-1, -1, 3))
    return RawGroup((tensor,), ((one,), (pixels,)), declared)


def _columns(config: ColumnsConfig) -> tuple[TensorConfig, ...]:
    return tuple(
        TensorConfig(name=name, datatype=datatype, dims=_ONE)
        for name, datatype in config.columns.items()
    )


def _beside(config: TextConfig) -> tuple[str, ...]:
    return tuple(name for name in (config.mask, config.types) if name is not None)
