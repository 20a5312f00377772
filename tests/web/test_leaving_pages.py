"""Packing on the floor, shipments, returns, concessions and the gate check, as people use them; in German too."""

import re
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from shipping_floor import factory, finished, material, run

pytestmark = pytest.mark.once

GERMAN = {"HTTP_ACCEPT_LANGUAGE": "de"}
KEPT = {"HTTP_ACCEPT": "application/json"}


def text(answer) -> str:
    page = re.sub(r"<[^>]*>", " ", answer.content.decode().partition('<main id="main"')[2])
    return " ".join(unescape(page).split())


@pytest.fixture
def loaded(load):
    rows = finished(6)
    rows["tests"] = [run(f"S000{n}") for n in range(5)]  # S0005 was never tested
    load(rows)


@pytest.fixture
def packer(loaded, signed_in):
    return signed_in("operator")


def test_the_screens_name_everything_that_is_missing(load, actor, signed_in):
    """The packer's screen named five of seven things, and the gate check of a panel twenty of all its units: mended, it was stopped anew."""
    from asbuilt.answers.register.holds import hold

    rows = factory(4)
    rows["units"] = [{**unit, "panel": "P1", "position": str(n)} for n, unit in enumerate(rows["units"], 1)]
    rows["materials"] = [material("S0000", "S0003", "BAD")]
    load(rows)
    hold(actor, units=["S0000..S0003"], reason="dropped")
    packer = signed_in("operator")
    missing = ("is on hold: dropped", "carries BAD", ": SMT is missing", ": BOXING is missing", ": Test FCT 2 is missing", "board app 1.1.0 is not loaded")  # fmt: skip
    box = opened(packer)
    for answer in (packer.send("/packing/scan/", {"box": box, "scan": "P1"}), packer.get("/leave/", {"code": "P1"})):
        said = text(answer)
        assert [said.count(words) for words in missing] == [4] * len(missing)
        assert "more unit" not in said


@pytest.fixture
def conceded_unit(loaded, actor) -> tuple[str, str]:
    """(concession, unit): S0005 may go untested, the brand agreed by a document that a third person recorded."""
    from asbuilt.access.actor import person_actor
    from asbuilt.answers.gate.conceding import propose_concession
    from asbuilt.built.quality.actions.concessions import approve_concession

    ada, ben, cy = (person_actor(actor.tenant, 900 + n, frozenset({"quality_lead"}), None) for n in range(3))
    code = propose_concession(
        ada, codes=["S0005"], allows="test_missing", reason="rig", until_at=4_000_000_000_000_000
    )[0]
    approve_concession(ben, concession=code)
    approve_concession(cy, concession=code, party="BRAND", content=b"%PDF-1.4 agreed", name="b.pdf")
    return code, "S0005"


def opened(client, kind="box", **said) -> str:
    answer = client.send("/packing/open/", {"kind": kind, **said})
    assert answer.status_code == 302, text(answer)
    return answer["Location"].partition("box=")[2]


def test_the_packers_screen_lets_a_unit_in_and_stops_another_and_says_why(packer):
    start = packer.get("/packing/")
    assert "Scan the box, or open a new one" in text(start) and "data-keep=" not in start.content.decode()
    box = opened(packer)
    front = packer.get("/packing/", {"box": box}).content.decode()
    assert 'data-keep="form"' in front and 'data-keep-to="/packing/queued/"' in front
    went = packer.send("/packing/scan/", {"box": box, "scan": "S0000"})
    assert went.status_code == 302
    go = packer.get(went["Location"])
    assert "GO" in text(go) and "S0000 (1)" in text(go) and "verdict-ok" in go.content.decode()
    stopped = packer.send("/packing/scan/", {"box": box, "scan": "S0005"})
    page = stopped.content.decode()
    assert stopped.status_code == 409 and 'role="alert"' in page and 'data-sound="stop"' in page
    assert (
        "STOP" in text(stopped)
        and "S0005: Test FCT 2 is missing." in text(stopped)
        and "Test it with FCT 2 first." in text(stopped)
    )
    german = packer.send("/packing/scan/", {"box": box, "scan": "S0005"}, **GERMAN)
    assert "S0005: Prüfung FCT 2 fehlt." in text(german)
    unknown = packer.send("/packing/scan/", {"box": box, "scan": "S9999"})
    assert unknown.status_code == 404 and "STOP" in text(unknown)
    assert packer.send(f"/container/{box}/change/", {"what": "close"}).status_code == 302
    page = packer.get(f"/container/{box}/")
    assert "closed" in text(page) and f'aria-label="Data Matrix of {box}"' in page.content.decode()


