"""Who may sign in, and in which role."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from datetime import timedelta

import pytest

from patron.access.accounts import Accounts
from patron.access.people import INVITATION_DAYS
from patron.clock import ManualClock
from patron.errors import AccessError, ConflictError, InputError, NotFoundError

PASSWORD = "four unrelated words do well"
HOME = "192.0.2.1"


def test_an_invitation_holds_once_and_for_some_days(accounts: Accounts, clock: ManualClock) -> None:
    _, code = accounts.people.add("Ann@Example.com", "  Ann   Lee ", "admin", "pl")
    clock.advance(timedelta(days=INVITATION_DAYS, microseconds=-1))
    assert accounts.people.accept(code, PASSWORD).email == "ann@example.com"
    with pytest.raises(AccessError, match="was used"):
        accounts.people.accept(code, PASSWORD)
    _, again = accounts.people.invite(1)
    clock.advance(timedelta(days=INVITATION_DAYS))
    with pytest.raises(AccessError, match="has expired"):
        accounts.people.accept(again, PASSWORD)
    assert accounts.people.get(1).name == "Ann Lee"


def test_a_new_invitation_makes_the_earlier_code_worthless(accounts: Accounts) -> None:
    _, first = accounts.people.add("ann@example.com", "Ann", "admin")
    _, second = accounts.people.invite(1)
    with pytest.raises(AccessError):
        accounts.people.accept(first, PASSWORD)
    accounts.people.accept(second, PASSWORD)


def test_an_address_is_one_persons(accounts: Accounts) -> None:
    accounts.people.add("ann@example.com", "Ann", "admin")
    with pytest.raises(ConflictError, match=r"ann@example\.com"):
        accounts.people.add("ANN@example.COM", "Ann", "support")
    assert len(accounts.people.all()) == 1


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"email": "nobody"}, "email"),
        ({"name": " "}, "name"),
        ({"name": "\x1b[2J"}, "name"),
        ({"role": "owner"}, "role"),
        ({"language": "de"}, "language"),
    ],
)
def test_what_is_wrong_is_named(accounts: Accounts, given: dict[str, str], field: str) -> None:
    right = {"email": "ann@example.com", "name": "Ann", "role": "admin"}
    with pytest.raises(InputError) as error:
        accounts.people.add(**(right | given))
    assert error.value.field == field
    assert not accounts.people.all()


def test_the_last_admin_stays(accounts: Accounts) -> None:
    accounts.people.add("ann@example.com", "Ann", "admin")
    accounts.people.add("ben@example.com", "Ben", "analyst")
    for news in ({"active": False}, {"role": "analyst"}):
        with pytest.raises(ConflictError, match="last admin"):
            accounts.change_person(1, **news)
    accounts.change_person(2, role="admin")
    accounts.change_person(1, active=False)
    with pytest.raises(ConflictError, match="last admin"):
        accounts.change_person(2, active=False)
    with pytest.raises(NotFoundError):
        accounts.change_person(3, active=False)


def test_without_an_admin_others_can_be_changed_all_the_same(accounts: Accounts) -> None:
    accounts.people.add("ben@example.com", "Ben", "analyst")
    assert accounts.change_person(1, active=False).active is False


def test_who_is_deactivated_is_out_at_once_and_for_good(
    accounts: Accounts, opened: Callable[[], Accounts]
) -> None:
    accounts.people.add("admin@example.com", "Admin", "admin")
    _, code = accounts.people.add("ann@example.com", "Ann", "support")
    cookie = accounts.accept(code, PASSWORD, HOME)
    _, unused = accounts.people.invite(2)
    actor = accounts.with_cookie(cookie)
    assert actor is not None
    assert accounts.still(actor)
    accounts.change_person(2, active=False)
    assert not accounts.still(actor)
    for process in (accounts, opened()):
        assert process.with_cookie(cookie) is None
        with pytest.raises(AccessError):
            process.sign_in("ann@example.com", PASSWORD, HOME)
        with pytest.raises(AccessError):
            process.accept(unused, PASSWORD, HOME)
        with pytest.raises(ConflictError, match="deactivated"):
            process.people.invite(2)
    accounts.change_person(2, active=True)
    assert accounts.with_cookie(cookie) is None
    accounts.sign_in("ann@example.com", PASSWORD, HOME)


def test_who_is_deactivated_is_out_even_when_their_sessions_could_not_be_ended(
    accounts: Accounts, opened: Callable[[], Accounts]
) -> None:
    _, code = accounts.people.add("ann@example.com", "Ann", "support")
    cookie = accounts.accept(code, PASSWORD, HOME)
    accounts.people.change(1, active=False)  # and killed
    assert accounts.with_cookie(cookie) is None
    assert opened().with_cookie(cookie) is None


def test_a_new_role_holds_in_sessions_that_have_begun(accounts: Accounts) -> None:
    _, code = accounts.people.add("ann@example.com", "Ann", "support")
    cookie = accounts.accept(code, PASSWORD, HOME)
    before = accounts.with_cookie(cookie)
    accounts.change_person(1, role="read-only")
    after = accounts.with_cookie(cookie)
    assert before is not None
    assert after is not None
    assert (before.may("profiles:write"), after.may("profiles:write")) == (True, False)
    assert not accounts.still(before)
    assert accounts.still(after)


@pytest.mark.parametrize(
    "password", ["short", "x" * 257, "aaaaaaaaaaaaaaaa", "abababababababab", "my annabel secret"]
)
def test_passwords_that_are_too_plain_are_not_taken(accounts: Accounts, password: str) -> None:
    _, code = accounts.people.add("annabel@example.com", "Ann", "support")
    with pytest.raises(InputError) as error:
        accounts.accept(code, password, HOME)
    assert error.value.field == "password"
    assert password not in error.value.message
    accounts.accept(code, PASSWORD, HOME)  # the code was not used up


def test_a_password_is_the_same_however_its_letters_are_composed(accounts: Accounts) -> None:
    _, code = accounts.people.add("ann@example.com", "Ann", "support")
    accounts.accept(code, "zażółć gęślą jaźń", HOME)
    apart = unicodedata.normalize("NFD", "zażółć gęślą jaźń")
    accounts.sign_in("ann@example.com", apart, HOME)
