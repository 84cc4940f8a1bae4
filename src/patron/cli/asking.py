"""Asking: the API, whose answer goes to the screen, and the person who sits there."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import typer

from patron.cli.client import Query, connect
from patron.cli.terminal import holds_for, plural, say, show_json
from patron.errors import InputError

Answer = dict[str, Any]


def show_answer(
    workspace: Path | None,
    path: str,
    show: Callable[[Answer], None],
    *,
    as_json: bool,
    **query: Query,
) -> None:
    """Ask the API, and show what it answers.

    Args:
        workspace: The workspace; the usual one when None.
        path: Of the question, below the API.
        show: Shows the answer to people.
        as_json: Whether to print the answer as it is instead.
        query: What the question says besides; what is None is left out.

    Raises:
        ProblemError: The answer is a problem document.
    """
    with connect(workspace) as client:
        answer = client.get(path, **query)
    if as_json:
        show_json(answer)
    else:
        show(answer)


def confirm(question: str, yes: bool) -> None:
    """Ask whether to go on, and end the command if not.

    Args:
        question: Such as `Apply this?`.
        yes: It was said beforehand: do not ask.

    Raises:
        InputError: There is nobody to ask.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise InputError(
            "Nothing was changed: there is no terminal to ask on.",
            hint="Say --yes to go on without being asked.",
        )
    typer.confirm(question, abort=True, err=True)


def show_end_of_page(answer: Answer) -> None:
    """Say where the next page of customers begins, how many this one holds, and of when it is."""
    if answer["next"]:
        say(f"\nMore with --cursor {answer['next']}")
    say(f"{plural(len(answer['data']), 'customer')}. {holds_for(answer)}")


def first_identifier(customer: Answer) -> str:
    """The strongest identifier of a customer, to name them in one cell.

    >>> first_identifier({"identifiers": {"email": ["ann@example.com", "a@example.com"]}})
    'email:ann@example.com'
    >>> first_identifier({"identifiers": {}})
    ''
    """
    return next((f"{kind}:{held[0]}" for kind, held in customer["identifiers"].items()), "")
