"""The differential test: random histories and rules, answered by an engine and by the oracle.

`histories` draws what sources send, `worlds` says what it means, `rules` draws rules that divide
its customers, `instants` the moments just before, at and just after the edges of their windows,
`harness` compares, and `shrink` reduces a difference to what causes it. Nothing here knows the code
under test: an engine is handed in.
"""
