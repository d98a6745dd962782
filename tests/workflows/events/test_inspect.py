"""``forecast inspect`` of histories."""

from __future__ import annotations

from forecast_cli.config import InspectConfig
from forecast_cli.workflows.events.inspect import inspect_histories


def test_the_next_command_asks_the_same_question(sample_data):
    pumps = str(sample_data / "pump_sensors_simulated.csv")
    found = inspect_histories(InspectConfig(data=(pumps,), label="failed", event_within="30"))
    assert found.lengths.sum() == 6920
    assert found.suggestion.startswith("forecast compare-baselines ")
    assert "--event-within 30" in found.suggestion


def test_without_a_question_one_is_to_be_added(sample_data):
    pumps = str(sample_data / "pump_sensors_simulated.csv")
    found = inspect_histories(InspectConfig(data=(pumps,)))
    assert found.classes == ()
    assert "--label LABEL" in found.suggestion
    assert "--id pump" in found.suggestion
