"""Patron: a customer data platform in one process and one folder."""

__version__ = "0.1.0"
