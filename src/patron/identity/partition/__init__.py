"""The partition of identifiers into people: from links and rules alone, whatever came first."""
