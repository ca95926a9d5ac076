"""What stops the proof."""


class ProofError(Exception):
    """What was expected, what came, and where; in one line, or with a log's end below it."""
