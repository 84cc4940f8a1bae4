"""Groups of customers: the language, its meaning, the plan, and SQL."""
