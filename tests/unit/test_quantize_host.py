"""What a processor's flags mean for `quantize`."""

import pytest

from server.quantize.host import computes_bf16, saturates

HASWELL = {"avx2", "fma"}


@pytest.mark.parametrize(
    ("flags", "bf16", "overflows"),
    [
        (HASWELL, False, True),
        (HASWELL | {"avx512_vnni"}, False, False),
        (HASWELL | {"avx512_vnni", "avx512_bf16"}, True, False),
        (HASWELL | {"amx_bf16", "amx_int8"}, True, False),
        (set(), False, False),  # ARM
    ],
)
def test_flags(flags: set[str], bf16: bool, overflows: bool) -> None:
    assert (computes_bf16(flags), saturates(flags)) == (bf16, overflows)
