"""Write every file of sample_data/ anew, byte for byte the same.

Three are real series that ship with statsmodels; two are simulated, and say so in their
name. Two habits keep the bytes the same everywhere: random numbers come from the raw stream
of PCG64, which NumPy promises to keep (it promises no such thing of its distributions), and
every number is rounded to a few decimals, far above what processors disagree on.

Run it as: python scripts/make_sample_data.py [FOLDER]
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

SAMPLE_DATA = Path(__file__).resolve().parents[1] / "sample_data"

HOUSEHOLD_START = datetime(2022, 1, 1)
HOUSEHOLD_DAYS = 730
AHEAD_HOURS = 48  # rows at the end with a temperature forecast and no consumption yet
HOLIDAYS = frozenset(
    date(year, month, day)
    for year, month, day in (
        *((year, 1, 1) for year in (2022, 2023, 2024)),
        *((year, 12, day) for year in (2022, 2023) for day in (24, 25, 26, 31)),
        *((year, 5, 1) for year in (2022, 2023)),
        *((2022, 4, 15), (2022, 4, 18), (2023, 4, 7), (2023, 4, 10)),  # Easter
    )
)
AWAY = ((date(2022, 7, 23), date(2022, 8, 6)), (date(2023, 8, 5), date(2023, 8, 19)))

PUMPS = 40
CENSORED_SHARE = 0.3  # pumps that were still sound when the record ends


class Draws:
    """Random numbers that are the same in every version of NumPy."""

    def __init__(self, seed: int) -> None:
        self._stream = np.random.PCG64(seed)

    def uniform(self, *shape: int) -> Floats:
        """Uniform in [0, 1): the upper 53 bits of each raw word."""
        raw = self._stream.random_raw(int(np.prod(shape)))
        return (raw >> np.uint64(11)).astype(np.float64).reshape(shape) * 2.0**-53

    def normal(self, *shape: int) -> Floats:
        """Nearly standard normal: the sum of twelve uniforms, which needs no logarithm."""
        return np.asarray(self.uniform(*shape, 12).sum(axis=-1) - 6.0, dtype=np.float64)


def autoregression(noise: Floats, memory: float) -> Floats:
    """A stationary first-order autoregression of variance 1, driven by ``noise`` [T]."""
    level, path = noise[0], [noise[0]]
    for shock in noise[1:]:
        level = memory * level + np.sqrt(1 - memory**2) * shock
        path.append(level)
    return np.array(path)


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    lines = [",".join(header), *(",".join(row) for row in rows)]
    path.write_bytes(("\n".join(lines) + "\n").encode("ascii"))


def number(value: float, decimals: int) -> str:
    """Rounded text, empty where unknown; never a minus before zero."""
    return "" if np.isnan(value) else f"{round(float(value), decimals) + 0.0:.{decimals}f}"


def write_co2(folder: Path) -> None:
    from statsmodels.datasets import co2

    weeks = co2.load_pandas().data["co2"]
    write_csv(
        folder / "co2_weekly.csv",
        ("week", "co2"),
        ((f"{week:%Y-%m-%d}", number(value, 1)) for week, value in weeks.items()),
    )


def write_elnino(folder: Path) -> None:
    from statsmodels.datasets import elnino

    years = elnino.load_pandas().data
    write_csv(
        folder / "elnino_monthly.csv",
        ("month", "temperature"),
        (
            (f"{int(year)}-{month:02d}-01", number(value, 2))
            for year, *values in years.itertuples(index=False)
            for month, value in enumerate(values, start=1)
        ),
    )


def write_sunspots(folder: Path) -> None:
    from statsmodels.datasets import sunspots

    years = sunspots.load_pandas().data
    write_csv(
        folder / "sunspots_yearly.csv",
        ("year", "sunspots"),
        ((str(int(year)), number(value, 1)) for year, value in years.itertuples(index=False)),
    )


def weather(draws: Draws, hours: int) -> Floats:
    """[hours] outdoor temperature in °C: year, day, and spells of some days."""
    t = np.arange(hours)
    year = -9.0 * np.cos(2 * np.pi * (t / 24 - 20) / 365.25)  # coldest on 21 January
    swing = 3.0 - 1.5 * np.cos(2 * np.pi * (t / 24 - 10) / 365.25)  # wider days in summer
    day = -swing * np.cos(2 * np.pi * (t % 24 - 4) / 24)  # coldest at four in the morning
    spells = 3.5 * autoregression(draws.normal(hours), 0.985)
    return 10.0 + year + day + spells


def bump(hour: Floats, centre: float, width: float) -> Floats:
    """A bell around an hour of the day."""
    return np.asarray(np.exp(-0.5 * ((hour - centre) / width) ** 2), dtype=np.float64)


def habits(hours: int) -> Floats:
    """[hours] what the people of the house use in kWh: work days, free days, holidays away."""
    days = [HOUSEHOLD_START.date() + timedelta(days=d) for d in range(hours // 24)]
    free = np.repeat([d.weekday() >= 5 or d in HOLIDAYS for d in days], 24)
    away = np.repeat([any(first <= d < last for first, last in AWAY) for d in days], 24)
    hour = np.arange(hours, dtype=np.float64) % 24
    work_day = 0.55 * bump(hour, 7, 1.1) + 0.95 * bump(hour, 19, 2.0)
    free_day = 0.50 * bump(hour, 9.5, 1.8) + 0.35 * bump(hour, 13, 1.6) + 0.9 * bump(hour, 19, 2.4)
    return np.where(away, 0.04, np.where(free, free_day, work_day))


def consumption(draws: Draws, temperature: Floats) -> Floats:
    """[hours] kWh in each hour; positive, and skewed as the use of a household is."""
    hours = len(temperature)
    outside = np.convolve(temperature, np.ones(6) / 6)[:hours]  # walls keep the last hours' warmth
    heating = 0.075 * np.maximum(16.0 - outside, 0.0)
    mood = np.exp(0.18 * autoregression(draws.normal(hours), 0.9))
    surprise = np.exp(0.28 * draws.normal(hours) - 0.04)
    return (0.12 + heating + habits(hours) * mood) * surprise


def write_household(folder: Path) -> None:
    draws = Draws(2022)
    hours = 24 * HOUSEHOLD_DAYS + AHEAD_HOURS
    temperature = weather(draws, hours)
    used = consumption(draws, temperature)
    # What a planner has is the forecast of the day before; the house feels the real weather.
    forecast = temperature + 0.9 * autoregression(draws.normal(hours), 0.9)
    used[-AHEAD_HOURS:] = np.nan
    for first, length in ((3000, 5), (8123, 2), (12_400, 30)):  # the meter was silent
        used[first : first + length] = np.nan
    lost = {*range(5500, 5507), 9999, *range(15_020, 15_044)}  # rows that never were stored
    twice = 7777
    kept = [t for t in range(hours) if t not in lost for _ in range(1 + (t == twice))]
    write_csv(
        folder / "household_energy_simulated.csv",
        ("time", "consumption", "temperature"),
        (
            (
                f"{HOUSEHOLD_START + timedelta(hours=t):%Y-%m-%d %H:%M}",
                number(used[t], 3),
                number(forecast[t], 1),
            )
            for t in kept
        ),
    )


def pump_history(draws: Draws) -> tuple[Floats, bool]:
    """One pump: [cycles, 4] vibration, temperature, pressure, flow; and whether it failed.

    The pump is sound until an onset, then wears faster and faster. Its load changes all
    sensors as well, so that no single reading tells wear from work. A censored record ends
    before the failure.
    """
    life = 66 + int(235 * draws.uniform(1)[0])  # the cycle of failure, at most 300
    onset = life * (0.35 + 0.35 * draws.uniform(1)[0])
    failed = bool(draws.uniform(1)[0] >= CENSORED_SHARE)
    share = 0.4 + 0.5 * draws.uniform(1)[0]  # of its life that a censored pump was watched
    cycles = life if failed else max(60, int(share * life))
    t = np.arange(cycles)
    wear = np.maximum((t - onset) / (life - onset), 0.0) ** 2  # [cycles], 1 at failure
    load = autoregression(draws.normal(cycles), 0.95)
    own = draws.normal(4)  # no two pumps are built alike
    noise = draws.normal(cycles, 4)
    sensors = np.column_stack(
        [
            2.0 + 0.25 * own[0] + 0.20 * load + 2.6 * wear + (0.15 + 0.25 * wear) * noise[:, 0],
            62.0 + 2.0 * own[1] + 2.5 * load + 14.0 * wear + 0.8 * noise[:, 1],
            5.0 + 0.10 * own[2] + 0.15 * load - 0.7 * wear + 0.05 * noise[:, 2],
            120.0 + 3.0 * own[3] + 6.0 * load - 16.0 * wear + 1.5 * noise[:, 3],
        ]
    )
    sensors[draws.uniform(cycles, 4) < 0.004] = np.nan  # a reading that did not arrive
    return sensors, failed


def write_pumps(folder: Path) -> None:
    draws = Draws(40)
    rows = []
    for pump in range(1, PUMPS + 1):
        sensors, failed = pump_history(draws)
        for cycle, (vibration, temperature, pressure, flow) in enumerate(sensors, start=1):
            rows.append(
                (
                    f"P{pump:02d}",
                    str(cycle),
                    number(vibration, 2),
                    number(temperature, 1),
                    number(pressure, 2),
                    number(flow, 1),
                    str(int(failed and cycle == len(sensors))),
                )
            )
    header = ("pump", "cycle", "vibration", "temperature", "pressure", "flow", "failed")
    write_csv(folder / "pump_sensors_simulated.csv", header, rows)


def write_all(folder: Path) -> None:
    """Write all files into an existing folder."""
    for write in (write_co2, write_elnino, write_sunspots, write_household, write_pumps):
        write(folder)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Write the files of sample_data/ anew.")
    parser.add_argument("folder", nargs="?", type=Path, default=SAMPLE_DATA)
    write_all(parser.parse_args().folder)
