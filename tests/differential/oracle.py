"""The truth that engines are compared with."""

from unit.segments.naive import members

__all__ = ["members"]
