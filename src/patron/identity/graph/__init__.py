"""Why the identifiers of a profile are one person: its graph, what could part it, and a picture."""
