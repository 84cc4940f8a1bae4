"""Text from a file or from standard input."""

from __future__ import annotations

import sys
from pathlib import Path

from patron.errors import InputError


def read_text(file: Path) -> str:
    """What a file holds, in UTF-8.

    Args:
        file: Its path; `-` for standard input.

    Raises:
        InputError: It cannot be read; says why.
    """
    try:
        return sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{file} cannot be read: {error}") from None
