"""`patron linking reviews` and `review`: pairs that a person is asked about."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from patron.cli import options
from patron.cli.asking import Answer, show_answer
from patron.cli.client import connect
from patron.cli.linking import group
from patron.cli.terminal import note, plural, say, show_json, table


@group.command()
def reviews(
    state: Annotated[
        str,
        typer.Option(help="pending, same, different, settled, withdrawn, or all.",
                     metavar="STATE"),
    ] = "pending",
    limit: Annotated[
        int, typer.Option(help="How many to show.", metavar="N", min=1, max=1_000)
    ] = 20,
    workspace: options.Folder = None,
    as_json: options.Json = False,
) -> None:  # fmt: skip
    """Show pairs that a person is asked about, the likeliest to be one person first."""
    show_answer(
        workspace, "/identity/reviews", _show_reviews, as_json=as_json, state=state, limit=limit
    )


def _show_reviews(answer: Answer) -> None:
    for row in answer["data"]:
        _show(row)
    say(f"{plural(answer['total'], 'pair')}, {len(answer['data']):,} shown.")


@group.command()
def review(
    review_id: Annotated[int, typer.Argument(help="That `linking reviews` shows.")],
    verdict: Annotated[str, typer.Argument(help="same or different.")],
    reason: Annotated[
        str | None, typer.Option(help="Why.", metavar="TEXT", show_default=False)
    ] = None,
    by: options.By = None,
    workspace: options.Folder = None,
    as_json: options.Json = False,
) -> None:
    """Say whether a pair is one person: a decision by hand, which wins over every model.

    `patron identity withdraw` takes it back.
    """
    body = {"verdict": verdict, "on_behalf_of": by, "reason": reason}
    with connect(workspace) as client:
        answer = client.post(f"/identity/reviews/{review_id}", body)
    if as_json:
        show_json(answer)
        return
    left, right = answer["left"]["profile_id"], answer["right"]["profile_id"]
    if left == right:
        say(f"Both are customer {left} now.", strong=True)
    else:
        say(f"Customers {left} and {right} stay two.", strong=True)
    note(f"Decision {answer['decision_id']}; `patron identity withdraw` takes it back.")


def _show(row: dict[str, Any]) -> None:
    left, right = row["left"], row["right"]
    say(
        f"{row['review_id']}: {left['identifier']} (customer {left['profile_id']}) and "
        f"{right['identifier']} (customer {right['profile_id']}), "
        f"{100 * row['probability']:.1f}% by {row['model']} {row['version']}, {row['state']}",
        strong=True,
    )
    table(
        ["field", "one", "other", "likeness", "weight"],
        [
            [
                each["field"],
                _compared(left, each["field"]),
                _compared(right, each["field"]),
                each["level"],
                each["weight"],
            ]
            for each in row["evidence"]
        ],
    )
    say()


def _compared(side: dict[str, Any], field: str | None) -> str | None:
    if field in side["gone"]:
        return "(not there any more)"
    found: str | None = side["fields"].get(field)
    return found
