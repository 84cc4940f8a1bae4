"""One object that offers every task. Thin: each method calls one stage, or the pipeline."""

from __future__ import annotations

from patron.collect.presets import preset, presets
from patron.pipeline.enrichment.connectors import connectors
from patron.workspace.attention import AtAGlance
from patron.workspace.card import Cards
from patron.workspace.classifications import Classifications
from patron.workspace.computed_traits import ComputedTraits
from patron.workspace.contents import Contents
from patron.workspace.customers import Customers
from patron.workspace.entities import Entities
from patron.workspace.exchange_rates import ExchangeRates
from patron.workspace.identity_decisions import IdentityDecisions, Words
from patron.workspace.identity_rules import RulesOfIdentity
from patron.workspace.incoming import Incoming
from patron.workspace.lists import Lists
from patron.workspace.mappings import Mappings
from patron.workspace.preferences import Preferences
from patron.workspace.scores import Scores
from patron.workspace.segments import Segments
from patron.workspace.sources import SourceKeys
from patron.workspace.tracking import Tracking
from patron.workspace.traits import Traits
from patron.workspace.uploads import Files
from patron.workspace.vocabulary import Vocabulary

__all__ = ["Words", "Workspace", "connectors", "preset", "presets"]


class Workspace(
    Incoming,
    Files,
    Contents,
    AtAGlance,
    Customers,
    Cards,
    Entities,
    Traits,
    Tracking,
    IdentityDecisions,
    Segments,
    Vocabulary,
    ComputedTraits,
    Scores,
    Preferences,
    RulesOfIdentity,
    Classifications,
    ExchangeRates,
    SourceKeys,
    Mappings,
    Lists,
):
    """A folder that is open.

    Args:
        folder: Made by `patron init` or `Workspace.create`.
        clock: Where now comes from.
        settings: Those of the folder when None.
        live: Keep memberships at the present, in the background.

    Attributes:
        accounts: People and tokens, who is signed in, and the record of who did what.
        oidc: The identity provider where people may sign in; None when none is set.
        arrivals: What came in last, message by message.
        memberships: What is recorded of who was in which segment: the feed of changes,
            verification.
        profile_feed: Which customers changed, and how, from a cursor on.
        webhooks: Where changes of customers are sent, and how that goes.
        insights: Questions about what segments are worth and how they change.
        enrichments: What adds traits of its own: running it, and how the last runs ended.
        recurring_dates: Dates that come back every year: writing their events.
        pulls: The databases that mappings read: pulling, and how the last pulls ended.
        linking: Training and running linking models, and what reviewers are asked.

    Raises:
        NotFoundError: The folder is no workspace.
        BusyError: Another process has it open.

    >>> import tempfile
    >>> folder = tempfile.mkdtemp()
    >>> token = Workspace.create(folder)
    >>> with Workspace(folder) as workspace:
    ...     workspace.status()["profiles"]
    0
    """
