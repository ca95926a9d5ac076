"""What goes wrong with columns, for training scripts."""


class ColumnsError(ValueError):
    """Options, a transformer or data that cannot be used; says which and why."""
