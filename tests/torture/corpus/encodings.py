"""Bytes that are no plain UTF-8: marks, wide letters, NUL, line ends, text from everywhere."""

from __future__ import annotations

import codecs
import random

from tests.torture.corpus.base import DAYS, PLAIN, VALUES, File, N, Reads, Refused, table

_ALL = Reads(N)


def _random_bytes() -> bytes:
    return random.Random(0).randbytes(5000)


_NAMES = {
    "arabic": "الوقت,القيمة",
    "hebrew": "זמן,ערך",
    "chinese": "时间,数值",
    "japanese": "日時,気温",
    "thai": "เวลา,ค่า",
    "emoji": "⏰,🌡️",
    "flags": "🇩🇪,👩‍👩‍👧‍👦",
    "right-to-left-override": "time,\u202ey",
    "zero-width-space": "time,y\u200b",
    "zero-width-joiner": "ti\u200dme,y",
    "no-break-space": "time,my\u00a0value",
    "combining": "time,e\u0301nergie",
    "zalgo": "time,y" + "\u0336\u0321" * 40,
    "escape-codes": "time,\x1b[31my\x1b[0m",
    "bell": "time,y\x07",
    "del": "time,y\x7f",
    "line-separator": "time,y\u2028z",
    "next-line": "time,y\x85z",
    "vertical-tab": "time,y\x0bz",
    "form-feed": "time,y\x0cz",
    "unit-separator": "time,y\x1fz",
    "last-plane": "time,\U0010fffd",
    "noncharacter": "time,\ufffe",
    "formula": "time,=cmd|' /C calc'!A0",
    "markup": "time,<script>alert(1)</script>",
    "rich-markup": "time,[red]y[/red]",
    "unclosed-rich-markup": "time,[/]",
    "percent": "time,%s%n%(y)s{0}",
    "traversal": "time,../../../../etc/passwd",
    "quote": 'time,"y""z"',
    "backslash": "time,y\\",
    "very-long-name": "time," + "y" * 100_000,
}

