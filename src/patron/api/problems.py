"""Errors as RFC 9457 problem documents."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from patron.api import answers
from patron.errors import (
    AbandonedError,
    AccessError,
    BusyError,
    ConflictError,
    ForbiddenError,
    InputError,
    LockedError,
    NotFoundError,
    NotYetError,
    PatronError,
    RuleError,
    Told,
    TooLargeError,
    told,
)

MEDIA_TYPE = "application/problem+json"
_STATUS: list[tuple[type[PatronError], int]] = [
    (ForbiddenError, 403),
    (LockedError, 429),
    (AccessError, 401),
    (NotFoundError, 404),
    (ConflictError, 409),
    (NotYetError, 503),
    (BusyError, 503),
    (AbandonedError, 503),
    (TooLargeError, 413),
    (InputError, 422),
]
_log = structlog.get_logger("patron.api")


class Problem(BaseModel):
    """What went wrong (RFC 9457)."""

    type: str = Field(description="Stable name of the kind of problem, as a URN.")
    title: str = Field(description="The kind of problem in a few words.")
    status: int = Field(description="The HTTP status.")
    detail: str = Field(description="What is wrong, and what would be right.")
    field: str | None = Field(None, description="The offending field.")
    hint: str | None = Field(None, description="What to do about it.")
    line: int | None = Field(None, description="Line in a rule's text, from 1.")
    column: int | None = Field(None, description="Column in that line, from 1.")
    suggestions: list[str] = Field(default_factory=list, description="Nearest known names.")
    told: answers.Coded | None = Field(None, description="The same by a code, where it has one.")


def status_of(error: PatronError) -> int:
    """The HTTP status that an error is answered with."""
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 500)


def problem(error: PatronError) -> JSONResponse:
    """The answer to an error."""
    status = status_of(error)
    body: dict[str, Any] = {
        "type": f"urn:patron:problem:{error.code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": error.message,
    }
    if error.field:
        body["field"] = error.field
    if error.hint:
        body["hint"] = error.hint
    if error.told:
        body["told"] = error.told._asdict()
    if isinstance(error, RuleError):
        body["suggestions"] = list(error.suggestions)
        if error.line is not None:
            body |= {"line": error.line, "column": error.column}
    headers = {}
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, LockedError):
        headers["Retry-After"] = str(error.seconds)
    elif error.retryable:
        headers["Retry-After"] = "1"
    return JSONResponse(body, status_code=status, headers=headers, media_type=MEDIA_TYPE)


def describe(app: FastAPI) -> None:
    """Say in the app's description of itself that every error is a problem document."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        schema = plain()
        for path in schema["paths"].values():
            for operation in path.values():
                responses = operation["responses"]
                responses.pop("422", None)
                content = responses["default"]["content"]
                if "application/json" in content:
                    content[MEDIA_TYPE] = content.pop("application/json")
        return schema

    app.openapi = openapi  # type: ignore[method-assign]


def _invalid(errors: Sequence[Mapping[str, Any]]) -> InputError:
    """The first thing that is wrong with a request."""
    place = _place(errors[0])
    message = errors[0]["msg"]
    if errors[0]["type"] == "literal_error":
        # Of words that are told apart by what they mean, each kind objects by itself.
        mine = [one for one in errors if one["type"] == "literal_error" and _place(one) == place]
        words = [word for one in mine for word in re.findall("'([^']*)'", one["ctx"]["expected"])]
        message = f"expected {', '.join(words)}; got {errors[0]['input']!r}."
        return InputError(
            f"{place}: {message}", field=place, told=told("one_of", field=place, known=words)
        )
    if errors[0]["type"] == "extra_forbidden":
        message = "there is no such field."
    return InputError(f"{place}: {message}", field=place, told=_told(errors[0], place))


def _told(error: Mapping[str, Any], place: str) -> Told | None:
    """What is wrong by a code; None where only the sentence says it."""
    limits = error.get("ctx", {})
    match error["type"]:
        case "missing":
            return told("field_missing", field=place)
        case "extra_forbidden":
            return told("field_unknown", field=place)
        case "string_too_short" | "too_short":
            return told("too_short", field=place, least=limits["min_length"])
        case "string_too_long" | "too_long":
            return told("too_long", field=place, most=limits["max_length"])
        case "greater_than_equal":
            return told("too_small", field=place, least=str(limits["ge"]))
        case "less_than_equal":
            return told("too_great", field=place, most=str(limits["le"]))
    return None


def _place(error: Mapping[str, Any]) -> str:
    return ".".join(str(part) for part in error["loc"] if not str(part).startswith("literal["))


def install(app: FastAPI) -> None:
    """Answer every error of the app with a problem document."""

    @app.exception_handler(PatronError)
    async def on_patron_error(_request: Request, error: PatronError) -> JSONResponse:
        return problem(error)

    @app.exception_handler(RequestValidationError)
    async def on_invalid_request(_request: Request, error: RequestValidationError) -> JSONResponse:
        return problem(_invalid(error.errors()))

    @app.exception_handler(HTTPException)
    async def on_http_error(_request: Request, error: HTTPException) -> JSONResponse:
        body = {
            "type": "about:blank",
            "title": HTTPStatus(error.status_code).phrase,
            "status": error.status_code,
            "detail": str(error.detail),
        }
        return JSONResponse(
            body, status_code=error.status_code, headers=error.headers, media_type=MEDIA_TYPE
        )

    @app.exception_handler(Exception)
    async def on_defect(request: Request, error: Exception) -> JSONResponse:
        _log.error("unexpected error", path=request.url.path, exc_info=error)
        body = {
            "type": "urn:patron:problem:internal",
            "title": "Internal Server Error",
            "status": 500,
            "detail": "Patron made a mistake here. The log of the server says more.",
        }
        return JSONResponse(body, status_code=500, media_type=MEDIA_TYPE)
