"""How much is read at most, so that a hostile or mistaken file ends in words, not in a crash.

The limits lie far above what a laptop can learn from; ``--limits`` multiplies all of them at
once. This file knows no file and no table.
"""

from __future__ import annotations

from dataclasses import dataclass

from forecast_cli.errors import DataError


@dataclass(frozen=True)
class Limits:
    """What one reading may hold, each of them ``times`` the plain limit.

    Parameters
    ----------
    times : float
        The option ``--limits``.
    """

    times: float = 1.0

    @property
    def bytes(self) -> int:
        """Of all files together, unpacked."""
        return int(2e9 * self.times)

    @property
    def rows(self) -> int:
        """Of the table, and of all series together on their grid."""
        return int(50_000_000 * self.times)

    @property
    def columns(self) -> int:
        """Of the table."""
        return int(20_000 * self.times)

    @property
    def series(self) -> int:
        return int(200_000 * self.times)

    def check(self, name: str, **counts: int) -> None:
        """Refuse counts of rows, columns or series that are above their limits.

        Raises
        ------
        DataError

        Examples
        --------
        >>> PLAIN.check("data.csv", rows=1000, series=3)
        """
        for what, count in counts.items():
            most = getattr(self, what)
            if count > most:
                raise self.refuse(name, f"{most} {what}", "holds", f" ({count})")

    def refuse(self, name: str, most: str, verb: str, found: str = "") -> DataError:
        """The error that says which limit was passed, and how to raise it."""
        return DataError(
            f"{name}: {verb} more than {most}{found}",
            f"--limits {2 * self.times:g} doubles all limits on the size of data, if that is meant",
        )


PLAIN = Limits()
