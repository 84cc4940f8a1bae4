"""Country, region and time zone, from phone numbers, locales and addresses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib import resources
from typing import Any

import phonenumbers

from patron.identity.normal.countries import COUNTRIES, country, region
from patron.spec.enrichment import Reads
from patron.spec.traits import Basis, Provenance

Values = Mapping[str, Any]


class FromPhone:
    """Country, region and time zone from the prefix of a phone number."""

    version = 1
    reads = Reads("identifiers", ("phone",))
    gives = ("phone_country", "phone_region", "phone_time_zone")
    provenance: Provenance = "first"
    basis: Basis = "inferred"

    def derive(self, inputs: Sequence[Values]) -> Sequence[Values]:
        """Numbers are in international form, as normal forms are."""
        return [self._of(said.get("phone")) for said in inputs]

    def _of(self, number: Any) -> Values:  # noqa: ANN401 - any JSON value
        # The tables of places are large: only who uses them loads them.
        from phonenumbers import geocoder, timezone

        try:
            parsed = phonenumbers.parse(str(number))
        except phonenumbers.NumberParseException:
            return {}
        code = phonenumbers.region_code_for_number(parsed)
        if code not in COUNTRIES:
            return {}
        zones = timezone.time_zones_for_number(parsed)
        place = geocoder.description_for_number(parsed, "en")
        return {
            "phone_country": code,
            "phone_region": None if country(place) == code else place or None,
            "phone_time_zone": zones[0] if len(zones) == 1 else time_zone(code),
        }


class FromLocale:
    """Language, country and time zone from what a browser or an app says of itself."""

    version = 1
    reads = Reads("context", ("locale", "timezone"))
    gives = ("locale_language", "locale_country", "locale_time_zone")
    provenance: Provenance = "first"
    basis: Basis = "inferred"

    def derive(self, inputs: Sequence[Values]) -> Sequence[Values]:
        """A time zone that is told goes before that of the country."""
        return [self._of(said) for said in inputs]

    def _of(self, said: Values) -> Values:
        locale, told = said.get("locale"), said.get("timezone")
        found: dict[str, Any] = {}
        if isinstance(locale, str):
            language = locale.replace("_", "-").partition("-")[0].lower()
            if language.isascii() and language.isalpha() and len(language) in (2, 3):
                found["locale_language"] = language
                code = found["locale_country"] = region(locale)
                found["locale_time_zone"] = time_zone(code)
        if isinstance(told, str) and told in _zones():
            found["locale_time_zone"] = told
        return found


class FromAddress:
    """Country, region and time zone from the address that a customer gave."""

    version = 1
    reads = Reads("traits", ("address", "country", "region", "state"))
    gives = ("address_country", "address_region", "address_time_zone")
    provenance: Provenance = "first"
    basis: Basis = "inferred"

    def derive(self, inputs: Sequence[Values]) -> Sequence[Values]:
        """Traits of their own go before those inside the address."""
        return [self._of(said) for said in inputs]

    def _of(self, said: Values) -> Values:
        address = said.get("address")
        within = address if isinstance(address, dict) else {}
        named = _text(said, "country") or _text(within, "country", "country_code")
        code = country(named) if named else None
        return {
            "address_country": code,
            "address_region": _text(said, "region", "state")
            or _text(within, "region", "state", "province"),
            "address_time_zone": time_zone(code),
        }


def _text(values: Values, *names: str) -> str | None:
    """The first of some values that is a text with something in it."""
    for name in names:
        value = values.get(name)
        if isinstance(value, str) and value.strip():
            return value.strip()
    return None


def time_zone(code: str | None) -> str | None:
    """The time zone of a country that has but one.

    >>> time_zone("NL"), time_zone("US")
    ('Europe/Amsterdam', None)
    """
    zones = _by_country().get(code or "", [])
    return zones[0] if len(zones) == 1 else None


@lru_cache(1)
def _by_country() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    table = resources.files("tzdata.zoneinfo").joinpath("zone.tab").read_text("utf-8")
    for line in table.splitlines():
        if not line.startswith("#"):
            code, _, zone, *_ = line.split("\t")
            found.setdefault(code, []).append(zone)
    return found


@lru_cache(1)
def _zones() -> frozenset[str]:
    return frozenset(zone for zones in _by_country().values() for zone in zones)
