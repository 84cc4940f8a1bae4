"""Who is who, in people's hands: decisions, explanations, and changes of the rules."""
