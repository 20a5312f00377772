"""Mappings in a real browser: a file is tried, a mapping recorded by keyboard; axe finds nothing and nothing overflows."""

from foreign_machines import OVEN, OVEN_MAPPING, oven
from machine_floor import tables
from test_look_at_the_pages import chromium, faults, inside, served  # noqa: F401

from asbuilt.formats.file_mappings import columns_as_text


def fill(page) -> None:
    for name in ("machine", "pattern", "header", "time_format", "time_zone"):
        page.fill(f"#m-form [name={name}]", OVEN_MAPPING[name])
    for name in ("encoding", "delimiter", "decimal"):
        page.select_option(f"#m-form [name={name}]", OVEN_MAPPING[name])
    page.fill("#m-columns", columns_as_text(OVEN_MAPPING["columns"]))


def test_mappings_and_refused_files(inside, actor, load, tmp_path):  # noqa: F811
    from asbuilt.built.messages.machine_files import record_file
    from asbuilt.built.messages.mapping import machine_mappings

    load(tables())
    found = []
    inside.goto("/mappings/")
    found += faults(inside)
    for text, said in ((OVEN.replace("236,10", "hot"), "1 cell is wrong"), (OVEN, "It can be read.")):
        file = tmp_path / "OFEN_17.csv"
        file.write_bytes(oven(text))
        fill(inside)
        inside.set_input_files("#m-file", str(file))
        inside.focus("#m-form button[value=try]")
        inside.keyboard.press("Enter")
        inside.wait_for_selector("#h-t")
        assert said in inside.inner_text("main")
        found += faults(inside)
    inside.focus("#m-form button[value=say]")
    inside.keyboard.press("Enter")
    inside.wait_for_selector("#h-m + span:text-is('1')")
    inside.click("main details summary")
    found += faults(inside)
    (one,) = machine_mappings(actor)
    assert one.cells == OVEN_MAPPING
    inside.goto(f"/mappings/?change={one.version}")
    found += faults(inside)
    record_file(actor, "OFEN_18.csv", oven(OVEN.replace("SN2", "SN99").replace("236,10", "hot")))
    record_file(actor, "a-very-long-name-of-a-file-that-no-mapping-reads-2027-03-01-08-00-00-000000.csv", b"x")
    inside.goto("/dead-letters/")
    inside.click("#h-files >> xpath=../.. >> summary >> nth=0")
    found += faults(inside)
    inside.goto("/machines/")
    found += faults(inside)
    assert found == []
