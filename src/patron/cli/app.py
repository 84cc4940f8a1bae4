"""The commands, put together."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from patron import __version__
from patron.cli import (
    audit,
    card,
    changes,
    classifications,
    computed_traits,
    definitions,
    demo,
    doctor,
    enrichments,
    entities,
    exchange_rates,
    groups,
    identity,
    identity_decisions,  # noqa: F401 - adds its commands to the group of identity
    identity_explain,  # noqa: F401 - adds its command to the group of identity
    identity_held_back,  # noqa: F401 - adds its command to the group of identity
    identity_history,  # noqa: F401 - adds its commands to the group of identity
    identity_rules,  # noqa: F401 - adds its commands to the group of identity
    identity_rules_held,  # noqa: F401 - adds its command to the group of identity
    linking,
    linking_reviews,  # noqa: F401 - adds its commands to the group of linking
    lists,
    mappings,
    options,
    people,
    points,
    preferences,
    problems,
    profile,
    profiles,
    pulling,
    quality,
    quarantine,
    recurring_dates,
    scores,
    segment_definitions,  # noqa: F401 - adds its commands to the group of segments
    segment_insights,  # noqa: F401
    segment_versions,  # noqa: F401
    segments,
    serving,
    source_keys,
    sources,  # noqa: F401 - adds its commands to the group of sources
    sql,
    start,
    status,
    tokens,
    tracking_plans,
    trait_definitions,  # noqa: F401 - adds its commands to the group of traits
    traits,
    verifying,
    vocabulary,
    webhooks,
)
from patron.errors import PatronError


class PatronGroup(TyperGroup):
    """Says every error of Patron's in plain words, and ends with 1."""

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 - as in the class above
        """Run the command that was named."""
        try:
            return super().invoke(ctx)
        except PatronError as error:
            problems.show_error(error, as_json=bool(ctx.meta.get(options.AS_JSON)))
            raise typer.Exit(1) from error


app = typer.Typer(
    cls=PatronGroup,
    help="Patron: a customer data platform in one process and one folder.",
    no_args_is_help=True,
    rich_markup_mode=None,  # plain help reads the same everywhere, and starts at once
    pretty_exceptions_enable=False,
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"patron {__version__}")
        raise typer.Exit


@app.callback()
def _patron(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say which it is.")
    ] = False,
) -> None:
    pass


app.command()(start.init)
app.command()(demo.demo)
app.command()(serving.serve)
app.add_typer(pulling.group, name="import")
app.command()(profile.profile)
app.command()(groups.group)
segments.group.command("changes")(changes.changes)
app.add_typer(profiles.group, name="profiles")
app.add_typer(segments.group, name="segment")
app.add_typer(segments.group, name="segments", hidden=True)  # both are typed
app.add_typer(card.group, name="card")
app.add_typer(traits.group, name="trait")
app.add_typer(traits.group, name="traits", hidden=True)
app.add_typer(computed_traits.group, name="computed-trait")
app.add_typer(computed_traits.group, name="computed-traits", hidden=True)  # likewise
app.add_typer(source_keys.group, name="source")
app.add_typer(source_keys.group, name="sources", hidden=True)  # both are typed
app.add_typer(tracking_plans.group, name="tracking-plan")
app.add_typer(tracking_plans.group, name="tracking-plans", hidden=True)  # likewise
app.command()(tracking_plans.usage)
app.add_typer(recurring_dates.group, name="recurring-date")
app.add_typer(recurring_dates.group, name="recurring-dates", hidden=True)  # likewise
app.add_typer(enrichments.group, name="enrichment")
app.add_typer(enrichments.group, name="enrichments", hidden=True)  # likewise
app.add_typer(vocabulary.group, name="vocabulary")
app.add_typer(classifications.group, name="classification")
app.add_typer(classifications.group, name="classifications", hidden=True)
app.add_typer(points.group, name="points")
app.add_typer(preferences.group, name="preference")
app.add_typer(preferences.group, name="preferences", hidden=True)  # likewise
app.add_typer(scores.group, name="score")
app.add_typer(scores.group, name="scores", hidden=True)  # likewise
app.add_typer(exchange_rates.group, name="exchange-rate")
app.add_typer(exchange_rates.group, name="exchange-rates", hidden=True)  # likewise
app.add_typer(lists.group, name="list")
app.add_typer(lists.group, name="lists", hidden=True)
app.add_typer(mappings.group, name="mapping")
app.add_typer(mappings.group, name="mappings", hidden=True)  # both are typed
app.add_typer(entities.products, name="product")
app.add_typer(entities.entities, name="entity")
app.add_typer(entities.catalogue, name="catalogue")
app.add_typer(identity.identity, name="identity")
app.add_typer(linking.group, name="linking")
app.add_typer(webhooks.group, name="webhook")
app.add_typer(webhooks.group, name="webhooks", hidden=True)
app.add_typer(people.group, name="person")
app.add_typer(people.group, name="people", hidden=True)  # both are typed
app.add_typer(tokens.group, name="token")
app.add_typer(tokens.group, name="tokens", hidden=True)  # likewise
app.command()(audit.audit)
app.command()(definitions.plan)
app.command()(definitions.apply)
app.command()(definitions.pull)
app.command()(status.status)
app.command()(quality.quality)
app.command()(doctor.doctor)
app.command()(verifying.verify)
app.command()(sql.sql)
app.add_typer(quarantine.group, name="quarantine")
