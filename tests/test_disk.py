"""Files: whole or not at all when written, suspected when read."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast_cli import disk


def test_a_file_is_never_written_over_by_put(tmp_path: Path) -> None:
    disk.put(tmp_path / "a", b"one")
    with pytest.raises(FileExistsError):
        disk.put(tmp_path / "a", b"two")
    assert (tmp_path / "a").read_bytes() == b"one"


def test_a_write_that_is_taken_in_parts_is_finished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: write(descriptor, data[:3]))
    disk.put(tmp_path / "a", b"0123456789")
    assert (tmp_path / "a").read_bytes() == b"0123456789"


@pytest.mark.parametrize("call", ["write", "fsync", "replace"])
def test_a_replacement_that_fails_leaves_the_old_file_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    disk.replace(tmp_path / "a", b"old")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, call, full)
    with pytest.raises(OSError, match="No space"):
        disk.replace(tmp_path / "a", b"new")
    monkeypatch.undo()
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
    assert (tmp_path / "a").read_bytes() == b"old"
    disk.replace(tmp_path / "a", b"new")
    assert (tmp_path / "a").read_bytes() == b"new"


def test_what_a_killed_replacement_left_is_written_over(tmp_path: Path) -> None:
    (tmp_path / "a.new").write_bytes(b"torn")
    disk.replace(tmp_path / "a", b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


@pytest.mark.parametrize("number", [errno.EINVAL, errno.ENOTSUP])
def test_a_drive_whose_folders_cannot_be_synced_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def refuse(_: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", refuse)
    disk.sync_folder(tmp_path)


@pytest.mark.skipif(os.name == "nt", reason="kinds of files of POSIX")
@pytest.mark.parametrize("kind", ["link", "pipe", "folder", "device"])
def test_only_a_plain_file_is_read(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "a"
    (tmp_path / "b").write_bytes(b"secret")
    {
        "link": lambda: path.symlink_to(tmp_path / "b"),
        "pipe": lambda: os.mkfifo(path),
        "folder": path.mkdir,
        "device": lambda: path.symlink_to("/dev/zero"),
    }[kind]()
    for read in (disk.contents, disk.sha256):
        with pytest.raises(ValueError, match="a is no plain file"):
            read(path)


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(bytes(11))
    assert disk.contents(tmp_path / "a", 11) == bytes(11)
    with pytest.raises(ValueError, match="a is larger than the 10 bytes"):
        disk.contents(tmp_path / "a", 10)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (b"[1]", "no JSON object"),
        (b"{", "not JSON"),
        (b"\xff", "not JSON"),
        (b'{"a": 1, "a": 2}', "twice"),
        (b'{"a": NaN}', "no number of JSON"),
        (b'{"a": -Infinity}', "no number of JSON"),
        (b'{"a": ' + b"9" * 5000 + b"}", "not JSON"),
        (b'{"a": ' + b"[" * 10**5 + b"]" * 10**5 + b"}", "nested too deeply"),
        (b'{"a": [' + b"0," * 2_000_000 + b"0]}", "more than"),
    ],
)
def test_json_that_nobody_would_write_is_refused_by_name(text: bytes, what: str) -> None:
    with pytest.raises(ValueError, match=what) as caught:
        disk.json_object(text, "some.json")
    assert str(caught.value).startswith("some.json")


@given(st.binary(max_size=60))
def test_any_bytes_are_an_object_or_a_value_error(data: bytes) -> None:
    found, refused = None, ""
    try:
        found = disk.json_object(data, "some.json")
    except ValueError as cause:
        refused = str(cause)
    assert isinstance(found, dict) or refused.startswith("some.json")
