"""Time zones: local times to UTC, and the marks that daylight saving leaves behind.

A naive sub-daily file in local time lacks one hour each spring and doubles one each autumn.
Without ``--tz`` the zone is never guessed, but a zone whose rules fit is named. Where times
name the end of a step, the marks lie one step later than the zone's own rules say: 01:00 to
02:00 then stands twice as 02:00.
"""

from __future__ import annotations

from itertools import product

import numpy as np

from forecast_cli.data.notes import Notes
from forecast_cli.data.panel import Bools, Ints
from forecast_cli.errors import UsageError

HOUR = 3_600 * 10**9
_ZONES = (
    "America/New_York",
    "Europe/Berlin",
    "Europe/London",
    "Australia/Sydney",
    "Pacific/Auckland",
    "America/Santiago",
)


def check_zone(zone: str) -> None:
    """Refuse a zone that does not exist.

    Raises
    ------
    UsageError
    """
    import pandas as pd

    try:
        pd.Timestamp(0, tz=zone)
    except (KeyError, ValueError) as cause:
        raise UsageError(f'unknown time zone "{zone}"', "for example --tz Europe/Berlin") from cause


def localise(local: Ints, entity: Ints, zone: str, notes: Notes) -> Ints:
    """[rows] UTC of local times; a doubled hour is told apart by the order of the rows."""
    import pandas as pd

    shift = named_by_end(*longest(local, entity), zone)
    local = local - shift
    index = pd.DatetimeIndex(local.view("datetime64[ns]"))
    attempt = index.tz_localize(zone, ambiguous="NaT", nonexistent="shift_forward")
    ambiguous = np.asarray(attempt.isna())
    summer = np.ones(len(local), dtype=np.bool_)
    if ambiguous.any():
        rows = np.flatnonzero(ambiguous)
        pairs = pd.DataFrame({"e": entity[rows], "t": local[rows]})
        steps = np.diff(local)
        newest_first = (steps < 0).sum() > (steps > 0).sum()
        later = pairs.duplicated(keep="last" if newest_first else "first")
        summer[rows] = ~later.to_numpy()
    resolved = index.tz_localize(zone, ambiguous=summer, nonexistent="shift_forward")
    utc = resolved.tz_convert("UTC").tz_localize(None).as_unit("ns").asi8
    absent = np.asarray(resolved.tz_localize(None) != index)
    notes.repair(
        "times that do not exist",
        int(absent.sum()),
        f"lie in an hour that {zone} skips in spring, moved to its end",
        "--tz",
    )
    why = "as given; times name the end of a step" if shift else "as given"
    notes.guess("time zone", f"{zone}, kept in UTC", f"--tz {zone}", why)
    return np.asarray(utc) + shift


def longest(times: Ints, entity: Ints) -> tuple[Ints, Ints]:
    """[T] the distinct times of the entity with most rows, ascending; [T] the rows of each."""
    own = times[entity == int(np.argmax(np.bincount(entity)))]
    if np.all(own[1:] > own[:-1]):  # as most are, and then there is nothing to sort
        return own, np.ones(len(own), dtype=np.int64)
    distinct, counts = np.unique(own, return_counts=True)
    return distinct, counts


def named_by_end(times: Ints, counts: Ints, zone: str) -> int:
    """The step where times name its end, by the marks of ``zone``; 0 where they name its start.

    Parameters
    ----------
    times : [T] int64
        Distinct local times of one series, ascending.
    counts : [T] int64
        How many rows each has.
    zone : str
    """
    if len(times) < 2:
        return 0
    steps, often = np.unique(np.diff(times), return_counts=True)
    step = int(steps[np.argmax(often)])
    if step > HOUR or HOUR % step:
        return 0
    holes, doubles = transitions(zone, int(times[0]) - step, int(times[-1]))

    def marks(shift: int) -> tuple[int, int]:
        """How many holes and doubles lie where they should, that much later."""
        absent = _absent(times, holes + shift)
        return int(absent.sum()), int(_holds(times[counts > 1], doubles + shift).sum())

    here, later = marks(0), marks(step)
    clear = later[0] >= 0.7 * holes.size if holes.size else later[1] >= 0.5 * doubles.size
    return step if clear and sum(later) > sum(here) else 0


