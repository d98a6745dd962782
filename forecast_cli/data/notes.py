"""What reading has to say: guesses, repairs and warnings, gathered on the way.

Every step of reading writes here what it guessed and what it changed, so that nothing is
altered silently, and the options that would say what it settled, so that newer data can be
read in the same way. It knows nothing of how that is printed.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from forecast_cli.results import Inferred, Repair


@dataclass(eq=False)
class Notes:
    """A ledger of one reading, in the order of its steps."""

    inferred: list[Inferred] = field(default_factory=list)
    repairs: list[Repair] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    resolved: dict[str, object] = field(default_factory=dict)  # option → the value that it took
    labels: dict[str, tuple[str, ...]] = field(default_factory=dict)  # text static → its codes

    def resolve(self, option: str, value: object) -> None:
        """The value that an option of ``DataOptions`` took; None where it took none."""
        if value is not None:
            self.resolved[option] = value

    def guess(self, name: str, value: str, option: str, why: str = "") -> None:
        """Something was inferred; ``option`` overrides it."""
        self.inferred.append(Inferred(name, value, option, why))

    def repair(self, kind: str, count: int, detail: str, option: str = "") -> None:
        """``count`` rows, cells or columns were changed; nothing is noted where none were."""
        if count:
            self.repairs.append(Repair(kind, int(count), detail, option))

    def warn(self, message: str) -> None:
        """Something that the user should know before trusting a forecast."""
        self.warnings.append(message)
