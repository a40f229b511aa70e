"""Which array libraries this run tests, and why it leaves one out."""

import pytest

from tests.libraries import LIBRARIES, reason_to_skip


@pytest.mark.parametrize("name", LIBRARIES)
def test_every_library_is_here_or_says_why_not(name):
    reason = reason_to_skip(LIBRARIES[name].name)
    if reason:
        pytest.skip(reason)


def test_a_fixture_makes_what_it_says(lib):
    x = lib.array([1.0, 2.0])
    assert lib.holds(x, like=x)
