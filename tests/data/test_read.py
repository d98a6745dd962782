"""Files, globs, compression and standard input become bytes, or an error with a fix."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import sys
import threading
import time
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from forecast_cli.data.limits import Limits
from forecast_cli.data.read import fingerprint, read_sources
from forecast_cli.errors import DataError, UsageError

TEXT = b"t,y\n1,2\n2,3\n"


def zipped(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def zstandard(content: bytes) -> bytes:
    return pytest.importorskip("zstandard").ZstdCompressor().compress(content)


@pytest.mark.parametrize(
    "pack",
    [bytes, gzip.compress, lambda b: zipped({"a.csv": b, "__MACOSX/x": b"?"}), zstandard],
    ids=["plain", "gzip", "zip", "zstd"],
)
def test_compression_is_told_by_the_first_bytes_not_by_the_name(tmp_path: Path, pack) -> None:
    path = tmp_path / "misnamed.csv"
    path.write_bytes(pack(TEXT))
    (source,) = read_sources([str(path)])
    assert source.content == TEXT


def test_a_glob_reads_its_files_in_order_of_name(tmp_path: Path) -> None:
    for name in ("b.csv", "a.csv", "c.txt"):
        (tmp_path / name).write_bytes(TEXT)
    names = [Path(s.name).name for s in read_sources([str(tmp_path / "*.csv")])]
    assert names == ["a.csv", "b.csv"]


def test_a_file_whose_name_looks_like_a_glob_is_read_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "load[1].csv"
    path.write_bytes(TEXT)
    assert read_sources([str(path)])[0].content == TEXT


def test_a_dash_is_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(gzip.compress(TEXT))))
    (source,) = read_sources(["-"])
    assert (source.name, source.content) == ("stdin", TEXT)


def test_the_fingerprint_is_of_the_bytes_as_stored(tmp_path: Path) -> None:
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(TEXT))
    expected = hashlib.sha256(path.read_bytes()).hexdigest()
    assert fingerprint(read_sources([str(path)])) == expected


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        (b"", "empty"),
        (b" \n\n", "empty"),
        (gzip.compress(TEXT, mtime=0)[:-6], "damaged"),
        (zipped({"a.csv": TEXT, "b.csv": TEXT}), "2 files"),
        (zipped({"[Content_Types].xml": b"x"}), "Excel"),
    ],
)
def test_what_is_no_text_file_is_refused_with_its_cause(
    tmp_path: Path, content: bytes, cause: str
) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    with pytest.raises(DataError, match=cause) as caught:
        read_sources([str(path)])
    assert caught.value.fix


def test_a_missing_file_names_its_nearest_neighbour(tmp_path: Path) -> None:
    (tmp_path / "energy.csv").write_bytes(TEXT)
    with pytest.raises(DataError, match="no such file") as caught:
        read_sources([str(tmp_path / "enrgy.csv")])
    assert f'"{tmp_path / "energy.csv"}"' in caught.value.fix


def test_a_folder_and_a_glob_without_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="folder"):
        read_sources([str(tmp_path)])
    with pytest.raises(DataError, match="no file matches"):
        read_sources([str(tmp_path / "*.csv")])


def test_an_empty_name_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="empty"):
        read_sources([""])


def test_no_name_is_a_usage_error() -> None:
    with pytest.raises(UsageError):
        read_sources([])


def test_without_zstandard_the_error_names_the_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.csv.zst"
    path.write_bytes(b"\x28\xb5\x2f\xfd....")
    monkeypatch.setitem(sys.modules, "zstandard", None)
    with pytest.raises(DataError) as caught:
        read_sources([str(path)])
    assert "forecast-cli[zstd]" in caught.value.fix


def parquet(**columns: object) -> bytes:
    pytest.importorskip("pyarrow")
    buffer = io.BytesIO()
    pd.DataFrame(columns).to_parquet(buffer)
    return buffer.getvalue()


def test_a_parquet_table_reads_as_the_csv_that_says_the_same(tmp_path: Path) -> None:
    times = pd.date_range("2024-01-01", periods=3, freq="h")
    (tmp_path / "a.parquet").write_bytes(parquet(time=times, y=[0.1, None, 3.0]))
    (source,) = read_sources([str(tmp_path / "a.parquet")])
    assert source.content.decode().splitlines() == [
        "time,y",
        "2024-01-01 00:00:00,0.1",
        "2024-01-01 01:00:00,",
        "2024-01-01 02:00:00,3.0",
    ]


def test_a_damaged_parquet_table_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_bytes(parquet(y=[1.0])[:-9])
    with pytest.raises(DataError, match="Parquet file is damaged"):
        read_sources([str(tmp_path / "a.parquet")])


def test_without_pyarrow_the_error_names_the_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.parquet").write_bytes(b"PAR1....")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(DataError, match="pyarrow is needed") as caught:
        read_sources([str(tmp_path / "a.parquet")])
    assert "forecast-cli[parquet]" in caught.value.fix


def test_a_device_is_refused_and_a_pipe_that_nobody_opens_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("forecast_cli.data.read._PATIENCE", 0.1)
    with pytest.raises(DataError, match="is a device"):
        read_sources(("/dev/zero",))
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(DataError, match="nothing writes into this pipe"):
        read_sources((str(tmp_path / "pipe"),))


def test_a_pipe_is_read_to_its_end_however_late_its_writer(tmp_path: Path) -> None:
    pipe, content = tmp_path / "pipe", b"time,y\n" + b"1,2\n" * 100_000

    def write() -> None:
        time.sleep(0.2)
        with pipe.open("wb") as file:
            time.sleep(0.2)
            file.write(content)

    os.mkfifo(pipe)
    writer = threading.Thread(target=write)
    writer.start()
    assert read_sources((str(pipe),))[0].content == content
    writer.join()


def test_what_unpacks_to_far_more_than_a_table_would_is_refused_while_it_is_small(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("forecast_cli.data.read._UNPACKED_FREELY", 2**20)
    path = tmp_path / "bomb.csv.gz"
    path.write_bytes(gzip.compress(b"0" * 2**24))
    with pytest.raises(DataError, match="would take, unpacked, more than"):
        read_sources((str(path),))
    assert len(read_sources((str(path),), Limits(20.0))[0].content) == 2**24


def test_a_zip_with_a_password_is_refused_in_words(tmp_path: Path) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("data.csv", "a,b\n1,2\n")
    content = bytearray(made.getvalue())
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "locked.zip").write_bytes(content)
    with pytest.raises(DataError, match=r"cannot be unpacked .*encrypted"):
        read_sources((str(tmp_path / "locked.zip"),))


def test_the_limit_on_text_holds_for_all_files_together(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / f"{name}.csv").write_bytes(b"1\n" * 400)
    both = tuple(str(tmp_path / f"{name}.csv") for name in "ab")
    assert len(read_sources(both, Limits(1e-6))) == 2
    with pytest.raises(DataError, match="GB of text"):
        read_sources(both, Limits(7e-7))
