"""The store of runs: the one door of this package, for writing, finding and listing."""

from __future__ import annotations

from forecast_cli.runs.find import find as find
from forecast_cli.runs.find import list_runs as list_runs
from forecast_cli.runs.find import load_calibration as load_calibration
from forecast_cli.runs.find import load_classifier as load_classifier
from forecast_cli.runs.find import load_model as load_model
from forecast_cli.runs.find import saved_state as saved_state
from forecast_cli.runs.folder import CALIBRATION_FILE as CALIBRATION_FILE
from forecast_cli.runs.folder import MANIFEST_FILE as MANIFEST_FILE
from forecast_cli.runs.folder import SCHEMA as SCHEMA
from forecast_cli.runs.folder import VITAL_FILES as VITAL_FILES
from forecast_cli.runs.folder import Run as Run
from forecast_cli.runs.folder import seal as seal
from forecast_cli.runs.unfinished import Unfinished as Unfinished
from forecast_cli.runs.unfinished import begin as begin
from forecast_cli.runs.unfinished import take_up as take_up
from forecast_cli.runs.write import folder_name as folder_name
from forecast_cli.runs.write import require_writable as require_writable
from forecast_cli.runs.write import write as write
