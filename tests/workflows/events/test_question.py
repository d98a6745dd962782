"""Which options ask about an event, and that none is passed over in silence."""

from __future__ import annotations

import pytest

from forecast_cli.config import CompareConfig, PredictConfig, TrainConfig
from forecast_cli.errors import UsageError
from forecast_cli.events import EventTask
from forecast_cli.workflows.events.lineup import check_names, lineup, ranking_metric
from forecast_cli.workflows.events.question import (
    asks_event,
    refuse_event_options,
    refuse_value_options,
)

DIED = EventTask("entity", "died")


@pytest.mark.parametrize("name", ["label", "labels", "event", "event_within"])
def test_each_of_four_options_asks_about_an_event(name: str) -> None:
    assert asks_event(CompareConfig(**{name: "x"}))
    assert not asks_event(CompareConfig())
    assert not asks_event(PredictConfig())


@pytest.mark.parametrize(
    ("name", "value"),
    [("level", (80,)), ("val_size", 5), ("horizon", 3), ("season", (7,)), ("stride", 2)],
)
def test_an_option_of_forecasts_is_refused_of_histories(name: str, value: object) -> None:
    with pytest.raises(UsageError, match=f"--{name.replace('_', '-')}"):
        refuse_value_options(CompareConfig(label="died", **{name: value}))


def test_a_regular_series_has_a_horizon_and_a_season_but_no_folds() -> None:
    refuse_value_options(CompareConfig(event="x > 1", horizon=24, season=(24,)))
    with pytest.raises(UsageError, match="--folds"):
        refuse_value_options(CompareConfig(event="x > 1", folds=3))


@pytest.mark.parametrize(("name", "value"), [("positive", "1"), ("folds", 3), ("statics", "s.csv")])
def test_an_option_of_events_without_an_event_is_refused(name: str, value: object) -> None:
    with pytest.raises(UsageError, match="none is asked about"):
        refuse_event_options(CompareConfig(**{name: value}))


def test_a_value_that_is_the_default_is_no_option_given() -> None:
    refuse_event_options(CompareConfig(folds=5))
    refuse_value_options(TrainConfig(label="died", level=(80, 95)))


def test_false_alarms_belong_to_lead_times() -> None:
    refuse_value_options(CompareConfig(event_within="30", false_alarms=0.2))
    with pytest.raises(UsageError, match="lead times"):
        refuse_value_options(CompareConfig(label="died", false_alarms=0.2))


def test_test_labels_need_test_data() -> None:
    with pytest.raises(UsageError, match="--test-labels has no data"):
        refuse_value_options(CompareConfig(label="died", test_labels="l.csv"))


def test_a_metric_of_the_other_question_is_refused_both_ways() -> None:
    with pytest.raises(UsageError, match="--metric mase"):
        refuse_value_options(CompareConfig(label="died", metric="mase"))
    with pytest.raises(UsageError, match="--metric roc_auc"):
        refuse_event_options(CompareConfig(metric="roc_auc"))


def test_average_precision_ranks_two_classes_and_log_loss_more() -> None:
    assert ranking_metric(CompareConfig(), DIED) == "average_precision"
    several = EventTask("entity", "stage", classes=("a", "b", "c"))
    assert ranking_metric(CompareConfig(), several) == "log_loss"
    with pytest.raises(UsageError, match="two classes"):
        ranking_metric(CompareConfig(metric="min_se_pp"), several)


def test_all_models_that_can_answer_are_compared_each_once() -> None:
    names = lineup(CompareConfig(), DIED, "logistic")
    assert names[:2] == ("lstm", "gru")
    assert len(names) == len(set(names))
    assert {"prior", "logistic", "boosting"} <= set(names)
    assert "climatology" not in names


def test_none_leaves_the_reference() -> None:
    config = CompareConfig(baselines=("none",))
    check_names(config)
    assert lineup(config, DIED, "logistic") == ("lstm", "gru", "logistic")


def test_a_model_that_cannot_answer_is_refused_by_name() -> None:
    with pytest.raises(UsageError, match="climatology"):
        lineup(CompareConfig(baselines=("climatology",)), DIED, "logistic")


def test_a_model_of_forecasts_is_unknown_here() -> None:
    with pytest.raises(UsageError, match="arima"):
        check_names(CompareConfig(baselines=("arima",)))