def test_scans_that_were_kept_without_a_network_are_asked_when_they_are_sent(packer):
    box = opened(packer)
    at = "2026-11-01T08:00:00Z"
    kept = packer.send("/packing/queued/", {"box": box, "scan": "S0001", "at": at, "request_key": "q1"})
    assert kept.json() == {"done": "S0001", "units": 1}
    assert (
        packer.send("/packing/queued/", {"box": box, "scan": "S0001", "at": at, "request_key": "q1"}).json()["units"]
        == 1
    )
    refused = packer.send("/packing/queued/", {"box": box, "scan": "S0005", "at": at, "request_key": "q2"})
    assert refused.status_code == 409 and refused.json()["code"] == "gate.test_missing" and refused.json()["refused"]
    german = packer.send(
        "/packing/queued/", {"box": box, "scan": "S0005", "at": at, "request_key": "q3"}, **GERMAN
    ).json()
    assert german["refused"] == "S0005: Prüfung FCT 2 fehlt." and german["do"] == "Erst mit FCT 2 prüfen."


def test_a_shipment_from_the_first_box_to_its_papers(packer, signed_in):
    box = opened(packer)
    packer.send("/packing/scan/", {"box": box, "scan": "S0000"})
    packer.send(f"/container/{box}/change/", {"what": "close"})
    shipment = opened(packer, "shipment", customer="SHOP", country="FR")
    packer.send("/packing/scan/", {"box": shipment, "scan": box})
    packer.send("/packing/scan/", {"box": shipment, "scan": "S0001"})
    assert f"{shipment} Shop X, FR" in text(packer.get("/shipments/"))
    gone = packer.send(f"/shipment/{shipment}/ship/")
    assert gone.status_code == 302, text(gone)
    page = text(packer.get(f"/shipment/{shipment}/"))
    assert "left" in page and "S0000" in page and "As-built package" in page
    conformity = text(packer.get(f"/shipment/{shipment}/conformity/"))
    assert (
        "Passed FCT 2 2 2" in conformity and "No gap is known." in conformity and "compliant" not in conformity.lower()
    )
    note = text(packer.get(f"/shipment/{shipment}/note/"))
    assert "S0001" in note and "From Our Works To Shop X, FR" in note  # it named who gets it and not who sends it
    package = packer.get(f"/shipment/{shipment}/package/")
    assert package["Content-Type"] == "application/zip" and package.content[:2] == b"PK"
    lead = signed_in("quality_lead")
    said = {
        "party": "BRAND",
        "decided_by": "Ada Brand",
        "basis": "sale",
        "placed_at": "2027-12-11T00:00:00Z",
        "file": SimpleUploadedFile("o.pdf", b"%PDF-1.4"),
    }
    assert (
        packer.send(f"/shipment/{shipment}/place/", {"party": "BRAND", "decided_by": "x", "basis": "sale"}).status_code
        == 403
    )
    assert lead.send(f"/shipment/{shipment}/place/", said).status_code == 302
    assert "Brand Owner Ada Brand sale" in text(lead.get(f"/shipment/{shipment}/"))
    assert "Verkauf" in text(lead.get(f"/shipment/{shipment}/", **GERMAN))


def test_the_gate_check_by_scan_of_a_unit_and_an_order(packer):
    assert "May it leave" in text(packer.get("/leave/"))
    assert "GO S0000" in text(packer.get("/leave/", {"code": "S0000"}))
    stopped = packer.get("/leave/", {"code": "S0005"})
    assert "S0005: Test FCT 2 is missing." in text(stopped) and 'role="alert"' in stopped.content.decode()
    whole = text(packer.get("/leave/", {"code": "WO"}))
    assert "5 of 6 may leave" in whole and "1 a test is missing FCT S0005" in whole
    assert "eine Prüfung fehlt" in text(packer.get("/leave/", {"code": "WO"}, **GERMAN))
    assert "STOP" in text(packer.get("/leave/", {"code": "NOBODY"}))


