"""forecast-cli: is a recurrent network worth it on my data, or will a simple model do?

The verbs of the command line as functions, with the same names and defaults, returning
frozen results::

    import forecast_cli as fc

    result = fc.compare("load.csv", horizon=24)
    print(result.verdict.text)
    result.to_html("report.html")

``compare`` is short for ``compare_baselines``, the name that the command line has.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from forecast_cli.workflows.compare import compare_baselines as compare_baselines
    from forecast_cli.workflows.doctor import doctor as doctor
    from forecast_cli.workflows.inspect import inspect as inspect
    from forecast_cli.workflows.models import models as models
    from forecast_cli.workflows.predict import predict as predict
    from forecast_cli.workflows.rerun import rerun as rerun
    from forecast_cli.workflows.runs import runs as runs
    from forecast_cli.workflows.train import train as train

    compare = compare_baselines

# name → file of workflows/ and function in it
_VERBS = {
    "compare": ("compare", "compare_baselines"),
    "compare_baselines": ("compare", "compare_baselines"),
    "doctor": ("doctor", "doctor"),
    "inspect": ("inspect", "inspect"),
    "models": ("models", "models"),
    "predict": ("predict", "predict"),
    "rerun": ("rerun", "rerun"),
    "runs": ("runs", "runs"),
    "train": ("train", "train"),
}

__all__ = ["__version__", *_VERBS]


def __getattr__(name: str) -> Any:
    """Import a verb when it is first used, so that ``import forecast_cli`` costs nothing."""
    if name in _VERBS:
        import importlib

        file, function = _VERBS[name]
        return getattr(importlib.import_module(f"forecast_cli.workflows.{file}"), function)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """The verbs; what Python adds to a package is none of them."""
    return list(_VERBS)


class _Package(ModuleType):
    """Keeps ``fc.runs`` the verb, though a folder of the same name is imported beneath it.

    Python sets a subpackage as an attribute of its parent; here that is let go by, since
    ``from forecast_cli.runs import ...`` does not need it.
    """

    @property
    def runs(self) -> Any:
        return __getattr__("runs")

    @runs.setter
    def runs(self, subpackage: ModuleType) -> None: ...


sys.modules[__name__].__class__ = _Package
