"""The model in docs/adding-a-model.md is a model: it runs as printed."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
from scipy.signal import lfilter

from forecast_cli.config import Settings
from forecast_cli.data.panel import Origins
from forecast_cli.forecasters import local
from forecast_cli.forecasters.base import Forecaster
from forecast_cli.task import Task
from tests.conftest import make_panel

PAGE = Path(__file__).parents[2] / "docs" / "adding-a-model.md"


def test_the_model_of_the_page_fits_forecasts_saves_and_loads(tmp_path: Path) -> None:
    code = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)[0]
    names: dict[str, type[Forecaster]] = {}
    exec(compile(code, str(PAGE), "exec"), names)
    panel = make_panel((200, 150))
    model = names["SeasonMedian"]().fit(panel, Task(horizon=3, seasons=(24,)), panel.ends)
    forecast = model.forecast(panel, Origins.at_end(panel))
    assert forecast.values.shape == (2, 3, 5)
    np.testing.assert_allclose(forecast.point[0], np.median(panel.target[200 - 72 : 200]))
    model.save(tmp_path)
    loaded = names["SeasonMedian"].load(tmp_path, Settings())
    again = loaded.forecast(panel, Origins.at_end(panel))
    assert again.values.tobytes() == forecast.values.tobytes()


def test_the_local_model_of_the_page_fits_and_forecasts() -> None:
    code = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)[1]
    names = {**vars(local), "lfilter": lfilter}
    exec(compile(code, str(PAGE), "exec"), names)
    panel = make_panel((200, 150))
    model = names["Ses"]().fit(panel, Task(horizon=3, seasons=(24,)), panel.ends)
    forecast = model.forecast(panel, Origins.at_end(panel))
    level = 0.0  # by hand, as the textbook has it
    y = (panel.target[:200] - panel.target[:200].mean()) / panel.target[:200].std()
    for t, value in enumerate(y):
        level = (y[:5].mean() if t == 0 else level) * 0.7 + 0.3 * value
    expected = panel.target[:200].mean() + panel.target[:200].std() * level
    np.testing.assert_allclose(forecast.point[0], expected, atol=1e-6)
    assert forecast.replaced == ()
