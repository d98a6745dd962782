"""The report in a real browser: it stays quiet, asks for nothing, and obeys the hand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from forecast_cli.comparison import CompareResult
from forecast_cli.report.html import compare_html, train_html
from forecast_cli.results import TrainResult
from tests.report.browser import Page, browser, installed
from tests.report.conftest import make_compare, make_hostile, make_judged

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(installed() is None, reason="no Chromium is installed"),
]

PICTURE = 'document.querySelector("#fan .chart svg").innerHTML'
TITLE = 'document.querySelector("#fan figcaption").textContent'
# The first point of every line: where it begins, and how high.
HEIGHTS = """[...document.querySelectorAll("#fan .chart path")].flatMap(
    (line) => line.getAttribute("d").match(/^M([\\d.]+),([\\d.]+)/).slice(1).map(Number))"""
BACKGROUND = "getComputedStyle(document.body).backgroundColor"
QUIET = 100  # of 255: below it a background is dark


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with browser(tmp_path_factory.mktemp("profile")) as tab:
        yield tab


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(compare_html(make_judged(series=12, horizon=48)), encoding="utf-8")
    return path


def complaints(page: Page) -> list[object]:
    """What a console would show, or a browser would refuse."""
    said = page.named("Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded")
    return [*said, *page.named("Network.loadingFailed")]


def requests(page: Page) -> set[str]:
    return {
        event["request"]["url"].partition("#")[0]
        for event in page.named("Network.requestWillBeSent")
    }


@pytest.mark.parametrize("kind", ["judged", "plain", "one step", "hostile", "training"])
def test_the_page_opens_without_a_word_and_without_a_request(
    page: Page, tmp_path: Path, train: TrainResult, kind: str
) -> None:
    path = tmp_path / "report.html"
    made = {
        "judged": lambda: compare_html(make_judged()),
        "plain": lambda: compare_html(make_compare(series=3)),
        "one step": lambda: compare_html(make_compare(horizon=1)),
        "hostile": lambda: compare_html(make_hostile(make_judged())),
        "training": lambda: train_html(train),
    }
    path.write_text(made[kind](), encoding="utf-8")
    page.open(path)
    assert page.evaluate("document.querySelectorAll('.copy').length") > 0  # the script ran
    assert complaints(page) == []
    assert requests(page) == {path.as_uri()}


def test_the_largest_of_pages_opens_in_two_seconds(page: Page, report: Path) -> None:
    page.open(report)
    navigation = "performance.getEntriesByType('navigation')[0].loadEventEnd"
    assert 0 < page.evaluate(navigation) < 2000


def test_the_script_draws_what_the_page_had_drawn_without_it(page: Page, report: Path) -> None:
    page.call("Emulation.setScriptExecutionDisabled", value=True)
    try:
        page.open(report)
        title = page.evaluate(TITLE)
        labels = page.evaluate(
            '[...document.querySelectorAll("#fan .chart text.mid")].map(t => t.textContent)'
        )
        legend = page.evaluate('document.querySelector("#fan .legend").textContent')
        heights = page.evaluate(HEIGHTS)
        assert page.evaluate('document.getElementById("fan-tools").hidden')
        assert page.evaluate('document.querySelectorAll("#fan .chart path").length') == 3
    finally:
        page.call("Emulation.setScriptExecutionDisabled", value=False)
    page.open(report)
    assert page.evaluate(TITLE) == title
    assert page.evaluate('document.querySelector("#fan .legend").textContent') == legend
    now = '[...document.querySelectorAll("#fan .chart text.mid")].map(t => t.textContent)'
    assert set(page.evaluate(now)) == set(labels)
    assert page.evaluate(HEIGHTS) == pytest.approx(heights, abs=0.5)
    assert not page.evaluate('document.getElementById("fan-tools").hidden')


def test_the_slider_moves_the_picture_by_the_keyboard(page: Page, report: Path) -> None:
    page.open(report)
    before, title = page.evaluate(PICTURE), page.evaluate(TITLE)
    page.evaluate('document.getElementById("fan-origin").focus()')
    page.press("ArrowRight", 39)
    assert page.evaluate('document.getElementById("fan-origin").value') == "1"
    assert page.evaluate(PICTURE) != before
    assert page.evaluate(TITLE) != title
    spoken = page.evaluate('document.getElementById("fan-origin").getAttribute("aria-valuetext")')
    assert page.evaluate(TITLE).endswith(spoken)
    page.press("ArrowLeft", 37)
    assert page.evaluate(PICTURE) == before
    assert complaints(page) == []


def test_an_address_opens_the_picture_that_it_names(page: Page, report: Path) -> None:
    page.open(report)
    before = page.evaluate(TITLE)
    page.open(report, "#series=2&origin=3&model=gru&beside=naive")
    title = page.evaluate(TITLE)
    assert title != before
    options = 'document.getElementById("fan-series").selectedOptions[0].textContent'
    assert title.startswith(page.evaluate(options))
    legend = page.evaluate('document.querySelector("#fan .legend").textContent')
    assert legend.startswith("actualgrunaivegru, 95 % interval")
    head = page.evaluate('document.getElementById("fan-table").tHead.textContent')
    assert head == "timeactualgrunaive"


def test_the_numbers_below_the_picture_are_those_of_the_table(
    page: Page, report: Path, judged_many: CompareResult
) -> None:
    page.open(report, "#series=0&origin=3")
    rows = page.evaluate(
        '[...document.getElementById("fan-table").tBodies[0].rows]'
        ".map(r => [...r.cells].map(c => c.textContent))"
    )
    series, _, origin = page.evaluate(TITLE).partition(", from ")
    t = judged_many.table
    at = t.clock.show(t.origin_times).index(origin)
    row = next(
        k
        for k in range(at, len(t.series))
        if t.ids[t.series[k]] == series and t.origin_times[k] == t.origin_times[at]
    )
    assert len(rows) == t.times.shape[1]
    for h, (_, actual, forecast, _) in enumerate(rows):
        assert float(actual.replace("−", "-")) == pytest.approx(t.actual[row, h], abs=0.06)
        told = float(forecast.replace("−", "-"))
        assert told == pytest.approx(t.forecasts["lstm"][row, h, 2], abs=0.06)


def test_another_series_and_another_model_can_be_chosen(page: Page, report: Path) -> None:
    page.open(report)
    before = page.evaluate(PICTURE)
    choose = """((name, value) => { const one = document.getElementById(name); one.value = value;
        one.dispatchEvent(new Event("input")); })"""
    page.evaluate(f'{choose}("fan-series", 5)')
    second = page.evaluate(PICTURE)
    page.evaluate(f'{choose}("fan-model", 3)')
    page.evaluate(f'{choose}("fan-beside", -1)')
    assert len({before, second, page.evaluate(PICTURE)}) == 3
    assert page.evaluate('document.querySelectorAll("#fan .chart path").length') == 2


def test_pointing_at_the_picture_reads_its_values(page: Page, report: Path) -> None:
    page.open(report)
    page.evaluate('document.querySelector("#fan").scrollIntoView()')
    box = page.evaluate(
        '(b => [b.x, b.y, b.width, b.height])(document.querySelector("#fan .chart svg")'
        ".getBoundingClientRect())"
    )
    page.call("Input.dispatchMouseEvent", type="mouseMoved", x=box[0] + 0.9 * box[2], y=box[1] + 50)
    words = page.evaluate('document.getElementById("fan-reading").textContent')
    assert "step" in words
    assert "actual" in words
    assert "lstm" in words


def darkness(page: Page) -> bool:
    channels = page.evaluate(BACKGROUND).removeprefix("rgb(").removesuffix(")").split(",")
    return all(int(channel) < QUIET for channel in channels)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_light_and_dark_follow_the_system_until_the_button_is_pressed(
    page: Page, report: Path, scheme: str
) -> None:
    page.prefer(scheme)
    try:
        page.open(report)
        assert darkness(page) == (scheme == "dark")
        page.evaluate('document.querySelector(".theme").click()')
        assert darkness(page) == (scheme == "light")
        offered = "Dark colours" if scheme == "dark" else "Light colours"
        assert page.evaluate('document.querySelector(".theme").textContent') == offered
    finally:
        page.prefer("light")


@pytest.mark.parametrize("width", [320, 390, 768, 1200])
def test_the_page_never_is_wider_than_the_screen(page: Page, report: Path, width: int) -> None:
    page.resize(width, 800, phone=width < 700)
    try:
        page.open(report)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    finally:
        page.resize(1200, 900)


def test_a_narrow_screen_begins_with_the_forecast(page: Page, report: Path) -> None:
    page.resize(390, 800, phone=True)
    try:
        page.open(report)
        box = 'document.querySelector("#fan .chart")'
        hidden = page.evaluate(f"{box}.scrollWidth - {box}.clientWidth")
        assert hidden > 0
        assert page.evaluate(f"{box}.scrollLeft") == pytest.approx(hidden, abs=1)
    finally:
        page.resize(1200, 900)


@pytest.mark.parametrize("width", [390, 1200])
def test_a_long_name_leaves_room_for_what_it_names(
    page: Page, report: Path, width: int, tmp_path: Path
) -> None:
    html = report.read_text(encoding="utf-8")
    (tmp_path / "long.html").write_text(html.replace(">linear<", f">{'x' * 300}<"), "utf-8")
    page.resize(width, 800, phone=width < 700)
    try:
        page.open(tmp_path / "long.html")
        widest = page.evaluate(
            "Math.max(...[...document.querySelectorAll('thead ~ tbody th')].map("
            "e => e.getBoundingClientRect().width))"
        )
        assert 100 < widest < 0.6 * width
    finally:
        page.resize(1200, 900)


@pytest.mark.parametrize("width", [390, 1200])
def test_whatever_is_cut_scrolls_in_its_box_and_shows_that_there_is_more(
    page: Page, report: Path, width: int
) -> None:
    """The shadow at an edge is covered by the page's ground where there is nothing beyond."""
    page.resize(width, 800, phone=width < 700)
    try:
        page.open(report)
        cut = page.evaluate(
            "[...document.querySelectorAll('main table, main .chart svg')].filter(e => "
            "e.getBoundingClientRect().right > innerWidth).map(e => { const box = "
            "getComputedStyle(e.closest('.scroll, .chart')); return [box.overflowX, "
            "box.backgroundAttachment]; })"
        )
        assert cut or width > 700
        assert all(box == ["auto", "local, local, scroll, scroll"] for box in cut)
    finally:
        page.resize(1200, 900)


