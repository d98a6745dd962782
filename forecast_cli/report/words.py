"""Numbers, times and names as text that a person can read, and that cannot bite.

Notable: a column of numbers shares its decimals, so that figures can be compared by eye;
names that come from a user's file pass through :func:`clean`, which makes control
characters visible, so that an id can neither move the cursor nor recolour a terminal. This
file knows no table and no result.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Sequence

_ASCII = str.maketrans(
    dict.fromkeys("–−—─━", "-")
    | dict.fromkeys("┌┐└┘├┤┬┴┼", "+")
    | dict.fromkeys("█▉▊▋▌", "#")
    | dict.fromkeys("▍▎▏", "|")
    | {"│": "|", "·": "|", "…": "~", "→": ">", "×": "x", "░": "=", "◂": "<", "▸": ">"}
    | {"±": "~", "\N{NO-BREAK SPACE}": " "}
)
NONE = "–"  # where a number does not exist
MINUS = "−"
LEAST, MOST = 1e-6, 1e7  # beyond them, numbers are written with an exponent


def clean(text: object, limit: int | None = None) -> str:
    """Text from outside, with everything that a terminal would obey made visible.

    Control, format, surrogate and line-breaking characters are written as Python escapes.

    Parameters
    ----------
    limit : int, optional
        Longest text wanted, in characters; the middle of a longer one becomes "…".

    Examples
    --------
    >>> print(clean("a\\x1b[31mb"))
    a\\x1b[31mb
    >>> clean("a rather long name", 9)
    'a ra…name'
    """
    shown = "".join(
        char.encode("unicode_escape").decode()
        if unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"}
        else char
        for char in str(text)
    )
    if limit is None or len(shown) <= limit:
        return shown
    head = limit // 2
    return shown[:head] + "…" + shown[len(shown) - (limit - head - 1) :]


def decimals(values: Iterable[float]) -> int:
    """How many decimals a column needs to show 3 to 4 digits of its small numbers.

    Examples
    --------
    >>> decimals([0.812, 1.19]), decimals([12.5, 230.0]), decimals([4312.0])
    (3, 2, 0)
    """
    sizes = sorted(abs(v) for v in values if LEAST <= abs(v) < MOST)
    if not sizes:
        return 3
    median = sizes[(len(sizes) - 1) // 2]
    smallest = next(size for size in sizes if size >= median / 1000)
    exponent = math.floor(math.log10(smallest))
    return min(8, max(0, (3 if exponent >= 0 else 2) - exponent))


def number(value: float | None, places: int | None = None) -> str:
    """One number; ``places`` decimals where given, 3 to 4 digits otherwise.

    Examples
    --------
    >>> number(0.81234), number(23456.7), number(float("nan")), number(9.2e9)
    ('0.812', '23457', '–', '9.2e+09')
    """
    if value is None or not math.isfinite(value):
        return NONE
    if abs(value) >= MOST or 0 < abs(value) < LEAST:
        return _typographic(f"{value:.3g}")
    return _typographic(f"{value:.{decimals([value]) if places is None else places}f}")


def numbers(values: Sequence[float | None]) -> list[str]:
    """A column of numbers with shared decimals.

    Examples
    --------
    >>> numbers([0.812, 1.2, None])
    ['0.812', '1.200', '–']
    """
    places = decimals(v for v in values if v is not None)
    return [number(v, places) for v in values]


def axis_numbers(ticks: Sequence[float]) -> list[str]:
    """Evenly spaced numbers with the decimals that tell them apart.

    Examples
    --------
    >>> axis_numbers([0.5, 1.0, 1.5]), axis_numbers([20000.0, 40000.0])
    (['0.5', '1.0', '1.5'], ['20,000', '40,000'])
    """
    step = ticks[1] - ticks[0] if len(ticks) > 1 else 1.0
    places = max(0, -math.floor(math.log10(step) + 1e-9))
    if any(abs(tick) >= MOST for tick in ticks):
        return [number(tick) for tick in ticks]
    return [_typographic(f"{tick:,.{places}f}") for tick in ticks]


def percent(share: float | None, *, signed: bool = False) -> str:
    """A share as per cent, with one decimal below 1000 %.

    Examples
    --------
    >>> percent(0.183, signed=True), percent(-0.5), percent(None)
    ('+18.3 %', '−50.0 %', '–')
    """
    if share is None or not math.isfinite(share):
        return NONE
    value = 100 * share
    if round(value, 1) == 0:
        return "0.0 %"
    if abs(value) >= 1e6:
        return _typographic(f"{value:{'+' if signed else ''}.1e} %")
    places = 1 if abs(value) < 1000 else 0
    return _typographic(f"{value:{'+' if signed else ''}.{places}f} %")


def whole_percent(share: float) -> str:
    """A share in per cent without decimals or unit, signed unless it is zero.

    Examples
    --------
    >>> whole_percent(0.183), whole_percent(-0.5), whole_percent(0.001)
    ('+18', '−50', '0')
    """
    if not math.isfinite(share):
        return NONE
    whole = round(100 * share)
    if not whole:
        return "0"
    text = f"{whole:+d}" if abs(whole) < 1e6 else f"{100 * share:+.0e}"
    return MINUS + text[1:] if whole < 0 else text


def percent_range(ends: tuple[float, float]) -> str:
    """An interval of shares, with one sign of per cent.

    Examples
    --------
    >>> percent_range((-0.021, 0.17)), percent_range((float("nan"), 0.1))
    ('−2.1 to +17.0 %', '–')
    """
    if not all(map(math.isfinite, ends)):
        return NONE
    low, high = (percent(end, signed=True) for end in ends)
    return f"{low.removesuffix(' %')} to {high}"


def probability(p: float) -> str:
    """A p value, never rounded to zero.

    Examples
    --------
    >>> probability(0.0213), probability(0.00001), probability(float("nan"))
    ('0.021', '<0.001', '–')
    """
    if not math.isfinite(p):
        return NONE
    return "<0.001" if p < 0.0005 else f"{p:.3f}"


def count(n: int, noun: str = "", plural: str | None = None) -> str:
    """A whole number with its noun.

    Examples
    --------
    >>> count(17420, "row"), count(1, "row"), count(7, "series", "series")
    ('17,420 rows', '1 row', '7 series')
    """
    if not noun:
        return f"{n:,}"
    return f"{n:,} {noun if n == 1 else plural or noun + 's'}"


def duration(seconds: float | None) -> str:
    """A time span in the unit that fits.

    Examples
    --------
    >>> duration(0.0042), duration(3.14), duration(95), duration(7265)
    ('4 ms', '3.1 s', '1 min 35 s', '2 h 1 min')
    >>> duration(0.0001)
    '<1 ms'
    """
    if seconds is None or not math.isfinite(seconds):
        return NONE
    if seconds < 0.0005:
        return "<1 ms"
    if seconds < 0.0995:
        return f"{1000 * seconds:.0f} ms"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


def size(n_bytes: int) -> str:
    """A file size.

    Examples
    --------
    >>> size(812), size(2_400_000)
    ('812 B', '2.4 MB')
    """
    value = float(n_bytes)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 999.5 or unit == "GB":
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1000
    raise AssertionError("unreachable")


def steps(first: int, last: int) -> str:
    """A range of horizon steps: "3" or "13–24"."""
    return str(first) if first == last else f"{first}–{last}"


def metric_name(metric: str) -> str:
    """How a metric is written.

    Examples
    --------
    >>> metric_name("smape"), metric_name("coverage_80")
    ('sMAPE', '80 % covers')
    """
    if metric.startswith("coverage_"):
        return f"{metric.removeprefix('coverage_')} % covers"
    return {"smape": "sMAPE"}.get(metric, metric.upper())


def lead(text: str) -> tuple[str, str]:
    """The first sentence, and the rest.

    Examples
    --------
    >>> lead("Its MASE is 0.71. It took 3 s.")
    ('Its MASE is 0.71.', 'It took 3 s.')
    """
    first, *rest = re.split(r"(?<=[.!?]) (?=[A-Z])", text, maxsplit=1)
    return first, "".join(rest)


def short_times(times: Sequence[str]) -> list[str]:
    """Times as axis labels: what is the same in all of them and says nothing is left out.

    Examples
    --------
    >>> short_times(["2024-01-01 03:00:00+01:00", "2024-01-02 04:30:00+01:00"])
    ['2024-01-01 03:00', '2024-01-02 04:30']
    >>> short_times(["2024-01-01 00:00:00", "2024-02-01 00:00:00"])
    ['2024-01-01', '2024-02-01']
    """
    shown = [re.sub(r"(:\d\d)[+-]\d\d:\d\d$", r"\1", text) for text in times]
    for idle in (":00", " 00:00"):
        if shown and all(re.search(rf"\d{idle}$", t) and len(t) > len("00:00:00") for t in shown):
            shown = [text.removesuffix(idle) for text in shown]
    return shown


def plain_ascii(text: str) -> str:
    """The same text in ASCII, sign for sign, for terminals that know nothing else.

    Examples
    --------
    >>> plain_ascii("−0.5 – Köln")
    '-0.5 - K?ln'
    """
    return text.translate(_ASCII).encode("ascii", "replace").decode()


def _typographic(text: str) -> str:
    """A minus sign in place of the hyphen in front; exponents stay as they are."""
    return MINUS + text[1:] if text.startswith("-") else text
