"""The replaced Wi-Fi module in a real browser, with the forms that people use: from the maker's archive to the brand owner's approval, the run, the
boundary, a reel that is refused at the bench, and the CVE question. Counted by hand: see replaced_module. axe finds nothing on the ECO's page.

The pictures of the documentation are these very pages:  ASBUILT_PICTURES=docs/pictures script/test tests/browser/test_replace_a_module_in_the_browser.py
"""

import pytest
import replaced_module as story
import sourcing_floor
from test_look_at_the_pages import PATIENCE_MS, WIDTHS, chromium, faults, served  # noqa: F401
from test_refuse_at_packing import picture


@pytest.fixture
def desk(served, chromium, load, actor):  # noqa: F811
    """desk("eva") -> her page, signed in; what the browser refused by our policy is in desk.said."""
    load(sourcing_floor.tables())
    story.enter_people(actor.tenant)
    open_pages: dict = {}

    def enter(name: str):
        if name not in open_pages:
            context = chromium.new_context(base_url=served)
            context.set_default_timeout(PATIENCE_MS)
            page = open_pages[name] = context.new_page()
            page.on("console", lambda line: enter.said.append(line.text) if "Security Policy" in line.text else None)
            page.goto("/sign-in/")
            page.fill("#login", name)
            page.fill("#password", story.PASSWORD)
            send(page, "main button")
        return open_pages[name]

    enter.said = []
    yield enter
    for page in open_pages.values():
        page.context.close()


def send(page, button: str) -> None:
    """Press a button that leads somewhere."""
    with page.expect_navigation():
        page.locator(button).click()


def form(page, verb: str) -> str:
    """The form of the page that says this."""
    return f"form:has(input[name=verb][value={verb}])"


