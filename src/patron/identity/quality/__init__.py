"""How good the data of each source is: filled, valid, distinct, duplicate, conflicting, stale.

`report` counts; it names sources and fields, and never a value of a person.
"""

from patron.identity.quality.report import report

__all__ = ["report"]
