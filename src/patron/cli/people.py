"""`patron person`."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from patron.access.passwords import check
from patron.cli import options
from patron.cli.asking import Answer, show_answer
from patron.cli.client import Client, connect
from patron.cli.terminal import facts, moment, plural, say, show_json, table
from patron.errors import InputError, NotFoundError

Email = Annotated[str, typer.Argument(help="The person's e-mail address.")]
Name = Annotated[str | None, typer.Option(help="As others see it.", metavar="NAME")]
Role = Annotated[
    str | None,
    typer.Option(help="What they may do.", metavar="admin|marketer|analyst|support|read-only"),
]
Language = Annotated[
    str | None, typer.Option(help="What the console speaks to them.", metavar="en|pl|th")
]

group = typer.Typer(help="People who may sign in, and their roles.", no_args_is_help=True)


@group.command("list")
def list_people(workspace: options.Folder = None, as_json: options.Json = False) -> None:
    """List everybody who may sign in."""
    show_answer(workspace, "/people", _show_people, as_json=as_json)


def _show_people(answer: Answer) -> None:
    table(
        ["e-mail", "name", "role", "state", "last seen", "waits until"],
        [
            [one["email"], one["name"], one["role"], one["state"], moment(one["seen_at"]),
             moment(one["locked_until"])]
            for one in answer["data"]
        ],
    )  # fmt: skip
    say(plural(len(answer["data"]), "person", "people"))


@group.command()
def add(
    email: Email,
    role: Annotated[
        str,
        typer.Option(help="What they may do.", metavar="admin|marketer|analyst|support|read-only"),
    ],
    name: Name = None,
    language: Language = None,
    ask: Annotated[
        bool, typer.Option("--password", help="Ask for a password now, on the terminal.")
    ] = False,
    from_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input.")
    ] = False,
    workspace: options.Folder = None,
    as_json: options.Json = False,
) -> None:
    """Invite somebody.

    Prints a link with which they choose their password, once. With --password or
    --password-stdin the password is set at once instead.
    """
    password = _password(email, ask=ask, from_stdin=from_stdin)
    body = {"email": email, "name": name or email.partition("@")[0], "role": role,
            "language": language or "en"}  # fmt: skip
    with connect(workspace) as client:
        made = client.post("/people", body)
        found = _with_password(client, made, password)
    _show(found, as_json=as_json)


@group.command()
def invite(
    email: Email,
    ask: Annotated[
        bool, typer.Option("--password", help="Ask for a password now, on the terminal.")
    ] = False,
    from_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input.")
    ] = False,
    workspace: options.Folder = None,
    as_json: options.Json = False,
) -> None:
    """Let somebody choose a password anew; for those who forgot theirs."""
    password = _password(email, ask=ask, from_stdin=from_stdin)
    with connect(workspace) as client:
        made = client.post(f"/people/{_number(client, email)}/invitation", None)
        found = _with_password(client, made, password)
    _show(found, as_json=as_json)


@group.command()
def change(
    email: Email,
    role: Role = None,
    name: Name = None,
    language: Language = None,
    workspace: options.Folder = None,
    as_json: options.Json = False,
) -> None:
    """Give somebody another role, name or language."""
    _change(email, {"role": role, "name": name, "language": language}, workspace, as_json)


@group.command()
def deactivate(
    email: Email, workspace: options.Folder = None, as_json: options.Json = False
) -> None:
    """Sign somebody out everywhere, and let them in no more."""
    _change(email, {"active": False}, workspace, as_json)


@group.command()
def activate(email: Email, workspace: options.Folder = None, as_json: options.Json = False) -> None:
    """Let somebody in again, with the password that they had."""
    _change(email, {"active": True}, workspace, as_json)


@group.command()
def unlock(email: Email, workspace: options.Folder = None, as_json: options.Json = False) -> None:
    """Let somebody try again at once whose sign-ins failed.

    Only a running server knows of failed sign-ins; without one there is nothing to unlock.
    """
    with connect(workspace) as client:
        found = client.post(f"/people/{_number(client, email)}/unlock", None)
    _show({"person": found}, as_json=as_json)


def _change(
    email: str, news: dict[str, Any], workspace: options.Folder, as_json: options.Json
) -> None:
    with connect(workspace) as client:
        found = client.patch(f"/people/{_number(client, email)}", news)
    _show({"person": found}, as_json=as_json)


def _number(client: Client, email: str) -> int:
    for one in client.get("/people")["data"]:
        if one["email"] == email.strip().casefold():
            number: int = one["person_id"]
            return number
    raise NotFoundError(f"Nobody here has the address {email}.")


def _password(email: str, *, ask: bool, from_stdin: bool) -> str | None:
    """The password, never from the command line itself: others could read it there."""
    if ask and from_stdin:
        raise InputError("Give --password or --password-stdin, not both.")
    if not ask and not from_stdin:
        return None
    given: str = (
        sys.stdin.readline().rstrip("\n")
        if from_stdin
        else typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    )
    check(given, email=email)
    return given


def _with_password(client: Client, made: dict[str, Any], password: str | None) -> dict[str, Any]:
    if password is None:
        return _with_address(made, client.url)
    client.post("/invitation", {"code": made["invitation"]["code"], "password": password})
    person = client.get(f"/people/{made['person']['person_id']}")
    return {"person": person}


def _with_address(made: dict[str, Any], url: str | None) -> dict[str, Any]:
    """The link as a browser takes it, where it is known what it is below."""
    link = made["invitation"]["link"]
    if url is None or not link.startswith("/"):
        return made
    return {**made, "invitation": {**made["invitation"], "link": url.rstrip("/") + link}}


def _show(found: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        show_json(found)
        return
    person = found["person"]
    say(f"{person['name']} <{person['email']}>", strong=True)
    facts([("role", person["role"]), ("state", person["state"])])
    if "invitation" in found:
        invitation = found["invitation"]
        facts([("link", invitation["link"]), ("holds until", moment(invitation["until"]))])
        if invitation["link"].startswith("/"):
            say("The link is below the address that `patron serve` says.")
        say("Send them the link: it is shown this once, and holds once.")
