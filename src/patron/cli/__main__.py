"""Makes ``python -m patron.cli`` the same as ``patron``."""

from patron.cli import main

main()