def test_a_return_is_received_told_of_and_replaced(packer):
    shipment = opened(packer, "shipment", customer="SHOP", country="FR")
    packer.send("/packing/scan/", {"box": shipment, "scan": "S0000"})
    packer.send(f"/shipment/{shipment}/ship/")
    refused = packer.send("/returns/", {"codes": "S0001"})
    assert refused.status_code == 409 and "never left" in text(refused)
    received = packer.send("/returns/", {"codes": "S0000", "said": "no light", "party": "SHOP"})
    assert received["Location"] == "/returns/RMA-1/"
    packer.send("/returns/RMA-1/", {"unit": "S0000", "event": "found", "said": "R1 open"})
    packer.send("/returns/RMA-1/", {"unit": "S0000", "event": "replaced", "replacement": "S0002"})
    page = text(packer.get("/returns/RMA-1/"))
    assert "Came back no light" in page and "Found R1 open" in page and "In its place: S0002" in page
    assert "RMA-1 1 1" in text(packer.get("/returns/"))
    life = text(packer.get("/unit/S0000/"))
    assert "returned" in life and "Came back no light" in life and "Replaced S0002" in life
    assert "Zurück no light" in text(packer.get("/unit/S0000/", **GERMAN))


def test_the_page_of_an_order_says_what_goes_under_a_concession_and_of_what_is_here(conceded_unit, packer, actor):
    """It said that all may leave, and not that one of them goes untested; command line and API did, of units too that had left."""
    from asbuilt.answers.gate.leaving import order_may_leave

    code, unit = conceded_unit
    page = text(packer.get("/leave/", {"code": "WO"}))
    assert "6 of 6 may leave" in page and f"Let pass Units What is missing By what 1 a test is missing {code}" in page
    assert "signature Asbuilt did not check" in page
    assert "Durchgelassen" in text(packer.get("/leave/", {"code": "WO"}, **GERMAN))
    shipment = opened(packer, "shipment", customer="SHOP", country="FR")
    packer.send("/packing/scan/", {"box": shipment, "scan": unit})
    assert packer.send(f"/shipment/{shipment}/ship/").status_code == 302
    assert order_may_leave(actor, "WO").conceded == () and "Let pass" not in text(packer.get("/leave/", {"code": "WO"}))


def test_a_concession_from_its_proposal_to_the_packers_go(packer, signed_in, actor):
    from asbuilt.designed.parties.queries import numbers_by_name

    eva, ben = signed_in("engineer"), signed_in("quality_lead")
    brand = signed_in("party_reader", party=numbers_by_name(actor.tenant)["BRAND"])
    said = {
        "codes": "S0005",
        "allows": "test_missing",
        "subject": "FCT",
        "reason": "rig is down",
        "until_at": "2099-01-01T00:00:00Z",
    }
    assert packer.send("/concessions/", said).status_code == 403
    proposed = eva.send("/concessions/", said)
    assert proposed["Location"] == "/concessions/CON-1/"
    page = text(eva.get("/concessions/CON-1/"))
    assert (
        "It lets nothing pass yet." in page and "Brand Owner is the manufacturer of board and has not agreed." in page
    )
    assert eva.send("/concessions/CON-1/decide/", {"what": "agree"}).status_code == 403
    assert ben.send("/concessions/CON-1/decide/", {"what": "agree"}).status_code == 302
    assert "STOP" in text(packer.get("/leave/", {"code": "S0005"}))
    assert brand.send("/concessions/CON-1/decide/", {"what": "agree"}).status_code == 302
    assert "CON-1 holds" in text(eva.get("/concessions/"))
    assert "Under concession CON-1" in text(packer.get("/leave/", {"code": "S0005"}))
    assert "Concession CON-1 rig is down" in text(packer.get("/unit/S0005/"))
    assert "gilt" in text(eva.get("/concessions/", **GERMAN))
    box = opened(packer, kind="shipment", customer="SHOP", country="DE")
    packer.send("/packing/scan/", {"box": box, "scan": "S0005"})
    packer.send(f"/shipment/{box}/ship/")
    paper = text(packer.get(f"/shipment/{box}/conformity/"))
    assert "Lets go: a test is missing FCT · until 1 Jan 2099 · S0005" in paper
    paper = text(packer.get(f"/shipment/{box}/conformity/", **GERMAN))
    assert "Lässt gehen: eine Prüfung fehlt FCT · bis" in paper and "S0005" in paper
    assert "There is no concession." in text(
        signed_in("party_reader", party=numbers_by_name(actor.tenant)["OTHER"]).get("/concessions/")
    )


