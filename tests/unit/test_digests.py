"""MD5 of many texts at once is MD5."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from patron.spec.digests import AT_ONCE, digests
from patron.spec.keys import keys_of


@settings(max_examples=100, deadline=None)
@given(
    st.text(max_size=64),
    st.lists(st.one_of(st.text(max_size=70), st.text("aé漢🙂", max_size=70)), max_size=6),
    st.integers(0, 3),
)
def test_many_at_once_are_what_each_is(prefix: str, texts: list[str], skipped: int) -> None:
    sliced = pa.array(texts, pa.string())[skipped:]
    expected = keys_of(prefix + text for text in texts[skipped:])
    assert digests(prefix, sliced).tolist() == expected.tolist()


def test_more_than_one_portion() -> None:
    texts = [f"user-{number}" for number in range(AT_ONCE + 5)]
    expected = keys_of("user_id" + text for text in texts)
    assert digests("user_id", pa.array(texts)).tolist() == expected.tolist()
