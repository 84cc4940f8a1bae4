"""The truth that engines are compared with."""

from patron.testing.oracle import members

__all__ = ["members"]
