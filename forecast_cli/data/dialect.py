"""How a text file is written: encoding, separator, decimal mark, header line.

All of it is read off the first lines. A separator is believed when it cuts most lines into
the same number of fields; lines before the first such line are a preamble. Cells are not
interpreted beyond "looks like a number" here.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from forecast_cli.config import DataOptions
from forecast_cli.data.notes import Notes
from forecast_cli.data.read import Source
from forecast_cli.errors import DataError, UsageError

SPACES = r"\s+"
MISSING = ("", "?", "NA", "N/A", "#N/A", "n/a", "NaN", "nan", "NULL", "null", "None", "-", "--")
_SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar", SPACES: "blanks"}
_SEPARATOR_WORDS = {word: sep for sep, word in _SEPARATORS.items()} | {
    "\\t": "\t",
    " ": SPACES,
    "space": SPACES,
    "spaces": SPACES,
    "\\s+": SPACES,
}
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before the mark of UTF-16, with which it begins
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAMPLE_BYTES = 1_000_000
_SAMPLE_LINES = 400
csv.field_size_limit(2**31 - 1)  # what is too large to be read was refused before
_CONSISTENT = 0.85
_NEVER = "\n\r\"'.+-\0"  # separators

_ANGLO = re.compile(r"[-+]?(\d{1,3}(,\d{3})+|\d*)\.\d+([eE][-+]?\d+)?")
_ANGLO_THOUSANDS = re.compile(r"[-+]?\d{1,3}(,\d{3})+(\.\d+)?")
_EURO = re.compile(r"[-+]?(\d{1,3}(\.\d{3})+|\d*),\d+([eE][-+]?\d+)?")
_EURO_THOUSANDS = re.compile(r"[-+]?\d{1,3}(\.\d{3})+(,\d+)?")
_GROUP = re.compile(r"[-+]?[1-9]\d{0,2}[.,]\d{3}")
_SEP_LINE = re.compile(r'"?sep=(.)"?', re.IGNORECASE)
_NUMBER = re.compile(r"[-+]?(\d[\d.,]*|[.,]\d+)([eE][-+]?\d+)?%?")
_DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}.*|\d{1,2}[:.]\d{2}([:.]\d{2})?")


@dataclass(frozen=True)
class Dialect:
    """How one file is written.

    ``skip`` is the number of physical lines before the first data row; ``sample`` holds the
    cells of the first data rows.
    """

    encoding: str
    sep: str
    decimal: str
    thousands: str | None
    names: tuple[str, ...]
    skip: int
    sample: tuple[tuple[str, ...], ...]
    renamed: tuple[str, ...] = ()  # columns whose name came before
    doubtful: str = ""  # a number that another decimal mark would read a thousand times larger


def decode(source: Source, encoding: str | None) -> tuple[bytes, str]:
    """The content as UTF-8 with plain line ends and no byte order mark, and its encoding.

    Raises
    ------
    DataError
        Bytes that are no text, or not of the encoding that is named.
    UsageError
        An encoding that does not exist.
    """
    raw = source.content
    marked = next((name for bom, name in _BOMS if raw.startswith(bom)), None) or _wide(raw)
    if encoding is None and marked is None and b"\0" in raw[:65536]:
        raise DataError(
            f"{source.name}: is a binary file, not text (it holds NUL bytes)",
            "save it as CSV, or name its --encoding",
        )
    named = encoding or marked
    for name in (named,) if named else ("utf-8", "cp1252", "latin-1"):
        try:
            text = raw.decode(name)
        except LookupError as cause:
            raise UsageError(
                f'unknown encoding "{name}"', "for example --encoding latin-1"
            ) from cause
        except UnicodeDecodeError as cause:
            if named:
                raise DataError(
                    f"{source.name}: byte {cause.start} is not {name}",
                    "name another --encoding, such as latin-1",
                ) from cause
            continue
        content = raw if name == "utf-8" else text.lstrip("\ufeff").encode()
        if b"\r" in content:
            content = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        return content, name
    raise AssertionError("latin-1 reads any bytes")


def _wide(raw: bytes) -> str | None:
    """UTF-16 without a byte order mark, told by the zero that each plain letter has beside it."""
    head = raw[:65536]
    if len(raw) % 2 or not head:
        return None
    even, odd = head[::2].count(0), head[1::2].count(0)
    for name, zeros, others in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        if zeros > 0.7 * len(head) / 2 and not others:
            return name
    return None


def lines_of(content: bytes | memoryview) -> Iterator[str]:
    """The physical lines, their ends kept, one by one: all of them would be a second file."""
    return io.TextIOWrapper(io.BytesIO(content), "utf-8", "replace", newline="\n")


def detect(source: Source, content: bytes, encoding: str, options: DataOptions) -> Dialect:
    """Read the dialect off the first lines of ``content`` (UTF-8).

    Raises
    ------
    DataError
        No text, or no rows below the header.
    UsageError
        A separator or decimal mark that cannot be one.
    """
    lines = _sample_lines(source, content)
    said = _SEP_LINE.fullmatch(lines[0].strip())
    if said:  # spreadsheets write their separator into a first line
        lines[0] = "\n"
    sep, rows, starts, width = _separator(lines, options.sep or (said and said[1]))
    if not width:
        raise DataError(f"{source.name}: holds no table", "name a file with a header and rows")
    first = next(i for i, row in enumerate(rows) if len(row) == width)
    header = first
    commented = [i for i in range(first, _data_starts(rows, first)) if rows[i][0].startswith("#")]
    if commented:
        header = first = commented[-1]
    elif first and len(rows[first - 1]) == width - 1 > 1 and not _is_data(rows[first - 1]):
        header = first - 1
    # A header that is one short lacks the name of the row names in front, unless the last
    # column is but the shadow of a separator at the end of each row.
    front = header != first and any(row[-1] for row in rows[first:] if len(row) == width)
    rows = [_padded(row, width, front and i == header) for i, row in enumerate(rows)]
    body = rows[header + 1 :]
    named = _has_names(rows[header], body)
    if not named:
        body = rows[header:]
    if not body:
        raise DataError(
            f"{source.name}: has a header and no rows", "name a file with data below its header"
        )
    names = _names(rows[header]) if named else tuple(f"column{i + 1}" for i in range(width))
    skip = starts[header + 1] if named else starts[header]
    decimal, thousands = _marks(body, sep, options.decimal)
    known = {*rows[header]} if named else {*names}
    renamed = tuple(n for n in names if n not in known and n.rpartition(".")[0] in known - {""})
    doubtful = _doubtful(body, sep, thousands) if options.decimal is None else ""
    cells = tuple(map(tuple, body))
    return Dialect(encoding, sep, decimal, thousands, names, skip, cells, renamed, doubtful)


def tell(dialect: Dialect, notes: Notes) -> None:
    """Say what was inferred of the dialect."""
    word = _SEPARATORS.get(dialect.sep, dialect.sep)
    notes.resolve("sep", dialect.sep)
    notes.resolve("decimal", dialect.decimal)  # the encoding shows in any file's own bytes
    notes.guess("separator", word, f'--sep "{dialect.sep}"')
    mark = "comma" if dialect.decimal == "," else "point"
    why = f'thousands are marked "{dialect.thousands}"' if dialect.thousands else ""
    if dialect.doubtful:
        plain = dialect.doubtful.replace(",", ".")
        why = f'"{dialect.doubtful}" is taken for {plain}, not for {plain.replace(".", "")}'
        if dialect.decimal == ",":
            notes.warn(f'{why}, as all numbers look like that; --decimal "." takes it for that')
    notes.guess("decimal mark", mark, f'--decimal "{dialect.decimal}"', why)
    notes.guess("encoding", dialect.encoding, f"--encoding {dialect.encoding}")
    shown = ", ".join(f'"{name}"' for name in dialect.renamed[:8])
    notes.repair("columns of one name", len(dialect.renamed), f"are called {shown}")
    if dialect.names[0] == "column1" and dialect.names[-1] == f"column{len(dialect.names)}":
        notes.warn("the file has no header line: columns are called column1, column2, …")


def _sample_lines(source: Source, content: bytes) -> list[str]:
    """The first lines, and blank ones before them."""
    if not content.strip():
        raise DataError(f"{source.name}: the file is empty", "name a file with a header and rows")
    begin = len(content) - len(content.lstrip())
    head = content[: begin + _SAMPLE_BYTES]
    if len(head) < len(content):
        if b"\n" not in head[begin:]:
            raise DataError(
                f"{source.name}: its first line is longer than a megabyte",
                "name a file of text with a header and rows",
            )
        head = head[: head.rindex(b"\n")]
    blank = content.count(b"\n", 0, begin)
    return list(islice(lines_of(head), blank + _SAMPLE_LINES))


def _separator(
    lines: Sequence[str], given: str | None
) -> tuple[str, list[list[str]], list[int], int]:
    """The separator, the sample's rows, the line each starts on, and the number of fields."""
    if given is not None:
        sep = _SEPARATOR_WORDS.get(given, given)
        if sep != SPACES and len(sep) != 1:
            raise UsageError(f'--sep "{given}" is not one character', 'for example --sep ";"')
        if sep != SPACES and (not sep.isascii() or sep.isalnum() or sep in _NEVER):
            raise UsageError(
                f'--sep "{given}" cannot part the cells of numbers and text',
                'for example --sep ";"',
            )
        rows, starts = _rows(lines, sep)
        return sep, rows, starts, _width(rows)
    best = None
    for sep in _SEPARATORS:
        rows, starts = _rows(lines, sep)
        width = _width(rows)
        if width < 2 or (sep == SPACES and best is not None):
            continue
        first = next(i for i, row in enumerate(rows) if len(row) == width)
        share = sum(len(row) == width for row in rows[first:]) / len(rows[first:])
        score = (share >= _CONSISTENT, width, -first)
        if score[0] and (best is None or score > best[0]):
            best = (score, sep, rows, starts, width)
    if best is None:
        rows, starts = _rows(lines, ",")
        return ",", rows, starts, _width(rows)
    return best[1:]


