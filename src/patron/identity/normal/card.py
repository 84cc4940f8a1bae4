"""Numbers of loyalty cards and the like, and their check digits."""

from __future__ import annotations

import re

from patron.identity.normal.text import Refusal, wide
from patron.spec.identifiers import CheckDigit

_BETWEEN = re.compile(r"[\s./\\-]+")
_UPC_DIGITS = 12


def card(text: str, check: CheckDigit | None = None) -> str | Refusal:
    """A card's number in capitals, without what only groups its digits.

    Args:
        text: As printed, typed or scanned.
        check: How its last digit follows from the others; None: it need not. Of ``ean13`` the
            12 digits of an American code get the 0 in front that they stand for.

    >>> card("27 60-1234"), card("4539 1488 0343 6467", "luhn"), card("036000291452", "ean13")
    ('27601234', '4539148803436467', '0036000291452')
    >>> card("4539 1488 0343 6468", "luhn").reason
    'The check digit of this number is wrong.'
    """
    plain = text.isascii() and text.isalnum()
    number = (text if plain else _BETWEEN.sub("", wide(text))).upper()
    if not number:
        return Refusal("This is not a card number.", "no_card")
    if check is None:
        return number
    if not (number.isascii() and number.isdigit()):
        return Refusal("This is not a card number: expected digits.", "card_digits")
    if check == "ean13":
        number = f"0{number}" if len(number) == _UPC_DIGITS else number
        right = len(number) == _UPC_DIGITS + 1 and _ean(number)
    else:
        right = len(number) > 1 and _luhn(number)
    return number if right else Refusal("The check digit of this number is wrong.", "check_digit")


def _luhn(number: str) -> bool:
    """Every second digit from the right counts twice, its digits summed."""
    total = sum(int(digit) for digit in number[-1::-2])
    total += sum(2 * int(digit) - (9 if digit > "4" else 0) for digit in number[-2::-2])
    return total % 10 == 0


def _ean(number: str) -> bool:
    """Every second digit from the right counts three times."""
    total = sum(int(digit) for digit in number[-1::-2])
    return (total + 3 * sum(int(digit) for digit in number[-2::-2])) % 10 == 0
