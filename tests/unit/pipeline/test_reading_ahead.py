"""One thing is made while the one before it is worked on, and imports do so (S1.3)."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from integration.harness.waiting import until
from patron.identity import Resolver
from patron.pipeline import imports
from patron.pipeline.ahead import one_ahead
from patron.pipeline.chunks import Chunk, prepare_chunk
from patron.pipeline.ingest import Ingest
from patron.spec.identifiers import FIRST_RULES
from patron.workspace import Workspace

LONG = 30.0


def test_the_next_one_is_begun_when_one_is_handed_out_and_no_other() -> None:
    begun = [threading.Event() for _ in range(3)]

    def numbers() -> Iterator[int]:
        for number, event in enumerate(begun):
            event.set()
            yield number

    ahead = one_ahead(numbers())
    assert next(ahead) == 0
    assert begun[1].wait(LONG)
    assert not begun[2].is_set()
    assert list(ahead) == [1, 2]


def test_an_error_comes_after_what_was_made_before_it() -> None:
    def numbers() -> Iterator[int]:
        yield 1
        raise KeyError("second")

    ahead = one_ahead(numbers())
    assert next(ahead) == 1
    with pytest.raises(KeyError, match="second"):
        next(ahead)


def test_who_stops_early_leaves_nothing_open() -> None:
    threads = set()

    def numbers() -> Iterator[int]:
        try:
            for number in range(9):
                threads.add(threading.current_thread())
                yield number
        finally:
            threads.add(threading.current_thread())
            closed.append(True)

    closed: list[bool] = []
    ahead = one_ahead(numbers())
    assert next(ahead) == 0
    ahead.close()
    assert closed == [True]
    [thread] = threads
    assert not thread.is_alive()


def test_what_was_prepared_under_other_rules_is_prepared_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cards of two chunks, the second one prepared as if other rules had held until then."""
    prepared = []

    def stale(ingest: Ingest, *given: object) -> Chunk:
        chunk = prepare_chunk(ingest, *given)  # type: ignore[arg-type]
        prepared.append(chunk)
        if len(prepared) == 2:
            other = Resolver(FIRST_RULES)
            chunk = chunk._replace(resolver=other, messages=prepared[0].messages)
        return chunk

    monkeypatch.setattr(imports, "prepare_chunk", stale)
    monkeypatch.setattr(imports, "CHUNK", 3)
    rows = [{"id": f"m{n}", "card": f"C{n % 4}", "at": f"2026-01-0{n + 1}"} for n in range(6)]
    file = tmp_path / "rows.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    mapping = {
        "source": "till",
        "file": "*.jsonl",
        "message": {
            "event": "Bought",
            "message_id": "{id}",
            "timestamp": "at",
            "identifiers": {"loyalty_card": "card"},
        },
    }
    Workspace.create(tmp_path / "data")
    with Workspace(tmp_path / "data") as workspace:
        workspace.apply(
            [
                {"kind": "source", "name": "till", "body": {"type": "store"}},
                {"kind": "mapping", "name": "rows", "body": mapping},
            ]
        )
        started = workspace.start_import("rows", str(file))["import_id"]
        until(lambda: workspace.import_state(started)["state"] != "running")
        assert workspace.import_state(started)["stored"] == 6
        assert len(prepared) == 2
        with workspace.reading() as reading:
            reading.cursor.execute(
                "select value, count(*) from current_events join current_identifiers "
                "using (identifier_id) group by value order by value"
            )
            assert reading.cursor.all() == [("C0", 2), ("C1", 2), ("C2", 1), ("C3", 1)]
