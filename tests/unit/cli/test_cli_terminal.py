from __future__ import annotations

import io

import pytest

from patron.cli import terminal


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_table_away_from_a_terminal_is_aligned_text(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.table(["segment", "members"], [["vip", 1234567], ["lapsed", 8]], title="Segments")
    assert capsys.readouterr().out == (
        "Segments\n"
        "segment    members\n"
        "vip      1,234,567\n"
        "lapsed           8\n"
    )  # fmt: skip


def test_an_empty_table_shows_its_columns(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.table(["segment", "members"], [])
    assert capsys.readouterr().out == "segment  members\n"


def test_a_table_on_a_terminal_has_lines_and_keeps_brackets(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    screen = Screen()
    monkeypatch.setattr("sys.stdout", screen)
    terminal.table(["name", "count"], [["[red]x[/red]", 1200]])
    shown = screen.getvalue()
    assert "[red]x[/red]" in shown
    assert "1,200" in shown
    assert "─" in shown


@pytest.mark.parametrize("on_terminal", [True, False])
def test_data_cannot_steer_the_terminal(
    monkeypatch: pytest.MonkeyPatch,
    on_terminal: bool,
) -> None:
    out = Screen() if on_terminal else io.StringIO()
    monkeypatch.setattr("sys.stdout", out)
    terminal.table(["name"], [["\x1b]0;owned\x07"], ["two\nlines"], ["\u202ereversed"]])
    for character in "\x1b\x07\u202e":
        assert character not in out.getvalue().replace("\x1b[1m", "").replace("\x1b[0m", "")
    assert "two\\nlines" in out.getvalue()


def test_facts_are_aligned(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.facts([("stored", 12000), ("in quarantine", None)])
    assert capsys.readouterr().out == "  stored         12,000\n  in quarantine  \n"


def test_json_keeps_letters_of_all_languages(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.show_json({"city": "Đà Nẵng"})
    assert '"Đà Nẵng"' in capsys.readouterr().out
