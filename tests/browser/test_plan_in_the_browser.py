"""Orders are planned, numbered and marked by keyboard, at both widths; axe finds nothing."""

import pytest
from boards_and_boxes import tables
from test_look_at_the_pages import chromium, faults, inside, served  # noqa: F401


@pytest.fixture
def planned(load, inside):  # noqa: F811
    """The page of an engineer, on a record with two products."""
    load(tables())
    return inside


def test_axe_finds_nothing_on_the_planning_pages(planned):
    found = []
    planned.goto("/orders/open/")
    found += faults(planned)
    planned.fill("#o-order", "WN")
    planned.fill("#o-quantity", "12")
    planned.select_option("#o-builds", label="BRD revision B, BOM version 1")
    planned.press("#o-batch", "Enter")
    planned.wait_for_url("**/order/WN/")
    for summary in planned.locator("#plan summary").all():
        summary.press("Enter")
    found += faults(planned)
    planned.goto("/product/BRD/")
    for summary in planned.locator("summary").all():
        if summary.is_visible():
            summary.press("Enter")
    planned.fill("#p-panel", "P6")
    planned.fill("#p-columns", "3")
    planned.fill("#p-rows", "2")
    planned.fill("#p-x", "30.5")
    planned.fill("#p-y", "40")
    planned.press("#p-y", "Enter")
    planned.wait_for_selector(".panel-map svg")
    found += faults(planned)
    planned.locator("summary", has_text="Set the rule").press("Enter")
    planned.fill("#r-prefix", "AB-")
    planned.press("#r-prefix", "Enter")
    planned.wait_for_selector("text=AB-00001")
    planned.goto("/order/WN/#plan")
    planned.locator("summary", has_text="Serial numbers").press("Enter")
    planned.fill("#n-count", "6")
    planned.press("#n-count", "Enter")
    planned.wait_for_selector(".banner-ok")
    planned.goto("/unit/AB-00001/")
    found += faults(planned)
    # a scanner types the mark and sends Enter
    planned.focus("#k-read")
    planned.keyboard.type("AB-00001\n")
    planned.wait_for_selector(".banner-ok")
    planned.focus("#k-read")
    planned.keyboard.type("AB-00002\n")
    planned.wait_for_selector(".banner-stop")
    found += faults(planned)
    assert found == []
