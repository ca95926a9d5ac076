"""What ends the command."""


class QuantizeError(Exception):
    """One line: what is wrong, where, and how to mend it."""
