"""The index of 128-bit keys."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patron.errors import StorageError
from patron.spec.keys import key_of, keys_of
from patron.warehouse import keys as module
from patron.warehouse.keys import Directory, KeyIndex


def pairs(*held: tuple[int, int]) -> np.ndarray:
    return np.array(held, dtype=np.uint64).reshape(-1, 2)


def random_keys(count: int, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 2**64, (count, 2), dtype=np.uint64)


def test_keys_of_one_and_of_many_agree() -> None:
    assert keys_of(["abc", "", "đ"]).tolist() == [list(key_of(text)) for text in ("abc", "", "đ")]


def test_an_empty_index_finds_nothing() -> None:
    index = KeyIndex()
    assert index.find(pairs((1, 2))).tolist() == [-1]
    assert index.find(pairs()).tolist() == []
    assert len(index) == 0


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs and merges after a handful of keys instead of tens of thousands."""
    monkeypatch.setattr(module, "FRONT", 8)
    monkeypatch.setattr(module, "FEW", 2)


small_halves = st.one_of(st.integers(0, 3), st.integers(2**64 - 3, 2**64 - 1))
key = st.tuples(small_halves, st.integers(0, 5))
chunks = st.lists(st.lists(key, max_size=12), max_size=8)


@settings(max_examples=200, deadline=None)
@given(chunks, st.lists(key, max_size=20))
def test_it_is_a_dict(chunks: list[list[tuple[int, int]]], asked: list[tuple[int, int]]) -> None:
    # Few upper halves, so that equal ones are the rule; a front of 8 keys, so that runs are too.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "FRONT", 8)
        patch.setattr(module, "FEW", 2)
        index = KeyIndex()
        model: dict[tuple[int, int], int] = {}
        for chunk in chunks:
            new = [one for one in dict.fromkeys(chunk) if one not in model]
            values = np.arange(len(model), len(model) + len(new))
            index.add(pairs(*new), values)
            model.update(zip(new, values.tolist(), strict=True))
            assert index.find(pairs(*asked)).tolist() == [model.get(one, -1) for one in asked]
        assert len(index) == len(model)
        assert index.find(pairs(*model)).tolist() == list(model.values())


def test_runs_stay_few_and_everything_is_found(tiny: None) -> None:
    held = random_keys(5_000)
    index = KeyIndex()
    for start in range(0, 5_000, 5):
        index.add(held[start : start + 5], np.arange(start, start + 5))
    assert len(index._runs.runs) < 8
    assert index.find(held).tolist() == list(range(5_000))
    assert (index.find(random_keys(1_000, seed=2)) == -1).all()


@pytest.mark.parametrize("added", [3, 50])
def test_rollback_forgets_what_was_added_since_the_mark(tiny: None, added: int) -> None:
    held, more = random_keys(20), random_keys(added, seed=2)
    index = KeyIndex()
    index.add(held, np.arange(20))
    index.mark()
    index.add(more, np.arange(added))
    assert index.find(more).tolist() == list(range(added))
    index.rollback()
    assert len(index) == 20
    assert (index.find(more) == -1).all()
    assert index.find(held).tolist() == list(range(20))


def test_release_keeps_what_was_added_since_the_mark(tiny: None) -> None:
    held = random_keys(30)
    index = KeyIndex()
    index.mark()
    index.add(held, np.arange(30))
    index.release()
    index.rollback()
    assert index.find(held).tolist() == list(range(30))


@pytest.mark.parametrize("count", [0, 5, 40])
def test_saved_and_loaded_it_is_the_same(tiny: None, tmp_path: Path, count: int) -> None:
    held = random_keys(count)
    index = KeyIndex()
    index.add(held, np.arange(count))
    index.save(tmp_path / "live" / "keys.npy")
    loaded = KeyIndex.load(tmp_path / "live" / "keys.npy")
    assert loaded.find(held).tolist() == index.find(held).tolist() == list(range(count))
    loaded.add(random_keys(10, seed=2), np.arange(10))
    assert len(loaded) == count + 10


def test_a_missing_file_is_a_storage_error(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="no readable key index"):
        KeyIndex.load(tmp_path / "keys.npy")


def test_a_cut_file_is_a_storage_error(tmp_path: Path) -> None:
    index = KeyIndex()
    index.add(random_keys(40), np.arange(40))
    file = tmp_path / "keys.npy"
    index.save(file)
    file.write_bytes(file.read_bytes()[:-8])
    with pytest.raises(StorageError, match="no readable key index"):
        KeyIndex.load(file)


def test_saving_again_leaves_what_was_loaded_readable(tmp_path: Path) -> None:
    held, file = random_keys(40), tmp_path / "keys.npy"
    index = KeyIndex()
    index.add(held[:20], np.arange(20))
    index.save(file)
    loaded = KeyIndex.load(file)
    index.add(held[20:], np.arange(20, 40))
    index.save(file)
    assert loaded.find(held).tolist() == [*range(20), *[-1] * 20]
    assert KeyIndex.load(file).find(held).tolist() == list(range(40))


@given(st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=200), st.integers(0, 2**64 - 1))
def test_a_directory_finds_the_places_that_bisecting_finds(values: list[int], asked: int) -> None:
    column = np.sort(np.array(values, dtype=np.uint64))
    wanted = np.array([asked, *values], dtype=np.uint64)
    places = Directory(column).places(wanted)
    assert places.tolist() == np.searchsorted(column, wanted).tolist()
