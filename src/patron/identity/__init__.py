"""Who is who: normal forms, rules, and the partition of identifiers into profiles.

The way through a batch, on the writer's thread and in its transaction::

    resolution = resolver.resolve(batch)           # memory moves ahead of the tables
    write(cursor, resolution, recorded_at=now)     # the tables follow
    ...                                            # land events, traits, order lines
    commit, then resolver.commit(); or, when anything failed, resolver.rollback()
"""

from patron.identity.batch import Batch
from patron.identity.decisions import Decision
from patron.identity.held_back import HeldBack, held_back
from patron.identity.normal import Brands, NormalForms, Refusal, Regions
from patron.identity.resolution import Refused, Resolution
from patron.identity.resolver import Resolver
from patron.identity.store import compact, write

__all__ = [
    "Batch",
    "Brands",
    "Decision",
    "HeldBack",
    "NormalForms",
    "Refusal",
    "Refused",
    "Regions",
    "Resolution",
    "Resolver",
    "compact",
    "held_back",
    "write",
]
