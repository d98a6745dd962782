"""What the tests of histories share: small files, written and read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from forecast_cli.config import CompareConfig
from forecast_cli.data.events.histories import Histories
from forecast_cli.data.events.read import load_histories
from forecast_cli.events import EventTask


def write(folder: Path, **files: str) -> dict[str, str]:
    """Write texts as CSV files, and return their paths by the same names."""
    paths = {}
    for name, text in files.items():
        path = folder / f"{name}.csv"
        path.write_text(text, encoding="utf-8")
        paths[name] = str(path)
    return paths


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., Histories]:
    """Write a file, and those of labels and statics, and read them with options."""

    def _read(
        text: str,
        labels: str | None = None,
        statics: str | None = None,
        known: EventTask | None = None,
        **options: object,
    ) -> Histories:
        files = {"rows": text, "outcomes": labels, "fixed": statics}
        paths = write(tmp_path, **{k: v for k, v in files.items() if v is not None})
        config = CompareConfig(
            data=(paths["rows"],),
            labels=paths.get("outcomes"),
            statics=paths.get("fixed"),
            **options,
        )
        return load_histories(config, known=known)

    return _read


def table(header: str, *rows: object) -> str:
    """CSV text of a header and rows."""
    return header + "\n" + "".join(",".join(map(str, row)) + "\n" for row in rows)  # type: ignore[arg-type]


def repairs(histories: Histories) -> dict[str, int]:
    assert histories.summary is not None
    return {repair.kind: repair.count for repair in histories.summary.repairs}


def inferred(histories: Histories) -> dict[str, str]:
    assert histories.summary is not None
    return {guess.name: guess.value for guess in histories.summary.inferred}
