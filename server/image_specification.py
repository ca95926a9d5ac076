"""The engine's form of how pictures become an input."""

from collections.abc import Sequence

from server.config.image_spec import ImageConfig
from server.config.lines import Location
from server.engine import ImageSpec

_FLOATS = ("FP32", "FP16", "BF16")
_INTEGERS = ("UINT8", "INT8")


class ImageError(ValueError):
    """A declaration that does not fit its input. `at`: the place below `image`."""

    def __init__(self, at: Location, message: str) -> None:
        super().__init__(message)
        self.at = at


def image_spec(config: ImageConfig, datatype: str, dims: Sequence[int]) -> ImageSpec:
    """`dims`: the input's, -1 is any size; the last three are the picture's, a batch dimension or
    a 1 may come first. Raises ImageError."""
    if datatype not in (*_FLOATS, *_INTEGERS):
        allowed = ", ".join((*_FLOATS, *_INTEGERS))
        raise ImageError((), f"the input is {datatype}; pictures become {allowed}")
    layout, height, width = _picture(config, dims)
    largest = max(height, width)
    shorter = config.shorter_side or largest
    if config.resize == "shortest" and shorter < largest:
        message = f"{shorter} should be {largest} or more: {height} x {width} is cut out of it"
        raise ImageError(("shorter_side",), message)
    scale = config.scale if config.scale is not None else 1 / 255 if datatype in _FLOATS else 1.0
    _check_units(config, scale)
    repeat = 3 // len(config.mean), 3 // len(config.std)
    return ImageSpec(
        datatype=datatype,
        height=height,
        width=width,
        layout=layout,
        color=config.color,
        formats=config.formats,
        resize=config.resize,
        shorter_side=shorter,
        filter=config.filter,
        pad_color=config.pad_color,
        orient=config.orientation,
        scaled_decoding=config.scaled_decoding == "auto",
        scale=scale,
        mean=config.mean * repeat[0],
        std=config.std * repeat[1],
        max_pixels=config.max_pixels,
        max_bytes=config.max_bytes,
        max_scans=config.max_scans,
    )


def height_and_width(config: ImageConfig, dims: Sequence[int]) -> tuple[int, int]:
    """Of the input, in pixels; `dims` as above. Raises ImageError."""
    _, height, width = _picture(config, dims)
    return height, width


def _picture(config: ImageConfig, dims: Sequence[int]) -> tuple[str, int, int]:
    """Layout, height and width."""
    shown = list(dims)
    if len(dims) not in (3, 4) or (len(dims) == 4 and dims[0] not in (-1, 1)):
        raise ImageError((), f"the input has the shape {shown}; a picture needs 3 dimensions")
    picture = list(dims[-3:])
    layout = config.layout or _layout(config, picture)
    first = layout == "nchw"
    channels = picture[0] if first else picture[2]
    if channels not in (-1, config.channels):
        key = "layout" if config.layout else "color"
        message = f"{layout} with color: {config.color} needs {config.channels} channels"
        raise ImageError((key,), f"{message}, but the input has the shape {shown}")
    height, width = picture[1:] if first else picture[:2]
    return layout, *_size(config, height, width, shown)


def _layout(config: ImageConfig, picture: Sequence[int]) -> str:
    if picture[0] == config.channels:
        return "nchw"
    if picture[2] == config.channels:
        return "nhwc"
    message = f"is needed: the shape {list(picture)} does not say where the {config.channels}"
    raise ImageError(("layout",), f"{message} channels are")


def _size(config: ImageConfig, height: int, width: int, shown: list[int]) -> tuple[int, int]:
    if config.size is None:
        if height < 1 or width < 1:
            raise ImageError(("size",), f"is needed: the input has the shape {shown}")
        return height, width
    if height not in (-1, config.size[0]) or width not in (-1, config.size[1]):
        message = f"{list(config.size)} should be the input's height and width"
        raise ImageError(("size",), f"{message}: it has the shape {shown}")
    return config.size


def _check_units(config: ImageConfig, scale: float) -> None:
    """A mean no pixel comes near is one in other units."""
    highest = max(abs(mean) for mean in config.mean)
    if highest > 255 * scale * 1.01:
        message = f"{highest:g} lies outside the scaled pixels, which are 0 to {255 * scale:g}"
        raise ImageError(("mean",), f"{message}; set scale: 1 for a mean of pixels from 0 to 255")
