"""The standard normal density and distribution, from array API operations alone."""

import math
from typing import Any

from ..arrays import Array

_CENTER_P = (
    6.5682337918207449113e-2, 2.2352520354606839287, 1.6102823106855587881e2,
    1.0676894854603709582e3, 1.8154981253343561249e4,
)  # fmt: skip
_CENTER_Q = (
    1.0, 4.7202581904688241870e1, 9.7609855173777669322e2, 1.0260932208618978205e4,
    4.5507789335026729956e4,
)  # fmt: skip
_MIDDLE_P = (
    1.0765576773720192317e-8, 3.9894151208813466764e-1, 8.8831497943883759412,
    9.3506656132177855979e1, 5.9727027639480026226e2, 2.4945375852903726711e3,
    6.8481904505362823326e3, 1.1602651437647350124e4, 9.8427148383839780218e3,
)  # fmt: skip
_MIDDLE_Q = (
    1.0, 2.2266688044328115691e1, 2.3538790178262499861e2, 1.5193775994075548050e3,
    6.4855582982667607550e3, 1.8615571640885098091e4, 3.4900952721145977266e4,
    3.8912003286093271411e4, 1.9685429676859990727e4,
)  # fmt: skip
_TAIL_P = (
    2.307344176494017303e-2, 2.1589853405795699e-1, 1.274011611602473639e-1,
    2.2235277870649807e-2, 1.421619193227893466e-3, 2.9112874951168792e-5,
)  # fmt: skip
_TAIL_Q = (
    1.0, 1.28426009614491121, 4.68238212480865118e-1, 6.59881378689285515e-2,
    3.78239633202758244e-3, 7.29751555083966205e-5,
)  # fmt: skip
_FIRST, _SECOND, _LARGEST = 0.67448975, math.sqrt(32.0), 40.0


def _ratio(x: Array, numerator: tuple[float, ...], denominator: tuple[float, ...]) -> Array:
    p, q = numerator[0] + 0.0 * x, denominator[0] + 0.0 * x
    for a, b in zip(numerator[1:], denominator[1:], strict=True):
        p, q = p * x + a, q * x + b
    return p / q


def density(xp: Any, z: Array) -> Array:
    """Return φ(z) = exp(-z² / 2) / √(2π), elementwise."""
    z = xp.minimum(xp.abs(z), _LARGEST)  # φ(40) is 0; the bound keeps infinity out of the products
    return xp.exp(-0.5 * z * z) / math.sqrt(2.0 * math.pi)


def distribution(xp: Any, z: Array) -> Array:
    """Return Φ(z), the probability that a standard normal variable is at most z, elementwise.

    Three rational functions, for |z| up to 0.67, up to √32, and beyond; relative error near
    machine precision in the left tail too. Source: W. J. Cody, "Rational Chebyshev approximations
    for the error function", Mathematics of Computation 23 (1969).
    """
    y = xp.minimum(xp.abs(z), _LARGEST)
    near = xp.minimum(y, _FIRST)
    middle = xp.minimum(y, _SECOND)
    far = 1.0 / xp.square(xp.maximum(y, _SECOND))
    center = 0.5 + xp.sign(z) * near * _ratio(near * near, _CENTER_P, _CENTER_Q)
    φ = density(xp, y)
    scaled_tail = xp.where(
        y <= _SECOND,
        math.sqrt(2.0 * math.pi) * _ratio(middle, _MIDDLE_P, _MIDDLE_Q),
        (1.0 - math.sqrt(2.0 * math.pi) * far * _ratio(far, _TAIL_P, _TAIL_Q))
        / xp.maximum(y, _SECOND),
    )
    tail = φ * scaled_tail
    outside = xp.where(z > 0.0, 1.0 - tail, tail)
    return xp.where(y <= _FIRST, center, outside)
