"""The part of the specification that says how pictures become an input of the model."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from server.config.strict import ConflictError, Strict

Format = Literal["jpeg", "png", "webp"]
Side = Annotated[int, Field(ge=1, le=65535)]  # pixels
Level = Annotated[int, Field(ge=0, le=255)]
Factor = Annotated[float, Field(ge=1e-9, le=1e9, allow_inf_nan=False)]
Number = Annotated[float, Field(ge=-1e9, le=1e9, allow_inf_nan=False)]
Channels = Annotated[tuple[Number, ...], Field(min_length=1, max_length=3)]
Deviations = Annotated[tuple[Factor, ...], Field(min_length=1, max_length=3)]


class ImageConfig(Strict):
    """Pictures become values = (pixel * scale - mean) / std, pixels being 0 to 255. Integers are
    rounded and clipped."""

    formats: Annotated[tuple[Format, ...], Field(min_length=1)] = ("jpeg", "png", "webp")
    color: Literal["rgb", "bgr", "gray"] = "rgb"  # channels of the input, in this order
    # Of the input: channels first or last. None: what its dims say; with 3 x H x 3, nchw.
    layout: Literal["nchw", "nhwc"] | None = None
    # Height and width of the input; None: the model's, which must then be fixed.
    size: tuple[Side, Side] | None = None
    # stretch: to that size. shortest: the shorter side becomes shorter_side, then the centre is
    # cut out. fit: the whole picture in the middle, the rest is pad_color.
    resize: Literal["stretch", "shortest", "fit"] = "stretch"
    shorter_side: Side | None = None  # pixels; None: the larger of height and width
    filter: Literal["box", "bilinear", "bicubic"] = "bilinear"  # antialiased, as Pillow does
    pad_color: tuple[Level, Level, Level] = (0, 0, 0)  # red, green, blue
    orientation: bool = True  # turn a picture upright by its EXIF
    scale: Factor | None = None  # None: 1/255 for floating-point inputs, 1 for integers
    # By channel in the order of `color`, or one number for all, in units of pixel * scale.
    mean: Channels = (0.0,)
    std: Deviations = (1.0,)
    # auto: a JPEG is decoded to 1/2, 1/4 or 1/8 of its size where that is still as large as what
    # it is resized to; faster, and a little different.
    scaled_decoding: Literal["auto", "off"] = "auto"
    max_pixels: Annotated[int, Field(ge=1, le=65535**2)] = 40_000_000  # before it is decoded
    max_bytes: Annotated[int, Field(ge=1, le=2**31 - 1)] = 32 << 20  # of one encoded picture
    max_scans: Annotated[int, Field(ge=1, le=10_000)] = 50  # of a progressive JPEG

    @property
    def channels(self) -> int:
        return 1 if self.color == "gray" else 3

    @model_validator(mode="after")
    def _numbers_are_for_channels(self) -> Self:
        for key, numbers in (("mean", self.mean), ("std", self.std)):
            if len(numbers) not in (1, self.channels):
                expected = "1 number" if self.channels == 1 else "1 or 3 numbers"
                message = f"{len(numbers)} numbers should be {expected} with color: {self.color}"
                raise ConflictError((key,), message)
        return self

    @model_validator(mode="after")
    def _options_have_an_effect(self) -> Self:
        if self.shorter_side is not None and self.resize != "shortest":
            raise ConflictError(("shorter_side",), f"goes with resize: shortest, not {self.resize}")
        if self.pad_color != (0, 0, 0) and self.resize != "fit":
            raise ConflictError(("pad_color",), f"goes with resize: fit, not {self.resize}")
        return self
