"""Enrichments: which connectors there are, and running them over what came in."""
