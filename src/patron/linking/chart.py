"""A chart of what each degree of likeness says: match weights by field and level."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from patron.linking.model import LinkingModel
from patron.linking.workbench import Workbench, settings_of


def match_weights(model: LinkingModel) -> dict[str, Any]:
    """The chart as a Vega-Lite specification, with its numbers in it."""
    spec: dict[str, Any] = _chart(model).chart_dict
    spec.pop("$schema", None)
    return spec


def match_weights_page(model: LinkingModel) -> str:
    """The chart as a web page that holds all that it needs and loads nothing."""
    page: str = _chart(model).to_html(inline=True)
    return page


def _chart(model: LinkingModel) -> Any:  # noqa: ANN401 - a class that Splink keeps to itself
    columns = {each.field: pa.nulls(0, pa.string()) for each in model.comparisons}
    with Workbench() as workbench:
        workbench.load(
            "nobody",
            pa.table({"record": pa.nulls(0, pa.int64()), **columns}),
            model.fields,
        )
        with workbench.linker("nobody", settings_of(model)) as (linker, _):
            return linker.visualisations.match_weights_chart()
