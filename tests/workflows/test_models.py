"""models: the registry, said."""

from __future__ import annotations

import forecast_cli as fc
from forecast_cli.forecasters import registry


def test_every_registered_model_is_listed_with_its_source() -> None:
    entries = fc.models()
    assert [entry.name for entry in entries] == registry.names()
    assert all(entry.summary and entry.citation for entry in entries)
