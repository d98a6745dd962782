"""What a model cannot answer is answered by a simpler one, counted, and never silent."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from forecast_cli.comparison import Replaced
from forecast_cli.config import Settings
from forecast_cli.data.panel import Floats, Origins, Panel
from forecast_cli.forecasters import fallback
from forecast_cli.forecasters.base import in_words
from forecast_cli.forecasters.fallback import FAR, NOT_FINITE, Fallback, objections
from forecast_cli.forecasters.naive import Naive, SeasonalNaive
from forecast_cli.task import Task
from tests.conftest import make_panel

TASK = Task(horizon=3, seasons=(24,))
PANEL = make_panel((200, 200, 200))
UNTIL = PANEL.ends - 20
ORIGINS = Origins(np.array([0, 1, 2, 2]), np.r_[UNTIL + 2, UNTIL[2] + 5])


def fitted(simpler: str, unfitted: tuple[int, ...]) -> Fallback:
    without = np.isin(np.arange(PANEL.n_series), unfitted)
    return Fallback("model", simpler, Settings()).fit(PANEL, TASK, UNTIL, without)


def reasons(*why: str) -> fallback.Texts:
    return np.array(why, dtype=object)


def blank() -> Floats:
    return np.zeros((len(ORIGINS), TASK.horizon, len(TASK.quantiles)))


def test_a_forecast_is_refused_where_it_is_no_number_or_far_from_all_history() -> None:
    values = np.zeros((5, 2, 3))
    values[1, 1, 2] = np.nan
    values[2, 0, 0] = -np.inf
    values[3] = 101.0  # ten ranges of 10 from the last value, and one more
    values[4] = 100.0
    why = objections(values, np.zeros(5), np.full(5, 10.0))
    assert why.tolist() == ["", NOT_FINITE, NOT_FINITE, FAR, ""]


def test_what_stands_is_left_alone_and_what_does_not_is_answered_in_another_name() -> None:
    values = blank()
    forecast = fitted("naive", ()).mend(PANEL, ORIGINS, values, reasons("", FAR, "", FAR), TASK)
    assert (forecast.values[[0, 2]] == 0).all()
    rule = SeasonalNaive().fit(PANEL, TASK, UNTIL).forecast(PANEL, ORIGINS)
    np.testing.assert_array_equal(forecast.values[[1, 3]], rule.values[[1, 3]])
    assert forecast.replaced == (Replaced("model", "seasonal-naive", FAR, 2, 4, ("s1", "s2")),)
    assert forecast.fallbacks == (in_words(forecast.replaced[0]),)


def test_a_series_without_a_fit_is_the_next_simpler_model_s() -> None:
    made = fitted("naive", (2,))
    forecast = made.mend(PANEL, ORIGINS, blank(), reasons("", FAR, "no fit", "no fit"), TASK)
    simple = Naive().fit(PANEL, TASK, UNTIL).forecast(PANEL, ORIGINS)
    np.testing.assert_array_equal(forecast.values[2:], simple.values[2:])
    assert [(r.by, r.why, r.origins) for r in forecast.replaced] == [
        ("naive", "no fit", 2),
        ("seasonal-naive", FAR, 1),
    ]


def test_reasons_are_counted_apart() -> None:
    why = reasons("short", "long", "short", "short")
    forecast = fitted("seasonal-naive", (0, 1, 2)).mend(PANEL, ORIGINS, blank(), why, TASK)
    counted = {r.why: (r.origins, r.of, r.series) for r in forecast.replaced}
    assert counted == {"short": (3, 4, ("s0", "s2")), "long": (1, 4, ("s1",))}


def test_what_a_simpler_model_could_not_answer_either_is_said_in_its_name() -> None:
    bare = replace(PANEL, observed=PANEL.observed.copy(), values=PANEL.values.copy())
    early = Origins(np.array([0]), np.array([1]))
    forecast = fitted("naive", ()).mend(bare, early, blank()[:1], reasons(FAR), TASK)
    assert [(r.model, r.by) for r in forecast.replaced] == [
        ("model", "seasonal-naive"),
        ("seasonal-naive", "naive"),
    ]


def test_the_next_simpler_model_is_fitted_only_where_it_is_needed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sizes: list[int] = []
    fit = Naive.fit

    def counted(self: Naive, panel: Panel, *given: object) -> Naive:
        sizes.append(panel.n_series)
        return fit(self, panel, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(Naive, "fit", counted)
    fitted("naive", ())
    assert sizes == []
    fitted("naive", (1, 2))
    assert sizes == [2]


def test_a_restored_fallback_answers_alike() -> None:
    made = fitted("naive", (2,))
    arrays, meta = made.state()
    again = Fallback("model", "drift", Settings())
    again.recall(arrays, meta)
    why = reasons("", FAR, "no fit", "no fit")
    first, second = (f.mend(PANEL, ORIGINS, blank(), why, TASK) for f in (made, again))
    assert first.values.tobytes() == second.values.tobytes()
    assert first.replaced == second.replaced


def test_nothing_asked_is_nothing_replaced() -> None:
    none = ORIGINS[:0]
    forecast = fitted("naive", ()).mend(PANEL, none, blank()[:0], reasons(), TASK, ("a note",))
    assert forecast.replaced == ()
    assert forecast.fallbacks == ("a note",)
