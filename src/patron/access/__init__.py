"""Who may ask: people and tokens, their roles, sessions, and the record of what they did."""
