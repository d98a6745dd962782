"""Where a history ends: with the last target, whatever covariates follow."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from forecast_cli.data.dataset import Dataset

Load = Callable[..., Dataset]
HOURS = np.arange("2024-01-01T00", "2024-01-05T16", dtype="datetime64[h]")  # 112


@pytest.fixture
def text() -> str:
    """112 hours of ``x``; ``y`` ends after 100 of them, ``z`` after 90."""
    rows = [
        f"{hour},{np.sin(i) if i < 100 else ''},{np.cos(i) if i < 90 else ''},{i % 7}"
        for i, hour in enumerate(HOURS)
    ]
    return "\n".join(["time,y,z,x", *rows]) + "\n"


@pytest.mark.parametrize(
    ("options", "lengths", "future"),
    [
        ({"target": ("y",), "past": ("x",)}, [100], [0]),
        ({"target": ("y",), "future": ("x",)}, [112], [12]),
        ({"target": ("y",), "past": ("z",), "future": ("x",)}, [112], [12]),
        ({"target": ("y", "z"), "past": ("x",)}, [100, 100], [0, 0]),
        ({"target": ("y", "z"), "future": ("x",)}, [112, 112], [12, 12]),
    ],
)
def test_a_history_ends_with_the_last_target_of_its_entity(
    load_text: Load, text: str, options: dict[str, object], lengths: list[int], future: list[int]
) -> None:
    panel = load_text(text, **options).panel
    assert panel.lengths.tolist() == lengths
    assert panel.future_rows.tolist() == future


def test_rows_of_past_covariates_after_the_target_are_counted(load_text: Load, text: str) -> None:
    dataset = load_text(text, target=("y",), past=("x",))
    counted = {repair.kind: repair.count for repair in dataset.summary.repairs}
    assert counted["rows after the last target"] == 12


def test_each_id_ends_with_its_own_target(load_text: Load) -> None:
    rows = [f"{h},{e},{i if i < n else ''},{i}" for e, n in (("a", 50), ("b", 30))
            for i, h in enumerate(HOURS[:60])]  # fmt: skip
    dataset = load_text("time,id,y,x\n" + "\n".join(rows), id="id", target=("y",), past=("x",))
    assert dataset.panel.lengths.tolist() == [50, 30]