def test_a_table_is_copied_with_tabs_between_its_cells(page: Page, report: Path) -> None:
    page.open(report)
    page.evaluate("navigator.clipboard.writeText = async (words) => { window.copied = words; }")
    page.evaluate('document.querySelector("#models ~ .scroll .copy").click()')
    lines = page.evaluate("window.copied").split("\n")
    assert lines[0].split("\t")[:4] == ["model", "rank", "MASE", "skill"]
    assert lines[1].startswith("lstm\t1\t")
    assert {line.count("\t") for line in lines} == {lines[0].count("\t")}


def test_a_line_is_hidden_by_its_entry_in_the_legend(page: Page, report: Path) -> None:
    page.open(report)
    button = 'document.querySelector("#along-the-horizon ~ figure .legend button")'
    chosen = f"{button}.closest('li').dataset.line"
    line = (
        'document.querySelector(`#along-the-horizon ~ figure g[data-line="${' + chosen + '}"]`)'
        ".style.display"
    )
    assert page.evaluate(line) == ""
    page.evaluate(f"{button}.click()")
    assert page.evaluate(line) == "none"
    assert page.evaluate(f"{button}.getAttribute('aria-pressed')") == "false"
    page.evaluate(f"{button}.click()")
    assert page.evaluate(line) == ""


