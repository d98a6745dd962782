"""Every option of every verb: its name, type, default and meaning, in one place.

The command line and the Python functions are both made from these classes, so that names
and defaults cannot drift apart. An option is resolved as: given > ``FORECAST_*`` in the
environment > ``--config`` file > ``forecast.toml`` or ``[tool.forecast]`` > default here.
None means "inferred from the data", and what was inferred is said aloud.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
)
from pydantic.fields import FieldInfo
from pydantic_core import PydanticCustomError

SEEDS = 2**63  # the generators take no larger one


def _is_step(text: str) -> str:
    """A step leads onwards: its count, where it has one, is positive."""
    count = re.match(r"\s*([+-]?\d*\.?\d*)", text)
    digits = count.group(1) if count else ""
    if digits.startswith("-") or (digits and not digits.strip("+0.")):
        raise PydanticCustomError("step", "a step is longer than nothing, such as 15min, h, D")
    return text


def _is_date_format(text: str) -> str:
    """Every directive is one that a time can be read by."""
    try:
        datetime.strptime("", text)
    except (ValueError, re.error) as cause:
        if "does not match" not in str(cause):
            reason = "not a format of times, such as %d.%m.%Y %H:%M ({cause})"
            raise PydanticCustomError("date_format", reason, {"cause": str(cause)}) from cause
    return text


def is_flag(field: FieldInfo) -> bool:
    """Whether an option is on or off, and takes no value on the command line."""
    return field.annotation is bool


Names = tuple[str, ...]
Text = Annotated[str, Field(min_length=1)]
Positive = Annotated[int, Field(gt=0, lt=2**31)]
Whole = Annotated[int, Field(ge=0, lt=2**31)]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    @field_validator("*", mode="before")
    @classmethod
    def _no_truth_value(cls, value: Any, info: ValidationInfo) -> Any:
        """``horizon = true`` in a file is a mistake, not a horizon of 1."""
        if not is_flag(cls.model_fields[info.field_name or ""]) and any(
            isinstance(v, bool) for v in (value if isinstance(value, list | tuple) else [value])
        ):
            raise PydanticCustomError("bool", "true and false are no values of this option")
        return value


class DataOptions(_Frozen):
    """Where the series are and how to read them."""

    data: Names = Field((), description="CSV files, globs, or - for standard input")
    time: Names = Field((), description="time column; repeat for date and time in two columns")
    target: Names = Field((), description="column to forecast; repeat for several")
    id: Text | None = Field(None, description="column that tells series apart (long files)")
    variable: Text | None = Field(None, description="column of variable names (name/value files)")
    value: Text | None = Field(None, description="column of values (name/value files)")
    past: Names = Field((), description="covariate known only up to now; repeat for several")
    future: Names = Field((), description="covariate known ahead; repeat for several")
    static: Names = Field((), description="column with one value a series; repeat for several")
    freq: Annotated[Text, AfterValidator(_is_step)] | None = Field(
        None, description="step, such as 15min, h, D, W, MS"
    )
    season: tuple[Positive, ...] = Field((), description="season length in steps; may repeat")
    sep: Text | None = Field(None, description="column separator")
    decimal: Text | None = Field(None, description="decimal mark, . or ,")
    encoding: Text | None = Field(None, description="text encoding, such as utf-8 or latin-1")
    date_format: Annotated[Text, AfterValidator(_is_date_format)] | None = Field(
        None, description='format of times, such as "%d.%m.%Y %H:%M"'
    )
    tz: Text | None = Field(None, description="time zone of times that name none")
    na: Names = Field((), description="text or number that marks a missing value; may repeat")
    limits: Annotated[float, Field(gt=0)] = Field(
        1.0, description="times the limits on the size of data (2 GB of text, 50 million rows)"
    )


class TaskOptions(_Frozen):
    """What is asked."""

    horizon: Positive | None = Field(None, description="steps to forecast")
    level: tuple[Annotated[int, Field(gt=0, lt=100)], ...] = Field(
        (80, 95), description="prediction interval in per cent; may repeat"
    )
    val_size: Whole | None = Field(
        None, description="steps kept for early stopping and for calibrating intervals"
    )
    conformal: bool = Field(True, description="calibrate intervals on these steps")


class Settings(_Frozen):
    """How a model is fitted. A baseline reads what it needs of it."""

    seed: Annotated[int, Field(ge=0, lt=SEEDS)] = Field(0, description="seed of all random draws")
    device: Literal["auto", "cpu", "cuda", "mps"] = Field("auto", description="where networks run")
    precision: Literal["float32", "bfloat16"] = Field(
        "float32", description="of the products in training"
    )
    threads: Positive | None = Field(
        None, description="processor threads in training; timed for large steps"
    )
    max_steps: Positive | None = Field(None, description="training steps at most")
    max_seconds: Annotated[float, Field(gt=0)] | None = Field(
        None, description="training seconds at most, for each network"
    )
    context: Positive | None = Field(
        None, description="past steps that a forecast uses, a fifth more or less"
    )
    patch: Positive | None = Field(None, description="steps that enter the network at once")
    hidden: Positive | None = Field(None, description="width of the recurrent state")
    layers: Positive = Field(1, description="stacked recurrent layers")
    dropout: Annotated[float, Field(ge=0, lt=1)] | None = Field(
        None, description="dropout between layers and before the head"
    )
    learning_rate: Annotated[float, Field(gt=0)] | None = Field(
        None, description="peak learning rate"
    )
    batch_size: Positive | None = Field(None, description="sequences in a training step")
    members: Positive | None = Field(None, description="networks that are trained and averaged")
    final_fit: Literal["all", "training"] = Field(
        "all", description="rows of the final fit: all, or not those of the validation block"
    )
    workers: Positive | None = Field(
        None, description="processes that fit baselines series by series; all cores if not given"
    )
    backend: Text = Field(
        "loky", description="joblib backend of these, such as loky, threading, dask or ray"
    )


class EventOptions(_Frozen):
    """Which event is asked about; without one of the first four, values are forecast."""

    label: Text | None = Field(
        None, description="column of what happened: one value an entity, or one a row"
    )
    labels: Text | None = Field(None, description="file of labels, joined on the id")
    event: Text | None = Field(
        None, description='event of a regular series within the horizon, such as "load > 4200"'
    )
    event_within: Text | None = Field(
        None, description="the history ends in the event: does it come within 30 (steps), 7d, 12h"
    )
    statics: Text | None = Field(None, description="file with one row an entity: what is fixed")
    positive: Text | None = Field(None, description="which of two labels is the event")


class TrainConfig(DataOptions, TaskOptions, EventOptions, Settings):
    """``forecast train``."""

    model: str = Field(
        "lstm",
        description="network or baseline; see: forecast models; auto: what a comparison ships",
    )
    resume: Text | None = Field(
        None, description="unfinished run to go on with, with its data and its options"
    )
    runs: str = Field("runs", description="folder that holds the runs")


class PredictConfig(DataOptions):
    """``forecast predict``."""

    statics: Text | None = Field(None, description="events: file of what is fixed, one row an id")

    run: str | None = Field(None, description="run to use; the latest where not given")
    runs: str = Field("runs", description="folder that holds the runs")


class CompareConfig(DataOptions, TaskOptions, EventOptions, Settings):
    """``forecast compare-baselines``."""

    models: Names = Field(("lstm", "gru"), description="networks to compare; may repeat")
    baselines: Names = Field(
        (), description="baselines to compare; none: only the reference; all where not given"
    )
    origins: Positive | None = Field(None, description="origins a series at most")
    stride: Positive | None = Field(
        None, description="steps between origins; the horizon where not given"
    )
    test_size: Positive | None = Field(None, description="last steps, that no model is fitted on")
    metric: Literal["mase", "rmsse", "mae", "rmse", "smape", "wql"] = Field(
        "mase", description="score that ranks"
    )
    baseline_timeout: Annotated[float, Field(gt=0)] = Field(
        300.0, description="seconds that each baseline has, for fits and forecasts together"
    )
    refit: Whole = Field(0, description="fit again every K origins; 0: fit once")
    seeds: Positive = Field(1, description="networks to train from different seeds and average")
    fail_if_worse_than: Text | None = Field(
        None, description="exit with code 6 if the best of --models loses more than this model"
    )
    prove_no_leak: bool = Field(
        False, description="repeat all with noise after every cutoff, and compare bytes"
    )
    folds: Annotated[int, Field(ge=2, le=50)] = Field(
        5, description="events: parts of the entities, each tested once"
    )
    test_data: Names = Field((), description="events: files to test on, in place of folds")
    test_labels: Text | None = Field(None, description="events: file of labels of --test-data")
    false_alarms: Annotated[float, Field(gt=0, lt=1)] = Field(
        0.1, description="events: share of quiet entities that may raise an alarm (lead times)"
    )
    run: str | None = Field(None, description="run to compare where no data are named")
    runs: str = Field("runs", description="folder that holds the runs")


class InspectConfig(DataOptions, EventOptions):
    """``forecast inspect``."""

    horizon: Positive | None = Field(None, description="steps to forecast")


class ModelsConfig(_Frozen):
    """``forecast models``."""

    request: Names = Field((), description="show NAME: all about one model")


class RunsConfig(_Frozen):
    """``forecast runs``."""

    runs: str = Field("runs", description="folder that holds the runs")


class RerunConfig(_Frozen):
    """``forecast rerun``."""

    run: str | None = Field(None, description="run to repeat; the latest where not given")
    data: Names = Field((), description="data of the run, where they have moved; may repeat")
    keep: bool = Field(False, description="keep what is trained as a new run")
    runs: str = Field("runs", description="folder that holds the runs")


class DoctorConfig(_Frozen):
    """``forecast doctor``."""

    runs: str = Field("runs", description="folder that holds the runs")


def settings_of(config: Settings, *, seed: int | None = None) -> Settings:
    """The part of a verb's configuration that models read."""
    values = {name: getattr(config, name) for name in Settings.model_fields}
    return Settings(**values | ({} if seed is None else {"seed": seed}))
