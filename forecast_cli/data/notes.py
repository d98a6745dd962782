"""What reading has to say: guesses, repairs and warnings, gathered on the way.

Every step of reading writes here what it guessed and what it changed, so that nothing is
altered silently. It knows nothing of how that is printed.
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
