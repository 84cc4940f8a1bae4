"""What bodies of requests have in common."""

from __future__ import annotations

from pydantic import BaseModel


class RequestBody(BaseModel, extra="forbid"):
    """What somebody sends; a field that is not known is refused, for it may be a slip of the pen.

    >>> class Window(RequestBody):
    ...     days: int = 7
    >>> Window.model_validate({"day": 30})  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
    pydantic_core.ValidationError: day: Extra inputs are not permitted
    """
