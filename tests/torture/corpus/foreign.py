"""What is no CSV at all: archives, bombs, other formats, folders, devices, pipes."""

from __future__ import annotations

import gzip
import io
import json
import os
import sqlite3
import tarfile
import zipfile
import zlib
from pathlib import Path

from tests.torture.corpus.base import DAYS, PLAIN, VALUES, File, N, Reads, Refused, table

_ALL = Reads(N)
_GZIP = gzip.compress(PLAIN.encode(), mtime=0)


def _zip(*members: tuple[str, bytes], packed: int = zipfile.ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", packed) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return made.getvalue()


def _encrypted() -> bytes:
    """A zip whose member says that it is encrypted."""
    content = bytearray(_zip(("data.csv", PLAIN.encode())))
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + at] |= 1
    return bytes(content)


def _method(number: int) -> bytes:
    """A zip whose member was packed in a way that nobody knows."""
    content = bytearray(_zip(("data.csv", PLAIN.encode())))
    for mark, at in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        content[content.index(mark) + at] = number
    return bytes(content)


def _lying_zip() -> bytes:
    """A zip bomb that says it is small."""
    content = bytearray(_zip(("data.csv", b"0" * 600_000_000)))
    at = content.index(b"PK\x01\x02") + 24
    content[at : at + 4] = (1000).to_bytes(4, "little")
    return bytes(content)


def _gzip_bomb(path: Path) -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    zeros = b"1,2\n" * 2**18
    with path.open("wb") as file:
        file.write(packer.compress(b"time,y\n"))
        for _ in range(600):
            file.write(packer.compress(zeros))
        file.write(packer.flush())


def _zip_bomb(path: Path) -> None:
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive,
        archive.open("data.csv", "w", force_zip64=True) as member,
    ):
        for _ in range(600):
            member.write(b"1,2\n" * 2**18)


def _sqlite(path: Path) -> None:
    with sqlite3.connect(path) as base:
        base.execute("create table t (x real)")
    base.close()


def _tar(path: Path) -> None:
    with tarfile.open(path, "w") as archive:
        info = tarfile.TarInfo("data.csv")
        info.size = len(PLAIN)
        archive.addfile(info, io.BytesIO(PLAIN.encode()))


def _sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(50 * 2**30)


_JSON = [{"time": t, "y": float(v)} for t, v in zip(DAYS, VALUES, strict=True)]
_HTML = "<html><body><table><tr><td>time</td><td>y</td></tr></table></body></html>"
_MAGIC = {
    "pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
    "old-excel": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
    "hdf5": b"\x89HDF\r\n\x1a\n" + b"\0" * 600,
    "png": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + b"\0" * 60,
    "jpeg": b"\xff\xd8\xff\xe0\0\x10JFIF\0" + b"\0" * 60,
    "gif": b"GIF89a\x01\0\x01\0\x80\0\0",
    "elf": b"\x7fELF\x02\x01\x01\0" + b"\0" * 60,
    "pickle": b"\x80\x04\x95\x0c\0\0\0\0\0\0\0\x8c\x08builtins\x94.",
    "numpy": b"\x93NUMPY\x01\0v\0{'descr': '<f8', 'shape': (3,)}\n" + b"\0" * 24,
    "bzip2": b"BZh91AY&SY" + bytes(range(60)),
    "xz": b"\xfd7zXZ\0\0\x04" + bytes(range(60)),
    "seven-zip": b"7z\xbc\xaf'\x1c\0\x04" + bytes(range(60)),
    "rar": b"Rar!\x1a\x07\x01\0" + bytes(range(60)),
    "arrow": b"ARROW1\0\0" + bytes(range(60)),
    "java": b"\xca\xfe\xba\xbe\0\0\0\x34" + bytes(range(60)),
}