def test_what_was_refused_is_one_link_from_a_nonconformity_that_says_why(loaded, packer, signed_in):
    """At the packer's STOP, at the gate check and at the unit's failed test: the form is filled with the refusal."""
    box = opened(packer)
    stop = packer.send("/packing/scan/", {"box": box, "scan": "S0005"}).content.decode()
    address = unescape(re.search(r'href="(/nonconformities/\?about=gate[^"]*)"', stop)[1])
    assert "of=S0005" in address and "about=gate" in packer.get("/leave/", {"code": "S0005"}).content.decode()
    form = packer.get(address.partition("#")[0]).content.decode()
    assert "FCT 2 is not recorded of S0005." in unescape(form) and 'value="WO#6"' in form
    assert '<option value="gate" selected>' in form
    done = signed_in("quality_lead").send(
        "/nonconformities/",
        {"description": "FCT 2 is not recorded of S0005.", "source": "gate", "severity": "major", "units": "WO#6"},
    )
    assert done.status_code == 302
    assert "about=gate" not in packer.get("/leave/", {"code": "S0000"}).content.decode()
    nothing = packer.get("/nonconformities/", {"about": "gate", "of": "S0000"})
    assert nothing.status_code == 200 and "Raise it by hand" in text(nothing)


def test_the_pages_say_how_much_no_finding_is_worth(packer):
    """The boards run 1.0.0, of which nobody added an SBOM, and there is no feed."""
    page = packer.get("/leave/", {"code": "S0000"})
    assert "GO" in text(page)
    assert "has no SBOM: that nothing is found in it says nothing." in text(page)
    assert "There is no feed: that nothing is found says nothing." in text(page)
    german = text(packer.get("/leave/", {"code": "S0000"}, **GERMAN))
    assert "hat keine SBOM: Dass nichts darin gefunden ist, sagt nichts." in german
    assert "Es gibt keinen Feed: Dass nichts gefunden ist, sagt nichts." in german
    order = text(packer.get("/leave/", {"code": "WO"}))
    assert "a release without an SBOM" in order and "feeds missing or too old" in order
    assert "How much no finding is worth" in order
    box = opened(packer)
    went = packer.send("/packing/scan/", {"box": box, "scan": "S0000"})
    page = text(packer.get(went["Location"]))
    assert "GO" in page and "a release without an SBOM" in page and "feeds missing or too old" in page
    # an address that somebody wrote says nothing of his own
    assert "<b>" not in text(packer.get("/packing/", {"box": box, "done": "x", "known": "gate.no_sbom <b>nonsense"}))


def test_packer_station_and_gate_check_say_the_same_of_a_concession(signed_in, conceded_unit):
    """The packer's screen said the code alone, not that nobody checked what the party signed; the gate check said the code twice, a line for each unit."""
    client = signed_in("operator", "quality_lead")
    code, name = conceded_unit
    line, unchecked = f"Under concession {code}", "A party agreed by a document whose signature Asbuilt did not check."
    leave = client.get("/leave/", {"code": name})
    assert text(leave).count(line) == text(leave).count(code) == 1 and unchecked in text(leave)
    assert f'href="/concessions/{code}/"' in leave.content.decode()
    front = client.get("/station/", {"step": "PACK", "unit": name})
    assert text(front).count(line) == 1 and unchecked in text(front)
    went = client.send("/packing/scan/", {"box": opened(client), "scan": name})
    assert went.status_code == 302
    go = client.get(went["Location"])
    assert text(go).count(line) == 1 and unchecked in text(go)
    assert f"Mit Sonderfreigabe {code}" in text(client.get(went["Location"], **GERMAN))


def test_units_whose_names_hold_blanks_are_typed_a_line_each(load, signed_in):
    """`SN 0` was read as the units SN and 0 by every field that takes several; and of more than fits in a field the last were left out unsaid."""
    rows = finished(4)
    load({name: [{cell: re.sub(r"^S000", "SN ", said) for cell, said in row.items()} for row in of] for name, of in rows.items()})  # fmt: skip
    packer, lead = signed_in("operator"), signed_in("quality_lead")
    box, shipment = opened(packer, code="BOX 1"), opened(packer, "shipment", customer="SHOP", country="FR")
    for unit in ("SN 0", "SN 1", "SN 2"):
        assert packer.send("/packing/scan/", {"box": "BOX 1", "scan": unit}).status_code == 302, box
    said = {"what": "out", "codes": "SN 2\r\nSN 9", "reason": "scratched"}
    wrong = packer.send("/container/BOX 1/change/", said).content.decode()
    assert "SN 2\r\nSN 9</textarea>" in wrong and 'value="scratched"' in wrong
    out = packer.send("/container/BOX 1/change/", {**said, "codes": "SN 2\r\n"})
    assert out.status_code == 302, text(out)
    packer.send("/container/BOX 1/change/", {"what": "close"})
    packer.send("/packing/scan/", {"box": shipment, "scan": "BOX 1"})
    assert packer.send(f"/shipment/{shipment}/ship/").status_code == 302
    placed = {"party": "BRAND", "decided_by": "Ada", "basis": "sale", "codes": "SN 0\n SN 1"}
    assert lead.send(f"/shipment/{shipment}/place/", placed).status_code == 302
    page = text(lead.get(f"/shipment/{shipment}/"))
    assert "Brand Owner Ada sale SN 0" in page and "Brand Owner Ada sale SN 1" in page
    long = packer.send("/returns/", {"codes": "SN 0\n" * 4001})
    assert long.status_code == 422 and "4001 codes; 1 to 500 are taken." in text(long)
    back = packer.send("/returns/", {"codes": "SN 0\nSN 1", "party": "SHOP"})
    assert back.status_code == 302 and "SN 1" in text(packer.get(back["Location"]))
    raised = {"units": '"SN 2" "SN 3"', "source": "inspection", "severity": "major", "description": "lid", "held": "on"}
    raised = lead.send("/nonconformities/", raised)
    assert raised.status_code == 302, text(raised)
    page = text(lead.get(raised["Location"]))
    assert "SN 2" in page and "SN 3" in page


