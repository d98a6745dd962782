"""What the tests of reading share: a small file, written and loaded."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from forecast_cli.config import DataOptions
from forecast_cli.data.dataset import Dataset, load


@pytest.fixture
def load_text(tmp_path: Path) -> Callable[..., Dataset]:
    """Write a file and load it with options."""

    def _load(text: str | bytes, **options: object) -> Dataset:
        path = tmp_path / "data.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return load(DataOptions(data=(str(path),), **options))

    return _load
