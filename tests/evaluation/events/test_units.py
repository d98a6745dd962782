"""What is independent among answers."""

from __future__ import annotations

import numpy as np

from forecast_cli.evaluation.events.units import find_units
from forecast_cli.events import EventTask


def test_all_answers_of_an_entity_are_one_unit_of_its_rarest_class() -> None:
    entity, labels = np.array([3, 3, 7, 7, 9]), np.array([0, 1, 0, 0, 1])
    found = find_units(EventTask("row", "failed"), entity, entity * 0, labels, entity * 0)
    assert found.of_answer.tolist() == [0, 0, 1, 1, 2]
    assert found.stratum.tolist() == [1, 0, 1]
    assert found.kind == "entities"


def test_resamples_keep_the_count_of_every_fold_and_stratum() -> None:
    entity = np.arange(40)
    labels, fold = (entity % 4 == 0).astype(np.int64), entity % 3
    found = find_units(EventTask("entity", "died"), entity, fold, labels, entity)
    drawn = found.resamples(50, seed=1)
    for group in np.unique(found.group):
        inside = found.group == group
        assert (drawn[:, inside].sum(axis=1) == inside.sum()).all()
    assert (drawn == found.resamples(50, seed=1)).all()


def test_a_regular_series_is_cut_into_blocks_of_time_that_all_series_share() -> None:
    task = EventTask("threshold", "load > 1", horizon=6, seasons=(24,))
    times = np.tile(np.arange(960) * 3600, 2)
    entity = np.repeat([0, 1], 960)
    labels = (times % 7 == 0).astype(np.int64)
    found = find_units(task, entity, entity * 0, labels, times)
    assert found.kind == "blocks of 24 steps"
    assert len(found) == 40
    assert (found.of_answer[:960] == found.of_answer[960:]).all()