FILES = (
    File("good.csv.gz", _GZIP, _ALL),
    File("misnamed.csv", _GZIP, _ALL),
    File(
        "two-members.csv.gz",
        gzip.compress(PLAIN[:200].encode()) + gzip.compress(PLAIN[200:].encode()),
        _ALL,
    ),
    File("rubbish-behind.csv.gz", _GZIP + b"rubbish", Refused("damaged")),
    File("zeros-behind.csv.gz", _GZIP + b"\0" * 512, _ALL),
    File("cut.csv.gz", _GZIP[:-30], Refused("damaged")),
    File("cut-to-head.csv.gz", _GZIP[:10], Refused("damaged")),
    File("magic-only.csv.gz", _GZIP[:2], Refused("damaged")),
    File("wrong-sum.csv.gz", _GZIP[:-8] + b"\0\0\0\0" + _GZIP[-4:], Refused("damaged")),
    File("broken-inside.csv.gz", _GZIP[:40] + b"\xff" * 20 + _GZIP[60:], Refused("damaged")),
    File("empty-inside.csv.gz", gzip.compress(b""), Refused("empty")),
    File("gzip-in-gzip.csv.gz", gzip.compress(_GZIP), Refused("")),
    File("bomb.csv.gz", _gzip_bomb, Refused("unpacked")),
    File("good.zip", _zip(("data.csv", PLAIN.encode())), _ALL),
    File("stored.zip", _zip(("data.csv", PLAIN.encode()), packed=zipfile.ZIP_STORED), _ALL),
    File("bzip2.zip", _zip(("data.csv", PLAIN.encode()), packed=zipfile.ZIP_BZIP2), _ALL),
    File("lzma.zip", _zip(("data.csv", PLAIN.encode()), packed=zipfile.ZIP_LZMA), _ALL),
    File("with-folder.zip", _zip(("data/", b""), ("data/data.csv", PLAIN.encode())), _ALL),
    File("traversal.zip", _zip(("../../data.csv", PLAIN.encode())), _ALL),
    File("two-files.zip", _zip(("a.csv", b"x"), ("b.csv", b"y")), Refused("holds 2 files")),
    File(
        "ten-thousand-files.zip",
        _zip(*((f"{i}.csv", b"x") for i in range(10_000))),
        Refused("holds 10000 files"),
    ),
    File("no-file.zip", _zip(), Refused("")),
    File("folder-only.zip", _zip(("data/", b"")), Refused("holds 0 files")),
    File("empty-member.zip", _zip(("data.csv", b"")), Refused("empty")),
    File("cut.zip", _zip(("data.csv", PLAIN.encode()))[:-40], Refused("damaged")),
    File("magic-only.zip", b"PK\x03\x04", Refused("damaged")),
    File(
        "broken-inside.zip",
        _zip(("data.csv", PLAIN.encode()))[:50]
        + b"\xff" * 40
        + _zip(("data.csv", PLAIN.encode()))[90:],
        Refused("damaged"),
    ),
    File("encrypted.zip", _encrypted(), Refused("encrypted")),
    File("unknown-method.zip", _method(77), Refused("")),
    File("bomb.zip", _zip_bomb, Refused("unpacked")),
    File("lying-bomb.zip", lambda path: path.write_bytes(_lying_zip()), Refused("")),
    File(
        "workbook.xlsx",
        _zip(("[Content_Types].xml", b"<x/>"), ("xl/workbook.xml", b"<x/>")),
        Refused("Excel"),
    ),
    File("zip-in-zip.zip", _zip(("a.zip", _zip(("data.csv", PLAIN.encode())))), Refused("")),
    File("archive.tar", _tar, Refused("")),
    File("cut.zst", b"\x28\xb5\x2f\xfd\x04\x00", Refused("")),
    File("broken.zst", b"\x28\xb5\x2f\xfd" + bytes(range(200)), Refused("")),
    File("damaged.parquet", b"PAR1" + bytes(range(256)) + b"PAR1", Refused("arquet")),
    File("magic-only.parquet", b"PAR1", Refused("arquet")),
    File("base.sqlite", _sqlite, Refused("SQLite")),
    *(File(f"like.{name}", content, Refused("")) for name, content in _MAGIC.items()),
    File("records.json", json.dumps(_JSON).encode(), Refused("")),
    File("records-indented.json", json.dumps(_JSON, indent=1).encode(), Refused("")),
    File("lines.jsonl", "\n".join(map(json.dumps, _JSON)).encode(), Refused("")),
    File("deep.json", b"[" * 100_000, Refused("")),
    File("page.html", _HTML.encode(), Refused("")),
    File("error-page.csv", b"<!DOCTYPE html>\n<title>404 Not Found</title>\n", Refused("")),
    File(
        "data.xml",
        (
            "<r>"
            + "".join(f"<i t='{t}' y='{v}'/>\n" for t, v in zip(DAYS, VALUES, strict=True))
            + "</r>"
        ).encode(),
        Refused(""),
    ),
    File(
        "entities.xml",
        b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;">]>\n<x>&b;</x>\n',
        Refused(""),
    ),
    File("settings.toml", b"[a]\nb = 1\nc = 2\n", Reads(2)),
    File("settings.yaml", b"!!python/object/apply:os.system ['touch canary']\n", Refused("")),
    File("script.py", b"import os\nos.system('touch canary')\n", Refused("")),
    File("prose.txt", b"Once upon a time, there was a file.\nIt was no table.\n" * 20, Refused("")),
    File(
        "mail.eml", b"From: a@b\nTo: c@d\nDate: Mon, 1 Jan 2024 00:00:00 +0000\n\nhi\n", Refused("")
    ),
    File(
        "git-lfs-pointer.csv",
        b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n",
        Refused(""),
    ),
    File("conflict.csv", (PLAIN[:100] + "\n<<<<<<< HEAD\n" + PLAIN[100:]).encode(), Refused("")),
    File("folder.csv", lambda path: path.mkdir(), Refused("is a folder")),
    File("absent.csv", lambda path: None, Refused("no such file")),
    File("dangling.csv", lambda path: path.symlink_to("nowhere"), Refused("no such file")),
    File("loop.csv", lambda path: path.symlink_to(path.name), Refused("")),
    File("null.csv", lambda path: path.symlink_to("/dev/null"), Refused("device")),
    File("zero.csv", lambda path: path.symlink_to("/dev/zero"), Refused("device")),
    File("urandom.csv", lambda path: path.symlink_to("/dev/urandom"), Refused("device")),
    File("full.csv", lambda path: path.symlink_to("/dev/full"), Refused("device")),
    File("pipe.csv", os.mkfifo, Refused("nothing writes")),
    File("self-memory.csv", lambda path: path.symlink_to("/proc/self/mem"), Refused("")),
    File("sparse-50-gigabytes.csv", _sparse, Refused("more than")),
    File("a[b].csv", PLAIN.encode(), _ALL),
    File("new\nline.csv", PLAIN.encode(), _ALL),
    File("control\x1b[31m.csv", b"", Refused("empty")),
    File(" blank .csv", PLAIN.encode(), _ALL),
    File("-dash.csv", PLAIN.encode(), _ALL),
    File("percent%s{0}.csv", table().encode(), _ALL),
    File("x" * 240 + ".csv", PLAIN.encode(), _ALL),
    File(
        "no-right.csv",
        lambda path: (path.write_text(PLAIN), path.chmod(0)),
        Reads(N) if os.geteuid() == 0 else Refused("cannot be read"),
    ),
)
