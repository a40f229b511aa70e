"""Numbers as a reader writes them, for the line of text under a panel."""

from __future__ import annotations

RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
MINUS = "\N{MINUS SIGN}"


def in_powers(value: float, digits: int = 2) -> str:
    """Return a number with some significant digits; small and large ones with a power of ten.

    >>> in_powers(0.25), in_powers(-1.5e-7), in_powers(123456.0, 1), in_powers(0.0)
    ('0.25', '−1.5 × 10⁻⁷', '1 × 10⁵', '0')
    """
    if value == 0:
        return "0"
    mantissa, power = f"{value:.{digits - 1}e}".split("e")
    if -3 <= int(power) <= 3:
        text = f"{float(f'{mantissa}e{power}'):.{max(0, digits - 1 - int(power))}f}"
    else:
        text = f"{mantissa} × 10{str(int(power)).translate(RAISED)}"
    return text.replace("-", MINUS)


def fixed(value: float, digits: int = 2) -> str:
    """Return a number with some decimals and a true minus sign, never with a negative zero.

    >>> fixed(-0.25), fixed(-0.001)
    ('−0.25', '0.00')
    """
    return format(value, f"z.{digits}f").replace("-", MINUS)
