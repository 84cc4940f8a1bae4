"""The commands that kinds of definitions have alike, such as `list`, `show` and `remove`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import typer

from patron.cli import options
from patron.cli.asking import Answer, show_answer
from patron.cli.client import connect, segment_of
from patron.cli.terminal import Cell, facts, holds_for, moment, say, show_json, shown_cell, table

Definition = dict[str, Any]
Facts = list[tuple[str, Cell]]


@dataclass(frozen=True, slots=True)
class DefinitionCommands:
    """Adds the commands of one kind of definitions to its group, in the order of the calls.

    What a kind does in its own way is a command that it writes itself.

    Attributes:
        group: Takes the commands.
        path: Where the API has the definitions, such as ``/computed-traits``.
        noun: What people call one of them, such as ``computed trait``.
    """

    group: typer.Typer
    path: str
    noun: str

    def add_list(
        self, told: str, columns: Sequence[str], row: Callable[[Definition], list[Cell]]
    ) -> None:
        """Add `list`.

        Args:
            told: Its help.
            columns: Those of its table.
            row: What they hold of a definition.
        """

        def show(answer: Answer) -> None:
            table(columns, map(row, answer["data"]))
            say(holds_for(answer))

        @self.group.command("list", help=told)
        def list_all(
            workspace: options.Folder = None,
            min_position: options.MinPosition = None,
            as_json: options.Json = False,
        ) -> None:
            show_answer(workspace, self.path, show, as_json=as_json, min_position=min_position)

    def add_show(self, told: str, show: Callable[[Definition], None]) -> None:
        """Add `show`.

        Args:
            told: Its help.
            show: Shows a definition to people.
        """

        def show_found(answer: Answer) -> None:
            show(answer[self.noun.replace(" ", "_")])
            say(f"\n{holds_for(answer)}")

        @self.group.command("show", help=told)
        def show_one(
            name: str = self._name(),
            workspace: options.Folder = None,
            min_position: options.MinPosition = None,
            as_json: options.Json = False,
        ) -> None:
            path = f"{self.path}/{segment_of(name)}"
            show_answer(workspace, path, show_found, as_json=as_json, min_position=min_position)

    def add_versions(self, told: str, kind: str) -> None:
        """Add `versions`.

        Args:
            told: Its help.
            kind: Of the definitions, such as ``computed_trait``.
        """

        def show(answer: Answer) -> None:
            table(
                ["version", "from", "origin", "says"],
                [
                    [one["version"], moment(one["recorded_at"]), one["origin"],
                     "removed" if one["removed"] else shown_cell(one["definition"])]
                    for one in answer["data"]
                ],
            )  # fmt: skip

        @self.group.command("versions", help=told)
        def versions(
            name: str = self._name(),
            workspace: options.Folder = None,
            min_position: options.MinPosition = None,
            as_json: options.Json = False,
        ) -> None:
            path = f"/definitions/{kind}/{segment_of(name)}/versions"
            show_answer(workspace, path, show, as_json=as_json, min_position=min_position)

    def add_remove(self, told: str) -> None:
        """Add `remove`.

        Args:
            told: Its help.
        """

        @self.group.command("remove", help=told)
        def remove(
            name: str = self._name(),
            workspace: options.Folder = None,
            as_json: options.Json = False,
        ) -> None:
            with connect(workspace) as client:
                answer = client.delete(f"{self.path}/{segment_of(name)}")
            if as_json:
                show_json(answer)
            else:
                say(f"{name} is removed.")

    def add_values(self, told: str, show: Callable[[Answer], None], *, limit: int) -> None:
        """Add `values`, a page of customers each with theirs.

        Args:
            told: Its help.
            show: Shows a page to people.
            limit: How many customers make one, unless said.
        """

        @self.group.command("values", help=told)
        def values(
            name: str = self._name(),
            limit: options.CustomerLimit = limit,
            cursor: options.Cursor = None,
            workspace: options.Folder = None,
            as_of: options.AsOf = None,
            min_position: options.MinPosition = None,
            as_json: options.Json = False,
        ) -> None:
            show_answer(
                workspace, f"{self.path}/{segment_of(name)}/values", show, as_json=as_json,
                limit=limit, cursor=cursor, as_of=as_of, min_position=min_position,
            )  # fmt: skip

    def add_explain(self, told: str, show: Callable[[Answer], None]) -> None:
        """Add `explain`, of one customer.

        Args:
            told: Its help.
            show: Shows the explanation to people.
        """

        @self.group.command("explain", help=told)
        def explain(
            name: str = self._name(),
            identifier: str = typer.Argument(help=options.WHO),
            workspace: options.Folder = None,
            as_of: options.AsOf = None,
            min_position: options.MinPosition = None,
            as_json: options.Json = False,
        ) -> None:
            show_answer(
                workspace, f"{self.path}/{segment_of(name)}/explain", show, as_json=as_json,
                profile=identifier, as_of=as_of, min_position=min_position,
            )  # fmt: skip

    def _name(self) -> Any:  # noqa: ANN401 - typer's default of an argument
        return typer.Argument(help=f"The {self.noun}'s name.")


def show_facts(found: Definition, *, title: str | None = None, more: Facts) -> None:
    """Show what every definition has, and what else there is to say of this one.

    Args:
        found: The definition.
        title: Stands above; its name when None.
        more: What else.
    """
    say(title or found["name"], strong=True)
    facts([*((key, found[key]) for key in ("description", "version", "origin")), *more])


def users(found: Definition) -> Facts:
    """The segments and the computed traits that name a definition."""
    return [
        ("segments", ", ".join(found["segments"]) or "none"),
        ("computed traits", ", ".join(found["computed_traits"]) or "none"),
    ]
