"""Entities come in natural order, with one static value each."""

from __future__ import annotations

import numpy as np
import pandas as pd

from forecast_cli.data.entities import find_entities, natural, static_features
from forecast_cli.data.notes import Notes
from forecast_cli.data.table import Table


def table_of(**columns: list[object]) -> Table:
    return Table(pd.DataFrame(columns), (), len(next(iter(columns.values()))))


def test_natural_order_counts() -> None:
    assert sorted(["H10", "H9", "a2b", "a10", "7"], key=natural) == ["7", "H9", "H10", "a2b", "a10"]


def test_names_that_differ_in_padding_only_are_one_entity() -> None:
    entities = find_entities(table_of(shop=["b", "a", "b ", "a"]), ("shop",))
    assert entities.names == ("a", "b")
    assert entities.codes.tolist() == [1, 0, 1, 0]


def test_a_file_without_an_id_is_one_entity() -> None:
    entities = find_entities(table_of(y=[1, 2]), ())
    assert (entities.names, entities.column) == (("",), "series")


def test_the_first_known_static_value_is_used_and_changes_are_counted() -> None:
    table = table_of(shop=["a", "a", "b", "b"], size=[np.nan, 3.0, 4.0, 5.0])
    notes = Notes()
    features = static_features(table, ("size",), find_entities(table, ("shop",)), notes)
    assert features.tolist() == [[3.0], [4.0]]
    assert [(r.kind, r.count) for r in notes.repairs] == [("static values that vary", 1)]
