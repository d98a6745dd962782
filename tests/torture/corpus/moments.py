"""Times that do not exist, cannot be told apart, or lie beyond what 64 bits reach."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from tests.torture.corpus.base import DAYS, VALUES, File, N, Reads, Refused, table, with_cell

_ALL = Reads(N)
_BAD = Refused("is not a date")
_START = datetime(2024, 1, 1)


def _steps(form: str, step: timedelta = timedelta(days=1), start: datetime = _START) -> list[str]:
    return [(start + i * step).strftime(form) for i in range(N)]


def _times(name: str, times: list[str], expected: Reads | Refused = _ALL, *words: str) -> File:
    return File(f"times-{name}.csv", table(times).encode(), expected, words)


def _one(name: str, cell: str, expected: Reads | Refused) -> File:
    return File(f"time-{name}.csv", table(with_cell(cell, of=DAYS)).encode(), expected)


def _hours(name: str, cell: str, expected: Reads | Refused = _BAD) -> File:
    hours = _steps("%Y-%m-%d %H:%M:%S", timedelta(hours=1))
    return File(f"hour-{name}.csv", table(with_cell(cell, of=hours)).encode(), expected)


_HOUR = timedelta(hours=1)
_FORMATS = (
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%d.%m.%Y",
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%d-%m-%Y",
    "%Y%m%d",
    "%d-%b-%Y",
    "%d %B %Y",
    '"%b %d, %Y"',
    "%Y-%m-%dT%H:%M:%SZ",
    "%Y-%m-%d %H:%M:%S.%f",
    "%d.%m.%y",
    "%Y-%m-%d %H:%M:%S+00:00",
    "%Y.%m.%d",
    "%d-%b-%y",
    "%m/%d/%y",
)
_EPOCH = 1_704_067_200

FILES = (
    *(_times(f"format-{i}", _steps(form)) for i, form in enumerate(_FORMATS)),
    *(
        _times(f"clock-{i}", _steps(form, _HOUR))
        for i, form in enumerate(
            (
                "%Y-%m-%d %H:%M",
                "%d.%m.%Y %H:%M",
                "%m/%d/%Y %I:%M %p",
                "%Y%m%d%H",
                "%Y%m%d%H%M%S",
                "%Y-%m-%d_%H:%M:%S",
                "%d.%m.%Y %H.%M",
            )
        )
    ),
    *(
        _times(f"epoch-{unit}", [str((_EPOCH + 3600 * i) * scale) for i in range(N)])
        for unit, scale in (("s", 1), ("ms", 10**3), ("us", 10**6), ("ns", 10**9))
    ),
    _times("epoch-negative", [str(-_EPOCH + 3600 * i) for i in range(N)]),
    _times("epoch-float", [f"{_EPOCH + 3600 * i}.5" for i in range(N)]),
    _times("epoch-beyond", [str(10**19 + i) for i in range(N)], Refused("")),
    _times("epoch-exponents", [f"{1.7 + i / 100:.2f}e9" for i in range(N)]),
    _times("step-near-int-64", [str(2**63 - N + i) for i in range(N)], Refused("not a time")),
    _times(
        "steps-int-64-wide", [str(-(2**63) + i * 2**59) for i in range(N)], Refused("not a time")
    ),
    _times("steps-negative", [str(i - 12) for i in range(N)]),
    _times("steps-far-apart", [str(10**i) for i in range(18)], Refused(""), "--time", "time"),
    _times("steps-of-billion", [str(i * 10**9) for i in range(N)]),
    _times("steps-missing-one", [str(i + (i > 9)) for i in range(N)]),
    _times("steps-all-the-same", ["5"] * N, Refused(""), "--time", "time"),
    _times("all-the-same", [DAYS[0]] * N, Refused("")),
    _times("two-distinct", [DAYS[0], DAYS[1]] * (N // 2), Reads(N, None)),
    _times("doubled", [DAYS[i // 2] for i in range(N)], Reads(N, None)),
    _times("descending", list(DAYS[::-1])),
    _times("shuffled", [DAYS[7 * i % N] for i in range(N)]),
    _times("years", [str(2000 + i) for i in range(N)]),
    _times("years-early", [str(i + 1) for i in range(N)]),
    _times("quarters", [f"{2018 + i // 4}Q{i % 4 + 1}" for i in range(N)]),
    _times("quarter-five", [f"{2018 + i // 5}Q{i % 5 + 1}" for i in range(N)], _ALL),
    _times("weeks", [f"2024-W{i + 1:02d}" for i in range(N)]),
    _times("weeks-to-54", [f"2024-W{i + 31:02d}" for i in range(N)], Refused("W53")),
    _times("week-days", [f"2024-W{i // 7 + 1:02d}-{i % 7 + 1}" for i in range(N)]),
    _times("week-zero", [f"2024-W{i:02d}" for i in range(N)], Refused("W00")),
    _times("ordinal-days", [f"2024-{i + 1:03d}" for i in range(N)], Reads(N, None)),
    _times(
        "months",
        [f"2022-{i % 12 + 1:02d}" if i < 12 else f"2023-{i % 12 + 1:02d}" for i in range(N)],
    ),
    _times("months-named", _steps("%b %Y", timedelta(days=31))),
    _times("month-13", [f"2022-{i + 1:02d}" for i in range(N)], Refused("2022-13")),
    _times(
        "days-of-february-30", [f"2024-02-{i + 8:02d}" for i in range(N)], Refused("2024-02-30")
    ),
    _times(
        "two-orders",
        [d if i % 2 else d[8:] + "." + d[5:7] + "." + d[:4] for i, d in enumerate(DAYS)],
        Refused(""),
    ),
    _times(
        "ambiguous", [f"{i % 12 + 1:02d}/{i % 11 + 1:02d}/2024" for i in range(N)], Reads(N, None)
    ),
    _times("year-1", _steps("%Y-%m-%d", start=datetime(1, 1, 1)), _ALL),
    _times("year-1-padded", [f"0001-01-{i + 1:02d}" for i in range(N)], Refused("0001-01-01")),
    _times("year-0", [f"0000-01-{i + 1:02d}" for i in range(N)], Refused("0000-01-01")),
    _times("year-9999", [f"9999-12-{i + 1:02d}" for i in range(N)], Refused("9999-12-01")),
    _times("year-10000", [f"10000-01-{i + 1:02d}" for i in range(N)], _ALL),
    _times("year-1676", [f"1676-01-{i + 1:02d}" for i in range(N)], Refused("1676-01-01")),
    _times("year-1678", [f"1678-01-{i + 1:02d}" for i in range(N)]),
    _times("year-2261", [f"2261-12-{i + 1:02d}" for i in range(N)]),
    _times("year-2262-april", [f"2262-04-{i + 1:02d}" for i in range(N)], Refused("2262-04")),
    _times("across-eras", ["1700-01-01", "2261-01-01", *DAYS[2:]], _ALL),
    _times("before-1970", _steps("%Y-%m-%d", start=datetime(1960, 1, 1))),
    _times("bc", [f"-0044-03-{i + 1:02d}" for i in range(N)], _ALL),
    _times("nanoseconds", [f"2024-01-01 00:00:00.{i:09d}" for i in range(N)]),
    _times("microseconds", [f"2024-01-01 00:00:00.{i:06d}" for i in range(N)]),
    _times("picoseconds", [f"2024-01-01 00:00:00.{i:012d}" for i in range(N)], Refused("")),
    _times("clock-only", [f"{i:02d}:00" for i in range(N)], Reads(N, None)),
    _times("hours-to-24", [f"2024-01-01 {i + 1:02d}:00" for i in range(N)], Refused("24:00")),
    _times("words", ["today", "yesterday"] * (N // 2), _ALL),
    _times("now", ["now"] * N, _ALL),
    _times("empty", [""] * N, Reads(N, None)),
    _times("all-nat", ["NaT"] * N, _ALL),
    _times("excel-serial", [str(45_292 + i) for i in range(N)]),
    _times("excel-serial-fractions", [f"{45_292 + i / 24:.6f}" for i in range(N)], Reads(N, None)),
    _times("matlab", [f"{739_252 + i / 24:.6f}" for i in range(N)], Reads(N, None)),
    _times("julian", [f"{2_460_310.5 + i}" for i in range(N)], Reads(N, None)),
    _times("iso-durations", [f"PT{i}H" for i in range(N)], _ALL),
    _times("mixed-zones", [f"2024-01-{i + 1:02d}T00:00:00+0{i % 3}:00" for i in range(N)]),
    _times(
        "mixed-naive-aware",
        [f"2024-01-{i + 1:02d}T00:00:00" + ("Z" if i % 2 else "") for i in range(N)],
        Refused(""),
    ),
    _times("zone-beyond", [f"2024-01-{i + 1:02d}T00:00:00+99:00" for i in range(N)], Refused("")),
    _times("zone-named", [f"2024-01-{i + 1:02d} 00:00:00 CET" for i in range(N)], _ALL),
    _times(
        "zone-in-brackets",
        [f"2024-01-{i + 1:02d}T00:00:00+01:00[Europe/Paris]" for i in range(N)],
        _ALL,
    ),
    _times(
        "no-such-zone",
        _steps("%Y-%m-%d %H:%M", _HOUR),
        Refused("unknown time zone"),
        "--tz",
        "Mars/Olympus",
    ),
    _times(
        "zone-traversal",
        _steps("%Y-%m-%d %H:%M", _HOUR),
        Refused("unknown time zone"),
        "--tz",
        "../../etc/passwd",
    ),
    _times(
        "zone-blank", _steps("%Y-%m-%d %H:%M", _HOUR), Refused("unknown time zone"), "--tz", " "
    ),
    _times(
        "spring-hour",
        _steps("%Y-%m-%d %H:%M", _HOUR, datetime(2024, 3, 30, 12)),
        _ALL,
        "--tz",
        "Europe/Berlin",
    ),
    _times(
        "autumn-hour",
        _steps("%Y-%m-%d %H:%M", _HOUR, datetime(2024, 10, 26, 12)),
        _ALL,
        "--tz",
        "Europe/Berlin",
    ),
    _times(
        "autumn-hour-doubled",
        [
            t
            for i, t in enumerate(_steps("%Y-%m-%d %H:%M", _HOUR, datetime(2024, 10, 26, 14)))
            for _ in range(1 + (i == 12))
        ],
        Reads(N),
        "--tz",
        "Europe/Berlin",
    ),
    _times(
        "half-hour-saving",
        _steps("%Y-%m-%d %H:%M", _HOUR, datetime(2024, 4, 6, 12)),
        _ALL,
        "--tz",
        "Australia/Lord_Howe",
    ),
    _times(
        "skipped-day",
        _steps("%Y-%m-%d %H:%M", timedelta(hours=6), datetime(2011, 12, 28)),
        _ALL,
        "--tz",
        "Pacific/Apia",
    ),
    _times(
        "zone-before-history",
        _steps("%Y-%m-%d %H:%M", _HOUR, datetime(1700, 1, 1)),
        _ALL,
        "--tz",
        "Europe/Amsterdam",
    ),
    _times("freq-too-fine", list(DAYS), Refused(""), "--freq", "ns"),
    _times("freq-coarse", list(DAYS), _ALL, "--freq", "W"),
    _times("freq-of-years", list(DAYS), Refused(""), "--freq", "YS"),
    _times("freq-huge", list(DAYS), Refused(""), "--freq", "999999999999D"),
    _times("freq-nonsense", list(DAYS), Refused("not a frequency"), "--freq", "fortnight"),
    _times("freq-zero", list(DAYS), Refused(""), "--freq", "0D"),
    _times("freq-of-hours-in-business", list(DAYS), Refused(""), "--freq", "bh"),
    _times("format-wrong", list(DAYS), Refused("fits 0 cells"), "--date-format", "%d.%m.%Y"),
    _times("format-no-directive", list(DAYS), Refused(""), "--date-format", "abc"),
    _times("format-unknown-directive", list(DAYS), Refused(""), "--date-format", "%Q"),
    _times("format-of-letter", list(DAYS), Refused(""), "--date-format", "%"),
    _one("leap-second", "2024-01-11 23:59:60", Refused("23:59:60")),
    _one("day-32", "2024-01-32", Refused("2024-01-32")),
    _one("february-29-of-2023", "2023-02-29", Refused("2023-02-29")),
    _one("month-0", "2024-00-11", Refused("2024-00-11")),
    _one("far-future", "2924-01-11", Refused("")),
    _one("far-past", "0024-01-11", Refused("0024-01-11")),
    _one("century-off", "1924-01-11", Reads(N)),
    _one("empty", "", Reads(N)),
    _one("missing-mark", "NA", Reads(N)),
    _one("word", "monday", Refused("monday")),
    _one("other-format", "11/01/2024", Refused("11/01/2024")),
    _one("with-clock", "2024-01-11 00:00", Reads(N)),
    _one("with-fraction", "2024-01-11 00:00:00.5", Refused("00:00:00.5")),
    _one("with-zone", "2024-01-11T00:00:00Z", Refused("")),
    _one("padded", "  2024-01-11  ", Reads(N)),
    _one("zero-width", "2024-01-11\u200b", Refused("")),
    _one("unicode-digits", "２０２４-01-11", _ALL),
    _hours("leap-second", "2024-01-01 09:59:60"),
    _hours("25", "2024-01-01 25:00:00"),
    _hours("24", "2024-01-01 24:00:00"),
    _hours("minute-60", "2024-01-01 09:60:00"),
    _hours("off-by-a-second", "2024-01-01 10:00:01", Reads(N)),
    _hours("twelve-hour", "2024-01-01 10:00:00 AM"),
    File(
        "time-in-parts-month-13.csv",
        ("year,month,y\n" + "".join(f"2022,{i + 1},{VALUES[i]}\n" for i in range(N))).encode(),
        Reads(N, None),
    ),
    File(
        "time-in-parts-day-31.csv",
        (
            "year,month,day,y\n" + "".join(f"2022,2,{i + 8},{VALUES[i]}\n" for i in range(N))
        ).encode(),
        Refused(""),
    ),
    File(
        "time-in-parts-fraction.csv",
        (
            "year,month,day,y\n" + "".join(f"2022,{1 + i / 10},{1},{VALUES[i]}\n" for i in range(N))
        ).encode(),
        Refused("not a month"),
    ),
    File(
        "time-in-pair.csv",
        (
            "date,time,y\n"
            + "".join(f"{DAYS[i // 12]},{i % 12:02d}:00,{VALUES[i]}\n" for i in range(N))
        ).encode(),
        Reads(N),
    ),
    File(
        "time-in-pair-bad-clock.csv",
        (
            "date,time,y\n"
            + "".join(
                f"{DAYS[i // 12]},{i % 12:02d}:{'99' if i == 9 else '00'},{VALUES[i]}\n"
                for i in range(N)
            )
        ).encode(),
        Reads(N, None),
    ),
    File(
        "time-named-twice.csv",
        table().encode(),
        Refused("named by"),
        ("--time", "time", "--time", "time"),
    ),
    File(
        "time-is-the-target.csv",
        table().encode(),
        Refused("named by"),
        ("--time", "time", "--target", "time"),
    ),
    File(
        "time-of-four-columns.csv",
        table().encode(),
        Refused(""),
        ("--time", "time", "--time", "y", "--time", "time", "--time", "y"),
    ),
    File(
        "business-days.csv",
        table(
            [
                d.isoformat()
                for i in range(40)
                if (d := date(2024, 1, 1) + timedelta(days=i)).weekday() < 5
            ][:N]
        ).encode(),
        _ALL,
    ),
)
