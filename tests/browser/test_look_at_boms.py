"""As-built BOMs in a real browser: axe finds nothing at both widths, the policy holds, a file is taken by keyboard alone."""

import json
from pathlib import Path

import pytest
from test_look_at_the_pages import PASSWORD, chromium, faults, served, signed_in  # noqa: F401


@pytest.fixture
def inside(served, chromium, home, load, actor):  # noqa: F811
    """A page of the administrator's, with four finished boards, one of them without a material record."""
    from shipping_floor import finished

    from asbuilt.access.actions import accept_link, first_link

    rows = finished(4)
    rows["materials"][0] |= {"last_serial": "S0002"}
    load(rows)
    accept_link(first_link(), name="Ada Lis", login="ada", password=PASSWORD)
    context, page = signed_in(chromium, served, "ada")
    yield page
    context.close()


def test_axe_finds_nothing_and_a_file_is_taken_by_keyboard(inside):
    said, found = [], []
    inside.on("console", lambda line: said.append(line.text) if "Security Policy" in line.text else None)
    for place in ("/bom/order/WO/", "/bom/unit/S0003/?profile=ntia-2021", "/unit/S0003/"):
        inside.goto(place)
        found += faults(inside)
    assert (found, said) == ([], [])
    inside.goto("/unit/S0003/")
    inside.get_by_role("link", name="As-built BOM").focus()
    inside.keyboard.press("Enter")
    inside.wait_for_url("**/bom/unit/S0003/")
    assert "Of R1 nothing is recorded on 1 units." in inside.locator("#gaps").inner_text()
    inside.locator("#b-form").focus()
    inside.keyboard.press("End")
    inside.get_by_role("button", name="Take the file").focus()
    with inside.expect_download() as taken:
        inside.keyboard.press("Enter")
    document = json.loads(Path(taken.value.path()).read_bytes())
    assert taken.value.suggested_filename == "unit-S0003.spdx.json.dsse.json" and document["signatures"]