FILES = (
    File("utf-8-mark.csv", codecs.BOM_UTF8 + PLAIN.encode(), _ALL),
    File("two-utf-8-marks.csv", codecs.BOM_UTF8 * 2 + PLAIN.encode(), _ALL),
    File("mark-alone.csv", codecs.BOM_UTF8, Refused("empty")),
    File("mark-and-newline.csv", codecs.BOM_UTF8 + b"\n", Refused("empty")),
    File("utf-16-little-marked.csv", codecs.BOM_UTF16_LE + PLAIN.encode("utf-16-le"), _ALL),
    File("utf-16-big-marked.csv", codecs.BOM_UTF16_BE + PLAIN.encode("utf-16-be"), _ALL),
    File("utf-16-little.csv", PLAIN.encode("utf-16-le"), _ALL),
    File("utf-16-big.csv", PLAIN.encode("utf-16-be"), _ALL),
    File("utf-16-odd.csv", PLAIN.encode("utf-16") + b"1", Refused("utf-16")),
    File("utf-16-mark-alone.csv", codecs.BOM_UTF16_LE, Refused("empty")),
    File("utf-16-mark-odd.csv", codecs.BOM_UTF16_LE + b"a", Refused("utf-16")),
    File("utf-16-lone-surrogate.csv", codecs.BOM_UTF16_LE + b"\x00\xd8" * 9, Refused("utf-16")),
    File("utf-16-of-utf-8.csv", codecs.BOM_UTF16_LE + PLAIN.encode()[:400], Refused("")),
    File("utf-32-little.csv", codecs.BOM_UTF32_LE + PLAIN.encode("utf-32-le"), _ALL),
    File("utf-32-big.csv", codecs.BOM_UTF32_BE + PLAIN.encode("utf-32-be"), _ALL),
    File("utf-7.csv", table(header="time,+AGE-").encode(), _ALL),
    File("latin-1.csv", table(header="Zeit,Käfer °C").encode("latin-1"), _ALL),
    File("windows-1252.csv", table(header="time,€ “y”").encode("cp1252"), _ALL),
    File(
        "undefined-in-1252.csv",
        table(header="time,y").encode() + b"2024-02-01,\x81\n",
        Refused(":26"),
    ),
    File(
        "shift-jis.csv",
        table(header="日時,気温").encode("shift-jis"),
        _ALL,
        ("--encoding", "shift-jis"),
    ),
    File(
        "gb18030.csv", table(header="时间,数值").encode("gb18030"), _ALL, ("--encoding", "gb18030")
    ),
    File("koi8.csv", table(header="время,цена").encode("koi8-r"), _ALL, ("--encoding", "koi8-r")),
    File("ebcdic.csv", PLAIN.encode("cp500"), Refused("")),
    File("ebcdic-named.csv", PLAIN.encode("cp500"), _ALL, ("--encoding", "cp500")),
    File(
        "no-such-encoding.csv", PLAIN.encode(), Refused("unknown encoding"), ("--encoding", "utf-9")
    ),
    File("encoding-of-bytes.csv", PLAIN.encode(), Refused("encoding"), ("--encoding", "base64")),
    File("encoding-rot13.csv", PLAIN.encode(), Refused("encoding"), ("--encoding", "rot13")),
    File("encoding-idna.csv", PLAIN.encode(), _ALL, ("--encoding", "idna")),
    File("encoding-with-nul.csv", PLAIN.encode(), _ALL, ("--encoding", "utf\n8 ")),
    File(
        "wrong-encoding.csv",
        table(header="time,日").encode("gb18030"),
        Refused("not utf-8"),
        ("--encoding", "utf-8"),
    ),
    File("truncated-utf-8.csv", PLAIN.encode() + "2024-02-01,é".encode()[:-1], Refused(":26")),
    File("overlong-utf-8.csv", PLAIN.encode() + b"2024-02-01,\xc0\x80\n", Refused(":26")),
    File("surrogates-in-utf-8.csv", PLAIN.encode() + b"2024-02-01,\xed\xa0\x80\n", Refused(":26")),
    File("one-nul.csv", PLAIN.encode().replace(b"2024-01-09", b"2024\0-01-09"), Refused("NUL")),
    File("nul-in-header.csv", b"time,y\0\n" + PLAIN.encode()[7:], Refused("NUL")),
    File("nul-at-end.csv", PLAIN.encode() + b"\0" * 512, Refused("NUL")),
    File("nuls-only.csv", b"\0" * 4096, Refused("")),
    File(
        "nul-far-down.csv",
        table(range(20_000), range(20_000)).encode() + b"20000,\0\n",
        Refused(":20002"),
    ),
    File(
        "nul-far-down-named.csv",
        table(range(20_000), range(20_000)).encode() + b"20000,\0\n",
        Refused(":20002"),
        ("--encoding", "utf-8"),
    ),
    File("random.bin", _random_bytes(), Refused("")),
    File("random-wide.bin", codecs.BOM_UTF16_LE + _random_bytes(), Refused("")),
    File("control-letters.csv", bytes(range(1, 32)) * 20, Refused("")),
    File("all-bytes.csv", bytes(range(1, 256)) * 20, Refused("")),
    File("mac-line-ends.csv", table(end="\r").encode(), _ALL),
    File("dos-line-ends.csv", table(end="\r\n").encode(), _ALL),
    File(
        "mixed-line-ends.csv",
        b"time,y\r\n"
        + b"".join(
            f"{t},{v}".encode() + (b"\n", b"\r", b"\r\n")[i % 3]
            for i, (t, v) in enumerate(zip(DAYS, VALUES, strict=True))
        ),
        _ALL,
    ),
    File("two-returns.csv", table(end="\r\r\n").encode(), _ALL),
    File("no-last-line-end.csv", PLAIN.encode().rstrip(), _ALL),
    File("control-z-at-end.csv", PLAIN.encode() + b"\x1a", Refused(":26")),
    *(
        File(f"named-{name}.csv", table(header=header).encode(), _ALL)
        for name, header in _NAMES.items()
    ),
    File(
        "ids-of-all-scripts.csv",
        "\n".join(
            [
                "id,time,y",
                *(
                    f"{who},{t},{v}"
                    for who in ("日本", "عرب", "😀", "[b]x[/b]")
                    for t, v in zip(DAYS, VALUES, strict=True)
                ),
            ]
        ).encode(),
        Reads(4 * N, 4),
    ),
    File(
        "arabic-digits.csv",
        table(
            values=(v.translate({48 + d: 0x660 + d for d in range(10)}) for v in VALUES)
        ).encode(),
        Refused(""),
    ),
    File(
        "full-width-digits.csv",
        table(
            values=(v.translate({48 + d: 0xFF10 + d for d in range(10)}) for v in VALUES)
        ).encode(),
        Refused(""),
    ),
    File("superscripts.csv", table(values=["²", "³", "¹"] * 8).encode(), Refused("")),
    File("fractions.csv", table(values=["½", "¼", "¾"] * 8).encode(), Refused("")),
    File("unicode-minus.csv", table(values=[f"−{v}" for v in VALUES]).encode(), Refused("")),
)
