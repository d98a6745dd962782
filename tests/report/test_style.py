"""The colours of the report can be read, in light and in dark, also by the colour blind."""

from __future__ import annotations

import itertools
import re
from importlib.resources import files

import numpy as np
import pytest

STYLE = files("forecast_cli.report").joinpath("report.css").read_text(encoding="utf-8")
COLOURS = dict(re.findall(r"--(\w+): light-dark\((#\w+, #\w+)\)", STYLE))
READABLE = 4.5  # WCAG 2.2, 1.4.3: contrast of text
VISIBLE = 3.0  # 1.4.11: contrast of pictures


def linear(name: str, scheme: int) -> np.ndarray:  # type: ignore[type-arg]
    """[3] linear red, green and blue of a colour."""
    code = COLOURS[name].split(", ")[scheme].removeprefix("#")
    code = "".join(c * 2 for c in code) if len(code) == 3 else code
    share = np.array([int(code[k : k + 2], 16) for k in (0, 2, 4)]) / 255
    return np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str, scheme: int) -> float:
    weights = np.array([0.2126, 0.7152, 0.0722])
    bright, dark = sorted((linear(one, scheme) @ weights, linear(other, scheme) @ weights))[::-1]
    return float((bright + 0.05) / (dark + 0.05))


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("name", ["fg", "soft", "accent", "good", "bad"])
def test_words_stand_out_from_their_ground(name: str, scheme: int) -> None:
    for ground in ("bg", "tint"):
        assert contrast(name, ground, scheme) >= READABLE


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("k", range(6))
def test_lines_stand_out_from_their_ground(k: int, scheme: int) -> None:
    assert contrast(f"c{k}", "bg", scheme) >= VISIBLE


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_the_first_lines_differ_for_those_who_see_no_red_or_no_green(scheme: int) -> None:
    # Linear RGB as it looks without the long or the middle cones (Machado, Oliveira & Fernandes
    # 2009, severity 1).
    protan = np.array([[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]])
    deutan = np.array([[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]])
    for seen in (protan, deutan):
        looks = [np.cbrt(np.clip(seen @ linear(f"c{k}", scheme), 0, 1)) for k in range(4)]
        for one, other in itertools.combinations(looks, 2):
            assert np.linalg.norm(one - other) > 0.1
