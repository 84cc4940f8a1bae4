"""One customer, whole: traits, identifiers, timeline, orders."""