def test_whatever_would_still_get_in_could_neither_run_nor_load(page: Page, report: Path) -> None:
    page.open(report)
    page.evaluate(
        """new Promise((done) => {
        document.addEventListener("securitypolicyviolation", () => setTimeout(done, 50));
        document.body.insertAdjacentHTML("beforeend",
          '<img src="http://127.0.0.1:9/x.png" onerror="window.harmed = 1">');
        const script = document.createElement("script");
        script.textContent = "window.harmed = 1";
        document.body.append(script);
        })"""
    )
    assert page.evaluate("window.harmed") is None
    failed = page.named("Network.loadingFailed")
    assert {event.get("blockedReason") for event in failed} == {"csp"}


def test_every_control_has_a_name_for_those_who_hear_the_page(page: Page, report: Path) -> None:
    page.open(report)
    nodes = page.call("Accessibility.getFullAXTree")["nodes"]
    roles = {"button", "slider", "combobox", "image", "table", "link", "region", "navigation"}
    named: dict[str, list[str]] = {role: [] for role in roles}
    for node in nodes:
        role = node.get("role", {}).get("value")
        if role in roles and not node.get("ignored"):
            named[role].append(node.get("name", {}).get("value", ""))
    assert all(all(names) for names in named.values()), named
    assert len(named["slider"]) == 1
    assert len(named["combobox"]) == 3
    assert len(named["image"]) >= 6


def test_the_page_can_be_printed(page: Page, report: Path) -> None:
    page.open(report)
    printed = page.pdf()
    assert printed.startswith(b"%PDF")
    assert 2 <= printed.count(b"/Type /Page\n") + printed.count(b"/Type /Page ") <= 40


def test_what_is_printed_is_light_whatever_the_screen_is(page: Page, report: Path) -> None:
    page.prefer("dark")
    try:
        page.open(report, "#theme=dark")
        assert darkness(page)
        page.call("Emulation.setEmulatedMedia", media="print")
        assert not darkness(page)
    finally:
        page.call("Emulation.setEmulatedMedia", media="", features=[])


def test_pictures_of_the_page_in_light_in_dark_and_on_a_phone(
    page: Page, report: Path, tmp_path: Path
) -> None:
    taken = {}
    for name, scheme, width in (
        ("light", "light", 1200),
        ("dark", "dark", 1200),
        ("phone", "light", 390),
    ):
        page.prefer(scheme)
        page.resize(width, 900, phone=width < 700)
        page.open(report)
        page.screenshot(tmp_path / f"{name}.png")
        taken[name] = (tmp_path / f"{name}.png").read_bytes()
    page.prefer("light")
    page.resize(1200, 900)
    widths = {name: int.from_bytes(picture[16:20], "big") for name, picture in taken.items()}
    assert widths == {"light": 1200, "dark": 1200, "phone": 390}  # as the PNG says
    assert len(set(taken.values())) == 3