def fill(page, verb: str, button: str = "button", **said: str) -> None:
    """Fill a form of the page as people do, fold opened where it is one, and send it."""
    at = form(page, verb)
    fold = page.locator(f"details:has({at})")
    if fold.count() and not fold.evaluate("one => one.open"):
        fold.locator("summary").click()
    for name, value in said.items():
        field = page.locator(f"{at} [name='{name}']")
        if field.evaluate("one => one.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    send(page, f"{at} {button}")


def compare(desk, tmp_path) -> None:
    """The archive, whom it reaches, the alternate beside what is in use."""
    (tmp_path / "PCN-17.pcn").write_bytes(sourcing_floor.pcn())
    eva = desk("eva")
    eva.goto("/change-notices/")
    eva.set_input_files("#f-f", tmp_path / "PCN-17.pcn")
    send(eva, "form:has(#f-f) button")
    assert eva.input_value("#a-f") == "2640"  # read from the maker's words, used once somebody says so
    fill(eva, "amend", why="by phone")
    units = eva.inner_text("section:has(#h-u)")
    assert "part:W-1 datecode:>=2640 at:U1" in units and "Shop X 1" in units  # G5; G6 and G7 did not leave
    send(eva, "a:text-is('Compare alternates')")
    assert (eva.input_value("#s-p"), eva.input_value("#s-n")) == ("WIFI", "CN-1")
    eva.fill("#s-t", "Wi-Fi module")
    send(eva, "form:has(#s-t) button")
    for mpn, role, can in (("W-1", "current", story.IN_USE), ("W-2", "alternate", story.ALTERNATE)):
        fill(eva, "candidate", mpn=mpn, maker="Radio", role=role, **{f"p-{key}": value for key, value in can.items()})
    told = eva.inner_text("section:has(#h-c)")
    assert told.count("higher") == 2 and told.count("lower") == 1


def propose(desk) -> None:
    eva = desk("eva")
    eva.goto("/ecos/")
    fill(eva, "propose", title="W-2 for W-1", products="gateway", why="CN-1")
    assert eva.url.endswith("/eco/ECO-1/")
    fill(eva, "add", kind="part", subject="WIFI", old="Radio/W-1", new="Radio/W-2")
    for question, answer in story.ANSWERS.items():  # the page goes on with the next one by itself
        assert eva.input_value("#q-q") == question
        fill(eva, "answer", answer=answer, why="by ALT-1")
    fill(eva, "judge", answer="no", why="purpose and risks stay")
    fill(eva, "need", what="qualification run of 60 units")
    fill(eva, "ask")
    ben = desk("ben")
    ben.goto("/change-notice/CN-1/")
    fill(ben, "decide", decision="change_order", eco="ECO-1", why="W-2 takes its place")
    send(ben, "section:has(#h-id) a:text-is('ECO-1')")


def agree(desk) -> list:
    """Quality and psirt; the brand owner in its own view, from what waits on the portal."""
    for name in ("ben", "cara"):
        desk(name).goto("/eco/ECO-1/")
        fill(desk(name), "decide", "button[value=approved]")
    brand = desk("brand")
    assert brand.url.endswith("/portal/")
    send(brand, "section:has(#h-waits) a")
    said = brand.inner_text("main")
    assert "Unique identifier from the factory" in said and "badge-eva" not in said
    assert brand.locator("main a[href*='/alternates/']").count() == 0  # sheets are the house's
    found = faults(brand)
    fill(brand, "decide", "button[value=approved]")
    assert brand.locator("section:has(#h-id) .chip").inner_text() == "approved"
    other = desk("other")
    assert other.goto("/eco/ECO-1/").status == 404
    return found


def qualify(desk, tmp_path, actor) -> None:
    from asbuilt.built.exchange.actions import import_folder

    eva, ben = desk("eva"), desk("ben")
    eva.goto("/alternates/ALT-1/")
    rows = {
        f"{name}-{n}": str(value) for n, one in enumerate(sourcing_floor.CRITERIA, 1) for name, value in one.items()
    }
    fill(eva, "run", mpn="W-2", order="WO-Q", why="CN-1", **rows)
    assert eva.url.endswith("/qualification-run/QR-1/")
    by_hand(desk, "W-ALT", "Q1", "Q60")
    import_folder(actor, story.bench(tmp_path / "bench"))
    (tmp_path / "chamber.pdf").write_bytes(b"%PDF-1.4 chamber")
    eva.set_input_files("#r-f", tmp_path / "chamber.pdf")
    fill(eva, "result", verdict="pass", words="500 cycles, none failed")
    ben.goto("/qualification-run/QR-1/")
    assert "FCT: 60 of 60 passed, 1 of at most 1 ever failed; 60 carry it" in ben.inner_text("main")
    fill(ben, "judge", verdict="qualified", why="as shown")
    eva.goto("/eco/ECO-1/")
    fill(eva, "tick", why="QR-1")


def by_hand(desk, package: str, first: str, last: str, said: str = "Recorded") -> None:
    """At the bench: a reel, the position, from the first unit to the last."""
    anna = desk("anna")
    anna.goto("/setup/by-hand/")
    for field, value in {"package": package, "refdes": "U1", "first": first, "last": last}.items():
        anna.fill(f"#{field}", value)
    send(anna, "form:has(#refdes) .btn-main")
    assert said in anna.inner_text(".verdict")


def bound(desk, unit: str) -> None:
    ben = desk("ben")
    ben.goto("/eco/ECO-1/")
    fill(ben, "bound", kind="unit", value=unit, why="stock of W-1")


def build(desk, people) -> None:
    from asbuilt.answers.gate.actions import pass_step
    from asbuilt.built.production.actions.steps import StepDone

    by_hand(desk, "W-OLD", "H1", "H3")
    bound(desk, "H2")
    assert "2 units behind it were begun already, from H2 to H3." in desk("ben").inner_text("main")
    bound(desk, "H6")
    by_hand(desk, "W-ALT", "H4", "H6", "ECO-1")  # H4 and H5 lie before the boundary
    by_hand(desk, "W-OLD", "H6", "H10", "ECO-1")
    by_hand(desk, "W-OLD", "H4", "H5")
    by_hand(desk, "W-ALT", "H6", "H10")
    for n in range(1, 11):
        pass_step(people["anna"], code=f"H{n}", done=StepDone(step="SMT"))


def test_a_module_is_replaced_by_the_forms_of_the_pages(desk, actor, tmp_path):
    from asbuilt.designed.vulnerability.feeds.setting import set_feed
    from asbuilt.designed.vulnerability.feeds.taking import take_feed
    from asbuilt.designed.vulnerability.matching.evaluating import catch_up

    compare(desk, tmp_path)
    propose(desk)
    found = agree(desk)
    qualify(desk, tmp_path, actor)
    build(desk, {"anna": actor})

    ben = desk("ben")
    ben.goto("/eco/ECO-1/")
    built = ben.inner_text("section:has(#h-b)")
    assert "First unit built so: H6." in built and "Last unit built the old way: H5." in built
    assert f"{story.SERIES} units the new way, {story.OLD} the old way." in built and "overlap" not in built
    assert f"{story.RUN} units of qualification runs carry the new one too." in built
    assert "CN-1" in ben.inner_text("section:has(#h-id)") and "QR-1" in ben.inner_text("section:has(#h-x)")
    found += faults(ben)
    for width, height in WIDTHS:
        ben.set_viewport_size({"width": width, "height": height})
        picture(ben, "eco")
    for flaw, mpn in ((story.OLD_FLAW, "W-1"), (story.NEW_FLAW, "W-2")):
        source = story.advisory(tmp_path / "radio", flaw, mpn)
    set_feed(actor, name="radio", kind="csaf", source=str(source))
    take_feed(actor, "radio")
    catch_up(actor)
    brand = desk("brand")
    for flaw, certain in ((story.OLD_FLAW, story.OLD), (story.NEW_FLAW, story.NEW)):
        brand.goto(f"/?q=cve:{flaw}")
        counted = {grade: brand.inner_text(f".big-{grade} .n") for grade in ("certain", "possible", "unrecorded")}
        assert counted == {"certain": str(certain), "possible": "0", "unrecorded": "1"}
    assert (found, desk.said) == ([], [])