def _rows(lines: Sequence[str], sep: str) -> tuple[list[list[str]], list[int]]:
    """The rows that are not blank, and the physical line on which each starts."""
    if sep == SPACES:
        kept = [(i, line.split()) for i, line in enumerate(lines) if line.strip()]
        return [row for _, row in kept], [i for i, _ in kept]
    rows, starts, start = [], [], 0
    reader = csv.reader(lines, delimiter=sep, skipinitialspace=True)
    try:
        for row in reader:
            if any(cell.strip() for cell in row) or len(row) > 1:
                rows.append([cell.strip() for cell in row])
                starts.append(start)
            start = reader.line_num
    except csv.Error:
        return [], []
    return rows, starts


def _width(rows: Sequence[Sequence[str]]) -> int:
    """The most common number of fields, preferring lines late in the sample; 0 without any."""
    if not rows:
        return 0
    late = rows[len(rows) // 3 :]
    return Counter(len(row) for row in late).most_common(1)[0][0]


def _padded(row: list[str], width: int, front: bool) -> list[str]:
    blanks = [""] * (width - len(row))
    return blanks + row if front else (row + blanks)[:width]


def _data_starts(rows: Sequence[Sequence[str]], first: int) -> int:
    """The first row from ``first`` on that holds a number or a date."""
    return next((i for i in range(first, len(rows)) if _is_data(rows[i])), len(rows))


def _is_data(row: Sequence[str]) -> bool:
    return any(_looks_like_data(cell) for cell in row)


def _looks_like_data(cell: str) -> bool:
    return bool(_NUMBER.fullmatch(cell) or _DATE.fullmatch(cell))


def _has_names(header: Sequence[str], body: Sequence[Sequence[str]]) -> bool:
    """Whether some column of numbers or dates starts with a cell that is neither.

    Numbers that count up, such as years, are names as well.
    """
    if not body or not _is_data(header):
        return True
    counted = [int(cell) for cell in header if cell.isdecimal()]
    if len(counted) > 1 and counted == list(range(counted[0], counted[0] + len(counted))):
        return any(cell and not _looks_like_data(cell) for cell in header)
    for i, name in enumerate(header):
        cells = [row[i] for row in body[:50] if row[i] not in MISSING]
        typed = [_looks_like_data(cell) for cell in cells]
        if name not in MISSING and not _looks_like_data(name) and typed and all(typed):
            return True
    return False


def _names(header: Sequence[str]) -> tuple[str, ...]:
    """Unique names; a nameless column is called by its place."""
    cleaned = [name.lstrip("# ").strip() if i == 0 else name for i, name in enumerate(header)]
    again: Counter[str] = Counter()
    names: dict[str, None] = {}
    for i, name in enumerate(cleaned):
        base = unique = name or f"column{i + 1}"
        while unique in names:
            again[base] += 1
            unique = f"{base}.{again[base] + 1}"
        names[unique] = None
    return tuple(names)


def _marks(body: Sequence[Sequence[str]], sep: str, given: str | None) -> tuple[str, str | None]:
    """The decimal mark, and the thousands mark if one is used."""
    if given is not None and given not in (".", ","):
        raise UsageError(f'--decimal "{given}" is neither . nor ,', 'for example --decimal ","')
    cells = [cell for row in body[:200] for cell in row[:200] if "," in cell or "." in cell]
    euro = [cell for cell in cells if _EURO.fullmatch(cell)]
    anglo = [cell for cell in cells if _ANGLO.fullmatch(cell)]
    grouped = [cell for cell in cells if _ANGLO_THOUSANDS.fullmatch(cell)]
    plainly_euro = len(euro) > len([c for c in euro if _ANGLO_THOUSANDS.fullmatch(c)])
    if given is not None:
        decimal = given
    elif sep == "," or any(cell.count(",") > 1 or "." in cell for cell in grouped):
        decimal = "," if plainly_euro and len(euro) > len(anglo) else "."
    else:
        decimal = "," if len(euro) > len(anglo) else "."
    if decimal == "." and grouped:
        return ".", ","
    if decimal == "," and any(_EURO_THOUSANDS.fullmatch(cell) for cell in cells):
        return ",", "."
    return decimal, None


def _doubtful(body: Sequence[Sequence[str]], sep: str, thousands: str | None) -> str:
    """A cell such as 1,100, where no cell tells whether that is 1.1 or 1100; else empty."""
    if sep == "," or thousands:
        return ""  # a comma that parts the fields is no decimal mark
    cells = [cell for row in body[:200] for cell in row[:200] if "," in cell or "." in cell]
    numbers = [cell for cell in cells if _ANGLO.fullmatch(cell) or _EURO.fullmatch(cell)]
    common = sep != ";" and any("." in cell for cell in numbers)  # where three decimals are usual
    if numbers and not common and all(_GROUP.fullmatch(cell) for cell in numbers):
        return numbers[0]
    return ""
