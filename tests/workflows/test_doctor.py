"""doctor: each check says what it found, and one that breaks is a finding."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import forecast_cli as fc
from forecast_cli.results import Check
from forecast_cli.workflows import doctor as module


def by_name(checks: tuple[Check, ...]) -> dict[str, Check]:
    return {check.name: check for check in checks}


def test_this_installation_is_fit_for_work(tmp_path: Path) -> None:
    checks = fc.doctor(str(tmp_path / "runs"))
    assert [check for check in checks if check.status == "fail"] == []
    assert {"python", "forecast-cli", "cpu", "runs", "terminal", "small fit"} <= set(
        by_name(checks)
    )
    assert list(tmp_path.iterdir()) == []


def test_what_breaks_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> list[Check]:
        raise ImportError("libcudart is missing")

    monkeypatch.setattr(module, "_devices", broken)
    check = by_name(fc.doctor())["devices"]
    assert check.status == "fail"
    assert "libcudart" in check.detail


def test_a_folder_that_cannot_be_written_is_a_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(module.tempfile, "TemporaryDirectory", denied)
    (check,) = module._folder(str(tmp_path))
    assert check.status == "fail"
    assert "--runs" in check.fix


@pytest.mark.parametrize(
    ("found", "status"), [("2.4.1", "ok"), ("2.5.0+cpu", "ok"), ("2.3.9", "fail"), (None, "fail")]
)
def test_a_package_that_is_too_old_or_missing_is_a_failure(
    monkeypatch: pytest.MonkeyPatch, found: str | None, status: str
) -> None:
    def version(name: str) -> str:
        if found is None:
            raise module.PackageNotFoundError(name)
        return found

    needs = ["torch>=2.4", 'ruff>=0.9; extra == "dev"']
    monkeypatch.setattr(module, "requires", lambda name: needs)
    monkeypatch.setattr(module, "version", version)
    checks = by_name(tuple(module._packages()))
    assert set(checks) == {"forecast-cli", "torch"}
    assert checks["torch"].status == status
    assert bool(checks["torch"].fix) == (status == "fail")


def test_an_old_python_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 10, 1))
    (check,) = module._python()
    assert check.status == "fail"


def test_a_terminal_without_unicode_is_warned_of(monkeypatch: pytest.MonkeyPatch) -> None:
    class Ascii:
        encoding = "ascii"

    monkeypatch.setattr(module.sys, "stdout", Ascii())
    (check,) = module._terminal()
    assert check.status == "warn"
