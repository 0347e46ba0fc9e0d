"""Arrays with no knowledge of land: whole numbers that add up, elementary functions, draws.

In and out: plain NumPy arrays. Float64 becomes int64 once (`quantise`); whole numbers are
split (`largest_remainder`) and summed (`group_sum_int64`) exactly.
"""

from ecogis.numerics.draws import normals, stream_keys, uniforms
from ecogis.numerics.elementary import exp, expm1, log, power
from ecogis.numerics.lookup import interpolated
from ecogis.numerics.rounding import largest_remainder, quantise
from ecogis.numerics.sums import group_sum_int64

__all__ = [
    "exp",
    "expm1",
    "group_sum_int64",
    "interpolated",
    "largest_remainder",
    "log",
    "normals",
    "power",
    "quantise",
    "stream_keys",
    "uniforms",
]