def test_boxes_shipments_and_returns_whose_codes_are_words_of_our_addresses_have_their_pages(packer):
    """The page of a box `open` or `B/change` answered 405, and `SH-1/note` was the delivery note of SH-1."""
    for code, there in (
        ("open", "open"),
        ("scan", "scan"),
        ("queued", "queued"),
        ("B/change", "B~1change"),
        ("B", "B"),
    ):
        opened(packer, code=code)
        assert f'href="/container/{there}/"' in packer.get("/packing/", {"box": code}).content.decode()
        assert f"Box {code} " in text(packer.get(f"/container/{there}/")), code
    there = "/container/B~1change/change/"
    assert packer.send(there, {"what": "out", "codes": "S0001", "reason": "r"}).status_code == 409  # S0001 is not in it
    opened(packer, "shipment", code="SH-1", customer="SHOP", country="FR")
    shipment = opened(packer, "shipment", code="SH-1/note", customer="SHOP", country="FR")
    assert packer.send("/packing/scan/", {"box": "SH-1/note", "scan": "S0000"}).status_code == 302, shipment
    assert packer.send("/shipment/SH-1~1note/ship/")["Location"] == "/shipment/SH-1~1note/"
    page = text(packer.get("/shipment/SH-1~1note/"))
    assert "Shipment SH-1/note" in page and "what was recorded when it left" in page
    assert "what was recorded when it left" not in text(packer.get("/shipment/SH-1/"))
    assert "Delivery note SH-1/note" in text(packer.get("/shipment/SH-1~1note/note/"))
    back = packer.send("/returns/", {"codes": "S0000", "rma": "R/decide/", "party": "SHOP"})
    assert "Return R/decide/" in text(packer.get(back["Location"]))
    before = packer.get("/packing/B/change/")
    assert before["Location"] == "/container/B~1change/"


def test_what_is_typed_stands_in_the_form_when_it_is_refused(packer, conceded_unit, signed_in):
    """A concession's reason and party were typed twice: its form came back empty."""
    code, unit = conceded_unit
    lead = signed_in("quality_lead")
    asked = {"codes": f"{unit}\nNONE", "allows": "no_sbom", "subject": "H-7", "reason": "rig & co", "until_at": "soon"}
    for changed, why in (({}, "soon"), ({"until_at": "2099-01-01T00:00:00Z"}, "NONE")):
        page = lead.send("/concessions/", {**asked, **changed}).content.decode()
        assert f"{unit}\nNONE</textarea>" in page and 'value="rig &amp; co"' in page and 'value="H-7"' in page
        assert '<option value="no_sbom" selected>' in page and why in page.partition('id="refusal"')[2][:400]
    there = f"/concessions/{code}/decide/"
    refused = lead.send(there, {"what": "agree", "reason": "seen on site", "party": "NOBODY"})
    form = refused.content.decode().partition('id="h-a"')[2]
    assert refused.status_code >= 400 and 'id="refusal"' in form, "the refusal stands in the form"
    assert 'value="seen on site"' in form and 'value="NOBODY"' in form
    back = packer.send("/returns/", {"codes": "S0001", "rma": "R 7", "said": "dark", "party": "SHOP"}).content.decode()
    assert "S0001</textarea>" in back and all(f'value="{said}"' in back for said in ("R 7", "dark", "SHOP"))
