"""Definitions as code: files, versions, and what would change."""
