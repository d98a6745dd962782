"""The prior: shares, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from forecast_cli.classifiers.prior import Prior
from forecast_cli.data.events.histories import Examples
from forecast_cli.errors import TrainingError
from forecast_cli.events import EventTask
from tests.events import random_histories


def test_every_answer_is_the_share_of_training_and_no_class_is_impossible() -> None:
    panel, examples = random_histories(10, seed=0)
    task = EventTask("entity", "stage", classes=("a", "b", "c"))
    labels = np.array([0, 0, 0, 0, 0, 0, 0, 1, 1, 1])
    model = Prior().fit(panel, task, Examples(examples.moments, labels))
    answers = model.probabilities(panel, examples.moments)
    np.testing.assert_allclose(answers, np.tile([8 / 13, 4 / 13, 1 / 13], (10, 1)))
    assert model.n_parameters == 2


def test_one_class_teaches_nothing() -> None:
    panel, examples = random_histories(10, seed=0)
    with pytest.raises(TrainingError, match="came out the same"):
        Prior().fit(panel, EventTask("entity", "died"), examples[examples.labels == 1])
