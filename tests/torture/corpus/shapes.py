"""Rows and columns out of shape: ragged, nameless, quoted, empty, very wide, very long."""

from __future__ import annotations

from tests.torture.corpus.base import DAYS, PLAIN, VALUES, File, N, Reads, Refused, table

_ALL = Reads(N)
_PAIRS = tuple(zip(DAYS, VALUES, strict=True))


def _lines(*lines: str) -> bytes:
    return ("\n".join(lines) + "\n").encode()


def _rows(extra: str = "") -> list[str]:
    return [f"{t},{v}{extra}" for t, v in _PAIRS]


def _wide(columns: int, rows: int = 6) -> bytes:
    header = ",".join(["time", *(f"c{i}" for i in range(columns))])
    return _lines(
        header,
        *(
            f"{DAYS[r]}," + ",".join(f"{(i * 7 + r * 3) % 11}.5" for i in range(columns))
            for r in range(rows)
        ),
    )


def _replaced(line: int, by: str) -> bytes:
    rows = _rows()
    rows[line] = by
    return _lines("time,y", *rows)


_SEPARATORS = {
    "semicolons": ";",
    "tabs": "\t",
    "bars": "|",
    "blanks": " ",
    "many-blanks": "    ",
}

FILES = (
    *(
        File(f"{name}.csv", table(sep=sep, header=f"time{sep}y").encode(), _ALL)
        for name, sep in _SEPARATORS.items()
    ),
    *(
        File(
            f"{name}-decimal-comma.csv",
            table(
                sep=sep,
                header=f"time{sep}y",
                values=(f"{i}" for i in [f"{3 * k % 7},{k % 9}5" for k in range(N)]),
            ).encode(),
            _ALL,
        )
        for name, sep in _SEPARATORS.items()
    ),
    File(
        "decimal-comma-quoted.csv",
        table(values=(f'"{k % 7},{k % 9}5"' for k in range(N))).encode(),
        _ALL,
    ),
    File("colons.csv", table(range(N), sep=":", header="t:y").encode(), Reads(), ("--sep", ":")),
    File("carets.csv", table(sep="^", header="time^y").encode(), _ALL, ("--sep", "^")),
    File(
        "unit-separators.csv",
        table(sep="\x1f", header="time\x1fy").encode(),
        _ALL,
        ("--sep", "\x1f"),
    ),
    File("separator-of-two.csv", PLAIN.encode(), Refused("not one character"), ("--sep", "::")),
    File("separator-quote.csv", PLAIN.encode(), Refused(""), ("--sep", '"')),
    File("separator-newline.csv", PLAIN.encode(), Refused(""), ("--sep", "\n")),
    File("separator-return.csv", PLAIN.encode(), Refused(""), ("--sep", "\r")),
    File("separator-digit.csv", PLAIN.encode(), Refused(""), ("--sep", "2")),
    File(
        "separator-wide-letter.csv",
        PLAIN.replace(",", "§").encode(),
        Refused("--sep"),
        ("--sep", "§"),
    ),
    File("separator-emoji.csv", PLAIN.replace(",", "😀").encode(), Refused("sep"), ("--sep", "😀")),
    File("separator-point.csv", PLAIN.encode(), Refused(""), ("--sep", ".")),
    File("separator-not-there.csv", PLAIN.encode(), Refused(""), ("--sep", "|")),
    File("decimal-x.csv", PLAIN.encode(), Refused("neither"), ("--decimal", "x")),
    File("separator-is-decimal.csv", PLAIN.encode(), _ALL, ("--sep", ",", "--decimal", ",")),
    File("sep-line.csv", b"sep=;\n" + PLAIN.replace(",", ";").encode(), _ALL),
    File("sep-line-lies.csv", b"sep=;\n" + PLAIN.encode(), Refused("")),
    File("sep-line-quote.csv", b'sep="\n' + PLAIN.encode(), Refused("")),
    File("sep-line-alone.csv", b"sep=,\n", Refused("")),
    File("empty.csv", b"", Refused("empty")),
    File("one-newline.csv", b"\n", Refused("empty")),
    File("blank-lines.csv", b"\n \n\t\n" * 99, Refused("empty")),
    File("one-comma.csv", b",", Refused("")),
    File("only-commas.csv", b",,,,\n" * 50, Refused("")),
    File("only-semicolons.csv", b";;\n" * 50, Refused("")),
    File("only-quotes.csv", b'"\n' * 51, Refused("")),
    File("even-quotes.csv", b'""\n' * 50, Refused("")),
    File("one-letter.csv", b"x", Refused("")),
    File("one-number.csv", b"1", Refused("")),
    File("one-word-many-times.csv", b"word\n" * 50, Refused("")),
    File("header-only.csv", b"time,y\n", Refused("no rows")),
    File("header-only-no-end.csv", b"time,y", Refused("no rows")),
    File("header-twice.csv", b"time,y\ntime,y\n", Refused("")),
    File("one-row.csv", b"time,y\n2024-01-01,1\n", Refused("one row")),
    File("two-rows.csv", b"time,y\n2024-01-01,1\n2024-01-02,2\n", Reads(2)),
    File("one-row-no-header.csv", b"2024-01-01,1\n", Refused("")),
    File("no-header.csv", table(header="").encode(), _ALL),
    File("no-time.csv", _lines("y", *VALUES), _ALL),
    File("numbers-only.csv", _lines(*VALUES), Reads(N)),
    File("time-only.csv", _lines("time", *DAYS), Refused("")),
    File(
        "header-repeated-inside.csv",
        _lines("time,y", *_rows()[:9], "time,y", *_rows()[9:]),
        Refused("time"),
    ),
    File("names-twice.csv", _lines("time,y,y", *_rows(",1.5")), Reads(N, None)),
    File("names-many-times.csv", _lines("time" + ",y" * 40, *_rows(",2.5" * 39)), Reads(N, None)),
    File("time-twice.csv", _lines("time,time,y", *(f"{t},{t},{v}" for t, v in _PAIRS)), _ALL),
    File("name-collides.csv", _lines("time,y,y,y.2", *_rows(",1.5,2")), Reads(N, None)),
    File("name-collides-with-place.csv", _lines("time,,column2", *_rows(",5")), Reads(N, None)),
    File("names-empty.csv", _lines(",", *_rows()), _ALL),
    File("names-blank.csv", _lines(" ,  ", *_rows()), _ALL),
    File("name-empty-last.csv", _lines("time,y,", *_rows(",")), _ALL),
    File("names-are-numbers.csv", _lines("time,2020,2021", *_rows(",3.5")), Reads(N, None)),
    File("names-with-newline.csv", _lines('time,"y\n(kW)"', *_rows()), _ALL),
    File("names-padded.csv", _lines("  time , y  ", *_rows()), _ALL),
    File("header-commented.csv", _lines("# time,y", *_rows()), _ALL),
    File("name-series.csv", _lines("series,forecast", *_rows()), _ALL),
    File("name-of-option.csv", _lines("--target,-y", *_rows()), _ALL),
    File("row-short.csv", _replaced(7, "2024-01-08"), Reads(N)),
    File("row-empty-cells.csv", _replaced(7, ","), Reads(N)),
    File("row-blank.csv", _replaced(7, ""), Reads(N - 1)),
    File("row-long.csv", _replaced(7, "2024-01-08,1,2,3"), Refused(":9")),
    File("row-very-long.csv", _replaced(7, "2024-01-08" + ",1" * 10_000), Refused(":9")),
    File(
        "row-far-down-long.csv",
        _lines("time,y", *(f"{i},{i}" for i in range(5000)), "5000,1,2"),
        Refused(":5002"),
    ),
    File("first-row-long.csv", _lines("time,y", "2024-01-01,1,2", *_rows()[1:]), Refused("")),
    File("all-rows-long.csv", _lines("time,y", *_rows(",1.5")), Reads(N, None)),
    File("all-rows-short.csv", _lines("time,y,z", *_rows()), Reads(N, 1)),
    File(
        "every-row-its-length.csv",
        _lines(*(",".join("1" * (i % 9 + 1)) for i in range(60))),
        Refused(""),
    ),
    File("commas-at-end.csv", _lines("time,y", *_rows(",")), _ALL),
    File("preamble.csv", _lines("Station 7", "", "height: 12 m", "time,y", *_rows()), _ALL),
    File(
        "preamble-long.csv", _lines(*(f"note {i}" for i in range(300)), "time,y", *_rows()), Reads()
    ),
    File(
        "preamble-very-long.csv",
        _lines(*(f"note {i}" for i in range(3000)), "time,y", *_rows()),
        Reads(None),
    ),
    File("preamble-with-commas.csv", _lines("a,b,c,d", "e,f", "time,y", *_rows()), Refused(":3")),
    File("comments.csv", _lines("# made by hand", "# on a day", "time,y", *_rows()), _ALL),
    File("units-row.csv", _lines("time,y", "days,kW", *_rows()), Refused("")),
    File("footer.csv", _lines("time,y", *_rows(), "Total: 24 rows"), Refused("Total")),
    File("footer-total.csv", _lines("time,y", *_rows(), "Total,1234"), Refused("Total")),
    File(
        "footer-blank-and-words.csv",
        _lines("time,y", *_rows(), "", "", "(c) somebody"),
        Refused("somebody"),
    ),
    File("footer-dashes.csv", _lines("time,y", *_rows(), "----------,------"), Refused("--")),
    File("quoted-all.csv", _lines('"time","y"', *(f'"{t}","{v}"' for t, v in _PAIRS)), _ALL),
    File("quoted-newlines.csv", _lines("time,y,note", *_rows(',"a\nb"')), Reads(N)),
    File(
        "quoted-newlines-doubled.csv", _lines("time,y,note", *_rows(',"a\r\n\n\nb""c"')), Reads(N)
    ),
    File("quoted-separators.csv", _lines("time,y,note", *_rows(',"a,b;c\td"')), Reads(N)),
    File("quote-unclosed.csv", _replaced(7, '2024-01-08,"1'), Refused("")),
    File("quote-unclosed-first.csv", b'"' + PLAIN.encode(), Refused("")),
    File("quote-unclosed-last.csv", PLAIN.encode() + b'2024-02-01,"5', Refused("")),
    File("quote-inside.csv", _replaced(7, '2024-01-08,1"5'), Refused('1"5')),
    File("quote-after-cell.csv", _replaced(7, '2024-01-08,"1"5'), Reads(N)),
    File("quotes-single.csv", _lines("time,y", *(f"'{t}','{v}'" for t, v in _PAIRS)), Refused("")),
    File("quotes-curly.csv", _lines("time,y", *(f"“{t}”,“{v}”" for t, v in _PAIRS)), Refused("")),
    File("quotes-thousands.csv", b"time,y\n2024-01-01," + b'"' * 100_001 + b"\n", Refused("")),
    File("backslash-escapes.csv", _lines("time,y,note", *_rows(',"a\\"b"')), _ALL),
    File("padded-with-blanks.csv", _lines("time, y", *(f" {t} ,  {v} " for t, v in _PAIRS)), _ALL),
    File("fixed-width.txt", _lines("time        y", *(f"{t}{v:>10}" for t, v in _PAIRS)), _ALL),
    File(
        "markdown-table.md",
        _lines("| time | y |", "|---|---|", *(f"| {t} | {v} |" for t, v in _PAIRS)),
        Refused(""),
    ),
    File("columns-100.csv", _wide(100), Reads(6, 100)),
    File("columns-10000.csv", _wide(10_000), Reads(6, 10_000)),
    File(
        "columns-10000-text.csv",
        _lines(
            "time," + ",".join(f"c{i}" for i in range(10_000)),
            *(f"{t}," + ",".join(["x"] * 10_000) for t in DAYS[:5]),
        ),
        Refused("no column of numbers"),
    ),
    File("columns-100000.csv", _wide(100_000, 3), Refused("columns")),
    File("cell-of-1-megabyte.csv", _replaced(7, "2024-01-08," + "1" * 1_000_000), Refused("")),
    File("cell-of-50-megabytes.csv", _replaced(7, "2024-01-08," + "x" * 50_000_000), Refused("")),
    File("line-of-50-megabytes.csv", b"x" * 50_000_000, Refused("")),
    File(
        "name-of-50-megabytes.csv",
        b"time," + b"y" * 50_000_000 + b"\n" + PLAIN.encode()[7:],
        Refused("longer than"),
    ),
    File(
        "quoted-50-megabytes.csv",
        _replaced(7, '2024-01-08,"' + "x\n" * 25_000_000 + '"'),
        Refused(""),
    ),
    File("blank-lines-million.csv", PLAIN.encode() + b"\n" * 1_000_000, Reads(N)),
    File("blank-lines-before.csv", b"\n" * 1000 + PLAIN.encode(), _ALL),
    File("rows-of-blanks.csv", PLAIN.encode() + b" , \n" * 1000, Reads(N + 1000)),
    File("rows-one-letter-each.csv", b"a\n" * 200_000, Refused("")),
    File(
        "ids-each-row-its-own.csv",
        _lines("id,time,y", *(f"m{i},{DAYS[0]},{i}" for i in range(500))),
        Refused("one row"),
    ),
    File(
        "ids-blank.csv",
        _lines("id,time,y", *(f"{w},{t},{v}" for w in ("", "a") for t, v in _PAIRS)),
        Reads(2 * N, 1),
    ),
    File(
        "ids-padded.csv",
        _lines(
            "id,time,y",
            *(f"{w},{t},{v}" for w in ("b", "a") for t, v in _PAIRS),
            *(f'" a ",2024-03-0{d},1' for d in range(1, 9)),
        ),
        Reads(2 * N + 8, 2),
    ),
    File(
        "ids-hex-exponents.csv",
        _lines(
            "id,time,y",
            *(
                f"{w},{t},{v}"
                for w in ("2e06918610327a", "4e492493924924", "1e5", "0x1F")
                for t, v in _PAIRS
            ),
        ),
        Reads(4 * N, 4),
    ),
    File(
        "ids-all-exponents.csv",
        _lines(
            "id,time,y",
            *(f"{w},{t},{v}" for w in ("4e492493924924", "4e492493924925") for t, v in _PAIRS),
        ),
        Reads(2 * N, 2),
    ),
    File(
        "ids-leading-zeros.csv",
        _lines("id,time,y", *(f"{w},{t},{v}" for w in ("007", "07", "7") for t, v in _PAIRS)),
        Reads(3 * N, 3),
    ),
    File(
        "ids-missing-marks.csv",
        _lines("id,time,y", *(f"{w},{t},{v}" for w in ("NA", "null", "nan") for t, v in _PAIRS)),
        Reads(3 * N, 3),
        ("--id", "id"),
    ),
    File(
        "ids-differ-in-case.csv",
        _lines("id,time,y", *(f"{w},{t},{v}" for w in ("A", "a") for t, v in _PAIRS)),
        Reads(2 * N, 2),
    ),
    File(
        "ids-with-slashes.csv",
        _lines("id,time,x,y", *(f"{w},{t},{v},{v}" for w in ("a", "a/x") for t, v in _PAIRS)),
        Reads(2 * N, 4),
    ),
    File(
        "ids-that-collide.csv",
        _lines(
            "id,time,x,y", *(f"{w},{t},{v},{v}" for w in ("a", "a/x") for t, v in _PAIRS)
        ).replace(b"time,x,y", b"time,x/y,y"),
        Refused("several series"),
    ),
)
