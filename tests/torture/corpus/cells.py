"""Cells that look like numbers and are none, or are numbers that no computer likes."""

from __future__ import annotations

from tests.torture.corpus.base import VALUES, File, N, Reads, Refused, table, with_cell

_ALL = Reads(N)


def _one(name: str, cell: str, expected: Reads | Refused = _ALL) -> File:
    return File(f"cell-{name}.csv", table(values=with_cell(cell)).encode(), expected)


def _every(name: str, cells: list[str], expected: Reads | Refused = _ALL) -> File:
    values = [cells[i % len(cells)] for i in range(N)]
    return File(f"cells-{name}.csv", table(values=values).encode(), expected)


_NOT_FINITE = ("inf", "-inf", "Infinity", "+INF", "1.#INF", "1e309", "-1e400", "9" * 400)
_MISSING = ("NA", "NaN", "nan", "N/A", "#N/A", "null", "NULL", "None", "?", "-", "--", "n/a", "")
_TEXT = (
    "abc",
    "error",
    "1.2.3",
    "1,5 kW",
    "12kW",
    "1e",
    "e5",
    "0x1F",
    "1_000",
    "--5",
    "+-5",
    "1 2",
    "(5)",
    "5-",
    "~5",
    "<5",
    "#REF!",
    "#DIV/0!",
    "#VALUE!",
    "=1+1",
    "nan(5)",
    "1d5",
    "1+2j",
    "on",
    "off",
    "①",
    "Ⅷ",
    "٣",
    "NaN%",
    "None.",
    "\\N",
    ".",
    "..",
    "-.",
    "e",
    "E5",
    "2e06918610327a",
    "4e492493924924",
    "1'000",
    "5e+",
)

FILES = (
    *(_one(f"not-finite-{i}", cell, Refused("")) for i, cell in enumerate(_NOT_FINITE)),
    *(_one(f"missing-{i}", cell) for i, cell in enumerate(_MISSING)),
    *(
        _one(f"text-{i}", f'"{cell}"' if "," in cell else cell, Refused(""))
        for i, cell in enumerate(_TEXT)
    ),
    _one("huge", "1e99"),
    _one("too-huge", "1e101", Refused("beyond")),
    _one("largest-double", "1.7976931348623157e308", Refused("beyond")),
    _one("subnormal", "5e-324"),
    _one("underflow", "1e-400"),
    _one("negative-zero", "-0.0"),
    _one("plus-sign", "+5"),
    _one("exponent", "1E+02"),
    _one("point-first", ".5"),
    _one("point-last", "5."),
    _one("leading-zeros", "0005"),
    _one("int-64-largest", "9223372036854775807"),
    _one("int-64-and-one", "9223372036854775808"),
    _one("uint-64-and-one", "18446744073709551616"),
    _one("integer-of-90-digits", "1" * 90),
    _one("integer-of-99-digits", "9" * 99),
    _one("integer-of-5000-digits", "9" * 5000, Refused("")),
    _one("decimals-5000", "0." + "1" * 5000),
    _one("zeros-million", "0" * 1_000_000 + "5"),
    _one("exponent-of-90-digits", "1e" + "9" * 90, Refused("")),
    _one("padded", "   5   "),
    _one("tab-inside", "5\t"),
    _one("no-break-space", "5\u00a0"),
    _one("zero-width", "5\u200b", Refused("")),
    _every("integers", ["3", "1", "4", "1", "5"]),
    _every("huge-integers", ["18446744073709551616", "28446744073709551616"]),
    _every("int-64-edges", ["9223372036854775807", "-9223372036854775808"]),
    _every("uint-64", ["18446744073709551615", "1"]),
    _every("subnormals", ["5e-324", "1e-323", "2e-320"]),
    _every("tiny", ["1e-300", "3e-300", "2e-300"]),
    _every("huge", ["1e99", "-1e99", "3e98"]),
    _every("beyond", ["1e300", "-1e300", "3e299"], Refused("beyond")),
    _every("near-overflow", ["1e308", "-1e308"], Refused("beyond")),
    _every("infinite", ["inf", "-inf"], Refused("")),
    _every("missing", ["NA"], Refused("no value")),
    _every("empty", [""], Refused("no value")),
    _every("missing-many-ways", list(_MISSING), Refused("no value")),
    _every("mostly-missing", ["", "", "", "5", "", "6"]),
    _every("constant", ["7"]),
    _every("constant-zero", ["0"]),
    _every("zero-and-one", ["0", "1"]),
    _every("booleans", ["true", "false", "true"]),
    _every("booleans-mixed-case", ["True", "FALSE", "true"]),
    _every("yes-no", ["yes", "no", "yes"]),
    _every("yes-and-numbers", ["yes", "1", "2"], Refused("")),
    _every("percent", ["12%", "15%", "9%"], Refused("%")),
    _every("dollars", ["$12.50", "$15.00", "$9.10"], Refused("$")),
    _every("euros", ["12.50 €", "15.00 €"], Refused("€")),
    _every("units", ["12 kW", "15 kW"], Refused("kW")),
    _every("thousands-quoted", ['"1,234.5"', '"12,345.0"', '"1,234,567.8"']),
    _every("thousands-blanks", ["1 234", "12 345"], Refused("")),
    _every("thousands-apostrophe", ["1'234", "12'345"], Refused("")),
    _every("thousands-underscore", ["1_234", "12_345"], Refused("")),
    _every("thousands-lakh", ['"1,23,456.5"', '"12,34,567.5"'], Refused("")),
    _every("negative-in-brackets", ["(5)", "(6)", "7"], Refused("")),
    _every("text", ["red", "green", "blue"], Refused("no column of numbers")),
    _every("numbers-as-text", ['"5"', '"6"', '"7.5"']),
    _every("numbers-as-text-padded", ['" 5 "', '" 6"', '"7.5 "']),
    _every("mixed-decimals", ["1.5", '"2,5"'], Refused("")),
    _every("hexadecimal", ["0x1F", "0xA0"], Refused("")),
    _every("hex-exponents", ["2e06918610327a", "4e492493924924"], Refused("")),
    _every("endless-exponents", ["4e492493924924", "5e492493924924"], Refused("")),
    _every("exponents", ["1e5", "2E-3", "3e+02"]),
    _every("roman", ["IV", "IX"], Refused("")),
    _every("json-inside", ['"{""a"": 1}"'], Refused("")),
    _every("lists-inside", ['"[1, 2]"'], Refused("")),
    File(
        "text-below-the-sample.csv",
        table(range(3000), [*(str(i % 17) for i in range(2999)), "oops"]).encode(),
        Refused(":3001"),
    ),
    File(
        "text-in-second-third.csv",
        table(range(3000), [("oops" if i == 1500 else str(i % 17)) for i in range(3000)]).encode(),
        Refused(":1502"),
    ),
    File(
        "infinity-below-the-sample.csv",
        table(range(3000), [*(str(i % 17) for i in range(2999)), "1e999"]).encode(),
        Refused(":3001"),
    ),
    File(
        "missing-above-the-sample.csv",
        table(range(3000), ["NA"] * 500 + [str(i % 17) for i in range(2500)]).encode(),
        Reads(3000),
    ),
    File(
        "text-column-and-numbers.csv",
        table(values=[f"{v},note {i}" for i, v in enumerate(VALUES)], header="time,y,z").encode(),
        _ALL,
    ),
)