def offset_zone(offsets: Ints, utc: Ints, notes: Notes) -> str:
    """The zone in which to show times that carried offsets: the most common offset."""
    found, counts = np.unique(offsets, return_counts=True)
    common = _offset_name(int(found[np.argmax(counts)]))
    if found.size > 1:
        names = ", ".join(_offset_name(int(offset)) for offset in found)
        zone = _zone_with_offsets(utc, offsets)
        hint = f"--tz {zone} fits" if zone else "--tz names the zone"
        notes.warn(f"times carry {found.size} offsets ({names}), shown in {common}; {hint}")
    notes.guess("time zone", f"{common}, kept in UTC", "--tz ZONE", "offsets in the file")
    return common


def saving_marks(times: Ints, counts: Ints, step: int, notes: Notes) -> None:
    """Warn where naive times show the holes and doubles of daylight saving.

    Parameters
    ----------
    times : [T] int64
        Distinct local times of one series, ascending.
    counts : [T] int64
        How many rows each has.
    step : int
        Nanoseconds from one to the next.
    """
    if step > HOUR or HOUR % step or len(times) < 2:
        return
    for shift, zone in product((0, step), _ZONES):  # a step may be named by its end
        holes, doubles = transitions(zone, int(times[0]), int(times[-1]))
        holes, doubles = holes + shift, doubles + shift
        absent = _absent(times, holes)
        doubled = _holds(times[counts > 1], doubles)
        # A change of clocks in spring shows surely; autumn's may have been mended in the file.
        signs = absent if holes.size else doubled
        if not signs.size or signs.mean() < 0.7:
            continue
        notes.warn(
            f"local time with daylight saving: {int(absent.sum())} spring hours are missing, "
            f"{int(doubled.sum())} autumn hours are doubled (merged to their mean)"
            f"{', times name the end of a step' if shift else ''}; "
            f"--tz names the zone, for example --tz {zone}"
        )
        return


def transitions(zone: str, start: int, end: int) -> tuple[Ints, Ints]:
    """The first local times of the hours that ``zone`` skips, and of those that it doubles."""
    import pandas as pd

    hours = np.arange(start // HOUR * HOUR, end + HOUR, HOUR)
    utc = pd.DatetimeIndex(hours.view("datetime64[ns]")).tz_localize("UTC").tz_convert(zone)
    local = utc.tz_localize(None).as_unit("ns").asi8
    jumps = np.diff(local)
    holes = local[:-1][jumps == 2 * HOUR] + HOUR
    doubles = local[:-1][jumps == 0]
    inside_holes = holes[(holes > start) & (holes < end)]
    return inside_holes, doubles[(doubles > start) & (doubles < end)]


def _absent(times: Ints, holes: Ints) -> Bools:
    """Whether each hole is one: not there, though the hours on either side are."""
    return ~_holds(times, holes) & _holds(times, holes - HOUR) & _holds(times, holes + HOUR)


def _holds(times: Ints, wanted: Ints) -> Bools:
    if not times.size:
        return np.zeros(len(wanted), dtype=np.bool_)
    place = np.minimum(np.searchsorted(times, wanted), len(times) - 1)
    return np.asarray(times[place] == wanted)


def _zone_with_offsets(utc: Ints, offsets: Ints) -> str | None:
    import pandas as pd

    index = pd.DatetimeIndex(utc.view("datetime64[ns]")).tz_localize("UTC")
    for zone in (*_ZONES, "America/Chicago", "America/Denver", "America/Los_Angeles"):
        local = index.tz_convert(zone).tz_localize(None).as_unit("ns").asi8
        if np.array_equal(local - utc, offsets):
            return zone
    return None


def _offset_name(offset: int) -> str:
    if offset == 0:
        return "UTC"
    minutes = abs(offset) // (60 * 10**9)
    return f"{'+' if offset > 0 else '-'}{minutes // 60:02d}:{minutes % 60:02d}"
