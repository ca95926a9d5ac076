"""Numbers for people."""

import math
from decimal import Decimal


def plain(value: float) -> str:
    """Three significant digits without an exponent."""
    return format(Decimal(f"{value:.3g}"), "f") if math.isfinite(value) else str(value)
