"""The NPI's form, on the vectors of the published algorithm."""

from __future__ import annotations

import pytest

from services.edi.npi import is_npi


@pytest.mark.parametrize("npi", ["1234567893", "1679523708", "1992861900", "2990000103"])
def test_a_right_check_digit_is_an_npi(npi: str) -> None:
    assert is_npi(npi)


@pytest.mark.parametrize(
    "text", ["1234567890", "", "123456789", "12345678933", "3234567893", "12345678٣3", "1 34567893"]
)
def test_anything_else_is_none(text: str) -> None:
    assert not is_npi(text)


def test_one_wrong_digit_or_one_swap_of_neighbours_is_found() -> None:
    right = "1679523708"
    for at in range(1, 10):
        for digit in set("0123456789") - {right[at]}:
            assert not is_npi(right[:at] + digit + right[at + 1 :])
        swapped = right[: at - 1] + right[at] + right[at - 1] + right[at + 1 :]
        assert swapped == right or not is_npi(swapped)
