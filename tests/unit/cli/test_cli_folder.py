from __future__ import annotations

from pathlib import Path

import pytest

from patron.cli import folder
from patron.errors import NotFoundError
from patron.warehouse import store


def make(path: Path) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    (path / folder.DATABASE).touch()
    return path


def test_names_of_files_are_those_of_the_store() -> None:
    assert (folder.DATABASE, folder.TOKEN) == (store.DATABASE, store.TOKEN)


def test_a_named_folder_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    make(tmp_path / "patron-data")
    named = make(tmp_path / "other")
    assert folder.find_folder(named) == named


def test_a_named_folder_must_be_a_workspace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    make(tmp_path / "patron-data")
    with pytest.raises(NotFoundError, match="other is not a Patron workspace") as caught:
        folder.find_folder(tmp_path / "other")
    assert "patron init" in str(caught.value.hint)


def test_the_usual_folder_comes_before_the_current_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(make(tmp_path))
    assert folder.find_folder(None) == Path()
    make(tmp_path / "patron-data")
    assert folder.find_folder(None) == Path("patron-data")


def test_without_any_the_sentence_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(NotFoundError, match="No workspace here") as caught:
        folder.find_folder(None)
    assert "patron init" in str(caught.value.hint)
    assert "PATRON_WORKSPACE" in str(caught.value.hint)
