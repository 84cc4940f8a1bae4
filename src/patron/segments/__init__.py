"""Groups of customers: the rule language, its meaning, its plan, its SQL, and the questions asked.

A rule is a tree (`tree`) with two faces that lead into each other without loss: JSON (`codec`) and
text (`text`, `printer`). `resolve` checks it against what is known (`catalogue`), `plan` decides
what to scan and combine, `sql`, `having` and `conditions` write that down, and `query` asks it.
"""
