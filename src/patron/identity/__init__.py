"""Who is who: normal forms, links, and the partition of identifiers into profiles."""
