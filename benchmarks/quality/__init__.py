"""How good Patron's answers, and the tests of them, are."""
