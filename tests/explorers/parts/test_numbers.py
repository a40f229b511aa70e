"""Numbers in the line of text under a panel."""

import pytest

from deeplearn_utils.explorers.parts.numbers import fixed, in_powers


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.0, "1.0"),
        (9.96, "10"),
        (99.6, "100"),
        (0.00123, "0.0012"),
        (999.0, "1000"),
        (9999.0, "1.0 × 10⁴"),
        (-2.5e-12, "\N{MINUS SIGN}2.5 × 10⁻¹²"),
        (-0.0, "0"),
    ],
)
def test_two_significant_digits(value, text):
    assert in_powers(value) == text


def test_decimals():
    assert [fixed(value, 1) for value in (-0.04, 2.25, -1.0)] == [
        "0.0",
        "2.2",
        "\N{MINUS SIGN}1.0",
    ]
