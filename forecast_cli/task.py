"""What is asked: the one question that every model in a comparison answers.

A :class:`Task` is shared by networks and baselines alike, so that a comparison can only
differ in the answer. It knows nothing of models or data files.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Task:
    """A forecasting question.

    Parameters
    ----------
    horizon : int
        H, the number of future steps asked for.
    seasons : tuple of int
        Season lengths in steps, shortest first; ``(1,)`` where there is none. The first is
        the season m of MASE and of the reference baseline.
    levels : tuple of int
        Central prediction intervals in per cent, ascending.
    validation : int
        Steps kept before the cutoff for early stopping and choices; 0 where there is no
        room. Models that need no validation fit on these steps too.
    """

    horizon: int
    seasons: tuple[int, ...] = (1,)
    levels: tuple[int, ...] = (80, 95)
    validation: int = 0

    def __post_init__(self) -> None:
        if self.horizon < 1:
            raise ValueError(f"horizon must be at least 1, got {self.horizon}")
        if not self.seasons or any(m < 1 for m in self.seasons):
            raise ValueError(f"seasons must be positive, got {self.seasons}")
        if list(self.levels) != sorted(set(self.levels)) or not all(
            0 < level < 100 for level in self.levels
        ):
            raise ValueError(f"levels must ascend between 0 and 100, got {self.levels}")

    @property
    def season(self) -> int:
        """The main season m, in steps."""
        return self.seasons[0]

    @property
    def quantiles(self) -> tuple[float, ...]:
        """The Q quantile levels that bound the intervals, with the median, ascending.

        Examples
        --------
        >>> Task(horizon=3, levels=(80,)).quantiles
        (0.1, 0.5, 0.9)
        """
        lower = [round((100 - level) / 200, 6) for level in reversed(self.levels)]
        return (*lower, 0.5, *(round(1 - q, 6) for q in reversed(lower)))

    @property
    def median(self) -> int:
        """The position of the median (the point forecast) among the quantiles."""
        return len(self.levels)
