"""Catalogues from elsewhere: Google Merchant feeds, and the rows of files."""

from patron.collect.catalogue.feeds import read_feed
from patron.collect.catalogue.pull import is_address, pulled
from patron.collect.catalogue.rows import entity_rows

__all__ = ["entity_rows", "is_address", "pulled", "read_feed"]
