"""The part of the specification that says what becomes of outputs before they are answered."""

from server.config.strict import Strict


class Postprocess(Strict):
    """Of one output."""

    softmax: bool = False  # answer probabilities over the last axis
