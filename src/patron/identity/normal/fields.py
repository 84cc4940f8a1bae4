"""What is known of a person, in forms that compare: what record linkage reads.

These are no identifiers: two people may have the same name and birthday. They are made for
comparing and never shown; the traits keep what was received.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from patron.identity.normal import addresses, birthdays, countries, names
from patron.identity.normal.email import Mailboxes, email
from patron.identity.normal.phone import phone
from patron.identity.normal.text import matching, tidy
from patron.spec.email_providers import STANDARD

FIELDS = (
    "given_name", "family_name", "full_name", "birthday", "street", "house_number", "unit",
    "postcode", "city", "state", "country", "email", "phone", "national_id",
)  # fmt: skip
"""The names that `normal_fields` gives."""

TRAITS = {
    "given_name": ("firstname", "givenname", "forename", "first", "vorname", "imie", "prenom",
        "voornaam", "fornamn", "fornavn"),
    "family_name": ("lastname", "familyname", "surname", "last", "nachname", "nazwisko",
        "nomdefamille", "apellido", "apellidos", "cognome", "achternaam", "apelido",
        "sobrenome", "efternamn", "efternavn", "etternavn"),
    "full_name": ("fullname", "name", "displayname", "customername", "nomcomplet",
        "nombrecompleto", "nom", "nombre", "nome", "nomecompleto", "naam", "navn", "namn",
        "imienazwisko", "imieinazwisko"),
    "birthday": ("birthday", "birthdate", "dateofbirth", "dob", "geburtsdatum", "dataurodzenia",
        "datedenaissance", "datenaissance", "fechadenacimiento", "fechanacimiento",
        "datadinascita", "geboortedatum", "datadenascimento", "datanascimento", "fodselsdato",
        "fodselsdag", "fodelsedatum"),
    "street": ("street", "streetaddress", "address1", "addressline1", "line1", "strasse",
        "ulica", "rue", "calle", "straat", "rua", "streetname"),
    "house_number": ("housenumber", "streetnumber", "hausnummer", "nrdomu", "houseno",
        "huisnummer"),
    "unit": ("unit", "apartment", "flat", "nrmieszkania"),
    "postcode": ("postcode", "postalcode", "zip", "zipcode", "plz", "kodpocztowy", "codepostal",
        "codigopostal", "postnummer", "postnr", "zippostalcode"),
    "city": ("city", "town", "suburb", "locality", "ort", "stadt", "miasto", "miejscowosc",
        "ville", "ciudad", "citta", "comune", "plaats", "woonplaats", "cidade", "stad"),
    "state": ("state", "province", "region", "county", "bundesland", "wojewodztwo", "provincia",
        "provincie"),
    "country": ("country", "countrycode", "land", "kraj", "pays", "pais", "paese", "landcode"),
    "email": ("email", "emailaddress", "mail", "courriel", "correo", "correoelectronico",
        "mailaddress", "epost"),
    "phone": ("phone", "phonenumber", "mobile", "mobilephone", "telephone", "telefon",
        "phoneno", "mobilenumber", "mobileno", "cell", "cellphone", "cellphonenumber",
        "telephonenumber", "telefono", "telefone", "telefoon", "telefoonnummer",
        "telefonnummer", "telefoonnr", "movil", "celular", "handy", "mobil"),
    "national_id": ("nationalid", "nationalidnumber", "nationalnumber", "socialsecuritynumber",
        "socialsecurity", "socialsecurityid", "socsecid", "socsec", "ssn", "taxid", "taxnumber",
        "nationalinsurancenumber", "nino", "nhsnumber", "pesel", "bsn", "personnummer", "cpf",
        "dni", "codicefiscale", "passportnumber"),
}  # fmt: skip
"""Traits that tell of a field, the first that has a value counts; without case, accents, ``_`` and
``-``."""

NAME_TRAITS = {field: TRAITS[field] for field in ("given_name", "family_name", "full_name")}
"""Those of them that tell what somebody is called."""

_LINE = ("street", "house_number", "unit")
_ADDRESS = ("address", "homeaddress", "billingaddress", "shippingaddress", "adresse", "adres")
_SHORTEST_NUMBER = 5
_MAILBOXES = Mailboxes(STANDARD)


def normal_fields(
    traits: Mapping[str, Any], region: str | None = None, *, as_of: date | None = None
) -> dict[str, str]:
    """The fields of a person in forms that compare.

    Args:
        traits: As received, such as ``firstName`` or ``date_of_birth``; those of an ``address``
            object are read too.
        region: ISO 3166 country in which to read postcodes, phone numbers and days, where the
            traits name none.
        as_of: The day that the traits were told on; a later birthday is refused.

    Returns:
        Some of `FIELDS`. A field is absent when it is missing, cannot be read, or is a
        placeholder. ``full_name`` is given and family name, whichever traits they came from.

    >>> normal_fields({"name": "Müller, Zoë", "dob": "7.3.1985", "address": {
    ...     "street": "Hauptstraße 5", "postalCode": "10115", "country": "Germany"}})
    ... # doctest: +NORMALIZE_WHITESPACE
    {'given_name': 'zoe', 'family_name': 'muller', 'full_name': 'zoe muller',
     'birthday': '1985-03-07', 'street': 'hauptstr', 'house_number': '5', 'postcode': '10115',
     'country': 'DE'}
    """
    told = _told(traits)
    found: dict[str, str | None] = dict.fromkeys(FIELDS)
    found["country"] = countries.country(_text(told, "country"))
    region = found["country"] or region
    _names(found, told)
    found["birthday"] = birthdays.birthday(told.get("birthday"), region, as_of=as_of)
    _address(found, told, region)
    if address := _text(told, "email"):
        spelled = email(tidy(address))
        found["email"] = _MAILBOXES.mailbox(spelled) if isinstance(spelled, str) else None
    if number := _text(told, "phone"):
        called = phone(number, region)
        found["phone"] = called if isinstance(called, str) else None
    found["national_id"] = _number(_text(told, "national_id"))
    return {name: value for name, value in found.items() if value}


def normal_field(field: str, text: str, region: str | None = None) -> str | None:
    """One field of a person in the form that compares; None when it cannot be read.

    Args:
        field: One of `FIELDS`.
        text: As received.
        region: ISO 3166 country in which to read it.

    >>> normal_field("birthday", "7.3.1985"), normal_field("postcode", "1067", "DE")
    ('1985-03-07', '01067')
    """
    found = normal_fields({TRAITS[field][0]: text}, region)
    if field == "street":
        return " ".join(found[part] for part in _LINE if part in found) or None
    return found.get(field)


def field_of(trait: str) -> str | None:
    """The field that a trait tells of; None when it is none of them.

    >>> field_of("dateOfBirth"), field_of("favourite_colour")
    ('birthday', None)
    """
    return _PLACES.get(_folded(trait), (0, None))[1]


def tells(trait: str) -> bool:
    """Whether `normal_fields` reads a trait.

    >>> tells("dateOfBirth"), tells("address"), tells("favourite_colour")
    (True, True, False)
    """
    return field_of(trait) is not None or _folded(trait) in _ADDRESS


_PLACES = {
    trait: (place, field) for field, known in TRAITS.items() for place, trait in enumerate(known)
}
"""Per trait its field, and its place among the traits of that field."""


def _names(found: dict[str, str | None], told: dict[str, Any]) -> None:
    given = names.given_name(_text(told, "given_name"))
    family = names.family_name(_text(told, "family_name"))
    if not (given and family) and (text := _text(told, "full_name")):
        given, family = _completed(given, family, names.full_name(text) or names.Name("", ""))
    found["given_name"], found["family_name"] = given, family
    found["full_name"] = names.Name(given or "", family or "").full


def _number(text: str) -> str | None:
    """The letters and digits of a number that a state gave; None of too few, or of one alone."""
    plain = matching(text).replace(" ", "")
    return plain if len(set(plain)) > 1 and len(plain) >= _SHORTEST_NUMBER else None


def _completed(given: str | None, family: str | None, whole: names.Name) -> tuple[str, str]:
    """Both names, where one was told by itself: a name without that one is all of the other.

    So ``nombre: María José`` beside ``apellidos: García`` is a given name.
    """
    if family and family not in whole.full:
        return whole.full, family
    if given and given not in whole.full:
        return given, whole.full
    return given or whole.given, family or whole.family


def _address(found: dict[str, str | None], told: dict[str, Any], region: str | None) -> None:
    line = addresses.street(_text(told, "street"), region)
    if line is not None:
        found["street"], found["house_number"], found["unit"] = line
    found["house_number"] = (
        addresses.house_number(_text(told, "house_number")) or found["house_number"]
    )
    found["unit"] = matching(_text(told, "unit")) or found["unit"]
    found["postcode"] = addresses.postcode(_text(told, "postcode"), region)
    for name in ("city", "state"):
        found[name] = addresses.place(_text(told, name))


def _text(told: Mapping[str, Any], field: str) -> str:
    """The text of a field, or nothing: whole numbers are text too."""
    value = told.get(field)
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _told(traits: Mapping[str, Any]) -> dict[str, Any]:
    """The first value of each field that the traits tell of, an address object's last."""
    told: dict[str, Any] = {}
    for part in _parts(traits):
        places: dict[str, int] = {}
        for name, value in part.items():
            place, field = _PLACES.get(_folded(name), (0, None))
            if field is None or value is None or (isinstance(value, str) and not value.strip()):
                continue
            if field not in told or place < places.get(field, 0):
                told[field], places[field] = value, place
    return told


def _parts(traits: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    yield traits
    parts = {_folded(name): value for name, value in traits.items() if _folded(name) in _ADDRESS}
    for name in _ADDRESS:
        part = parts.get(name)
        if isinstance(part, Mapping):
            yield part
        elif isinstance(part, str) and part.strip():
            yield {"street": part}


@lru_cache(maxsize=4_096)
def _folded(name: str) -> str:
    plain = name if name.isascii() else matching(name)
    return "".join(character for character in plain.lower() if character.isalnum())
