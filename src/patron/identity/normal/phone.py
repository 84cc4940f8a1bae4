"""Phone numbers in E.164."""

from __future__ import annotations

from patron.identity.normal.text import Refusal


def phone(text: str, region: str | None) -> str | Refusal:
    """A phone number in E.164.

    Args:
        text: International, or national in the given region.
        region: ISO 3166 country in which national numbers are read; None: they are refused.

    >>> phone("030 1234567", "DE")
    '+49301234567'
    >>> phone("030 1234567", None).reason
    'This phone number names no country, and no default region is set.'
    """
    import phonenumbers

    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException as error:
        if region is None and error.error_type == error.INVALID_COUNTRY_CODE:
            return Refusal(
                "This phone number names no country, and no default region is set.", "no_country"
            )
        return Refusal("This is not a phone number.", "no_phone")
    if number.extension:
        return Refusal(
            "This phone number names an extension, so many people share it.", "phone_extension"
        )
    if not phonenumbers.is_valid_number(number):
        return Refusal("No such phone number can exist in its country.", "impossible_phone")
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
