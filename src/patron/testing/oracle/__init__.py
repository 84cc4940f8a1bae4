"""What rules mean, in plain Python over one customer's history: the oracle of the tests.

It is written from the meanings alone (docs/concepts/semantics.md), shares no code with the engine,
and prefers what a data-protection officer could follow to what is fast. A rule is its JSON. A world
is what one would write down about every customer, as plain dicts and lists:

    world = {
        "people": [person, …],
        "sources": {source id: brand},
        "time_zone": "Europe/Amsterdam",       # of the workspace; UTC where left out
        "lists": {name: {(identifier type, value), …}},
        "segments": {name: rule},
        "computed": {name: expression},        # of computed traits
        "changes": {segment: [(profile id, "entered" or "left", moment), …]},   # as recorded
        "survivorship": {trait: {"rule": "trusted", "holds_for": timedelta}},   # if not the usual
        "trust": {source id: rank},            # 100 where left out; a smaller one is trusted more
        "by_hand": {source id, …},             # what people say, which wins
    }
    person = {
        "id": 17,                              # of the profile that stands
        "first_seen_at": moment,
        "identifiers": {(type, value), …},
        "traits": [{"name", "value", "occurred_at", "source_id", "message_id"}, …],
        "events": [{"name", "occurred_at", "source_id", "message_id", "brand", "channel",
                    "lines": [{property: value}, …], property: value, …}, …],
        "groups": [{"group_id", "occurred_at", "source_id", "message_id", "traits": {…}}, …],
    }

Moments are naive datetimes in UTC. What a world leaves out (``groups``, ``changes``, ``lists``,
``computed`` and all that decides about traits) is empty. Money is a Decimal, everything else what
JSON holds.

>>> from datetime import datetime
>>> ann = {"id": 1, "first_seen_at": datetime(2017, 1, 1), "events": [], "identifiers": set(),
...        "traits": [{"name": "age", "value": 31, "occurred_at": datetime(2017, 1, 1),
...                    "source_id": 1, "message_id": "m1"}]}
>>> world = {"people": [ann], "sources": {1: "Orchid"}}
>>> members(world, {"trait": "age", "op": ">", "value": 30}, datetime(2018, 1, 1))
{1}
>>> members(world, {"trait": "age", "op": ">", "value": 30}, datetime(2016, 1, 1))
set()
"""

from patron.testing.oracle.rules import holds, members

__all__ = ["holds", "members"]
