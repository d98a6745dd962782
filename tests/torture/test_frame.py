"""A promise's figures reach the page as they were measured, failures included."""

from __future__ import annotations

from pathlib import Path

from tests.torture import frame


def measured(*failures: str) -> frame.Result:
    outcome = frame.Outcome.of(3, failures, slowest_case="2.1 s")
    return frame.result(frame_like, outcome, 4.26)


class frame_like:  # noqa: N801 - stands for a module
    """What is promised.

    How it is tried.
    """

    TITLE = "No file breaks it: never"
    __file__ = "tests/torture/files.py"


def test_a_result_comes_back_from_its_file(tmp_path: Path) -> None:
    found = measured("a case")
    frame.save("files", found, tmp_path)
    assert frame.read(tmp_path) == (found,)


def test_the_page_says_what_held_and_what_did_not() -> None:
    held, failed = measured(), measured("a <b>case</b> `x`")
    assert (held.passed, failed.passed) == (3, 2)
    assert "| [No file breaks it: never](#no-file-breaks-it-never) | 3 | all | 4.3 |" in frame.page(
        [held]
    )
    page = frame.page([failed])
    assert "| 3 | **2** |" in page
    assert "- `a <b>case</b> 'x'`" in page
    assert "| slowest case | 2.1 s |" in page
    assert "What is promised.\n\nHow it is tried." in page


def test_no_folder_of_this_machine_is_on_the_page() -> None:
    assert str(Path.home()) + "/" not in frame.page([measured()])
    assert "python -m tests.torture files" in frame.page([measured()])
