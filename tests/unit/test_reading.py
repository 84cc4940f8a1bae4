"""Definitions say which words a field may have."""

from __future__ import annotations

from typing import Any

import pytest

from patron.errors import DefinitionError
from patron.spec.reading import read_definition
from patron.spec.traits import TraitDefinition


@pytest.mark.parametrize("field", ["provenance", "basis", "survivorship"])
def test_a_word_that_a_field_cannot_have_is_answered_with_those_it_can(field: str) -> None:
    with pytest.raises(DefinitionError) as refused:
        read_definition({"name": "income", "trait": "income", field: "nonsense"}, TraitDefinition)
    assert refused.value.field == field
    known: Any = {
        "provenance": "first, second, third",
        "basis": "declared, inferred",
        "survivorship": "most_recent, trusted",
    }[field]
    assert f"{field}: expected {known}" in refused.value.message
    assert "got 'nonsense'" in refused.value.message
