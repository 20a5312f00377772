"""The forms for a permit and for a grant to be signed: what they offer, what they issue, what they refuse, who may."""

import json
import re
from html import unescape

import pytest
import signers
from django.core.files.uploadedfile import SimpleUploadedFile
from permit_floor import GRANT_ID, HOUR, PermitFloor

from asbuilt.kernel import keys, permits
from asbuilt.kernel.envelope import parse
from asbuilt.kernel.instants import format_instant
from asbuilt.kernel.sealing import SealingKey

IMAGE = b"\x7fASBUILT" + bytes(range(256)) * 4


def text(answer) -> str:
    page = re.sub(r"<[^>]*>", " ", answer.content.decode().partition('<main id="main"')[2])
    return " ".join(unescape(page).split())


@pytest.fixture
def floor(actor) -> PermitFloor:
    from asbuilt.built.programming.actions.stations import enrol

    found = PermitFloor(actor, IMAGE)
    for name in ("ST-01", "ST-02"):
        public = keys.public_to_pem(signers.Ed25519(name).public)
        enrol(found.code(name), public=public, transfer=keys.public_to_pem(SealingKey.new().public))
    return found


@pytest.fixture
def demanded(actor):
    from asbuilt.built.programming.actions.demands import demand_firmware

    return lambda **said: demand_firmware(actor, **said)


def typed(floor, **more) -> dict:
    """What somebody types who gives ST-01 twenty units and ST-02 ten."""
    return {
        "order": "WO-7", "grant": GRANT_ID, "plan": floor.plan_sha256, "revision": ["B"], "units-ST-01": "20",
        "units-ST-02": "10", "rework-ST-02": "2", "image-U1-app": "app 2.3.1", "programmer-U1": "gdbremote",
        "part-U1": "lm3s6965", "id-U1": "1073402e", "tool-U1": "1.0", "not_before": format_instant(floor.now - HOUR),
        "not_after": format_instant(floor.now + 100 * HOUR), "grace": "48", "attempts": "2", **more,
    }  # fmt: skip


def test_a_permit_is_issued_from_what_is_chosen(floor, signed_in):
    issuer = signed_in("permit_issuer")
    page = text(issuer.get("/permits/new/"))
    assert "For which order" in page
    form = issuer.get("/permits/new/", {"order": "WO-7"})
    page = text(form)
    assert "No version is demanded." in page and "Units of ST-01" in page and "together at most 50" in page
    # the plan starts a Cortex and gives it a secret: it chose flashrom, the first of the list, which programs chips of memory
    assert '<option value="gdbremote" selected>' in form.content.decode()
    assert "avrdude (cannot do what the plan asks)" in page and "flashrom (" not in page
    answer = issuer.send("/permits/new/", typed(floor))
    assert answer.status_code == 302, text(answer)
    document = json.loads(issuer.get(answer["Location"] + "document/").content)
    permit = permits.parse_permit(parse(json.dumps(document).encode()).payload)
    assert [(one.station, one.units, one.rework_units) for one in permit.stations] == [
        ("ST-01", 20, 0),
        ("ST-02", 10, 2),
    ]
    assert (permit.work_order, permit.revisions, permit.bom_version, permit.lock) == ("WO-7", ("B",), "1", "none")
    assert (permit.grace_offline_hours, permit.attempts_per_unit) == (48, 2)
    assert (permit.not_before, permit.not_after) == (floor.now - HOUR, floor.now + 100 * HOUR)
    (image,) = permit.images
    assert (image.role, image.version, image.part, image.region) == ("app", "2.3.1", "U1", "app")
    assert [(one.tool, one.version_min) for one in permit.tools] == [("gdbremote", "1.0")]
    # the next one is filled in as the last one was, and 20 of the grant's 50 are left
    page = issuer.get("/permits/new/", {"order": "WO-7"})
    assert "20 of 50 units of the grant left" in text(page) and "Left 30" in text(page)
    assert 'value="lm3s6965"' in page.content.decode() and 'value="48"' in page.content.decode()


def test_the_page_shows_what_is_demanded_and_which_releases_answer(floor, signed_in, demanded):
    floor.release("2.4.0", b"newer")
    demanded(order="WO-7", version="2.3.1")
    issuer = signed_in("permit_issuer")
    answer = issuer.get("/permits/new/", {"order": "WO-7"})
    page = text(answer)
    assert "application 2.3.1" in page and "demanded" in page and "WO-7" in page
    offered = page.partition("Releases that answer it")[2].partition("Grant and plan")[0]
    assert "2.3.1 for B demanded" in offered and "2.4.0" not in offered
    assert re.search(r'<option value="app 2.3.1" selected>', answer.content.decode())


def test_a_demanded_version_that_is_no_release_is_shown_and_refused(floor, signed_in, demanded, actor):
    from asbuilt.designed.firmware.actions import withdraw_release

    floor.release("2.4.0", b"newer")
    demanded(order="WO-7", version="2.4.0")
    withdraw_release(actor, product="WIDGET", role="app", version="2.4.0", reason="bricks")
    issuer = signed_in("permit_issuer")
    page = text(issuer.get("/permits/new/", {"order": "WO-7"}))
    assert "application 2.4.0 withdrawn" in page and "another is demanded" in page
    answer = issuer.send("/permits/new/", typed(floor))
    assert answer.status_code == 409 and "programming.permit_other_version" in text(answer)
    kept = answer.content.decode()
    assert 'name="units-ST-01" value="20"' in kept and 'value="48"' in kept


def test_where_no_release_answers_the_panel_says_so_and_what_to_do(floor, signed_in, demanded, actor):
    """It was an empty list without a word where the released versions are others than what is demanded."""
    from asbuilt.designed.firmware.actions import withdraw_release

    def panel(reader) -> str:
        page = text(reader.get("/permits/new/", {"order": "WO-7"}))
        return page.partition("Releases that answer it")[2].partition("Grant and plan")[0].strip()

    floor.release("2.4.0", b"newer")
    demanded(order="WO-7", version="2.4.0")
    withdraw_release(actor, product="WIDGET", role="app", version="2.4.0", reason="bricks")
    issuer = signed_in("permit_issuer")
    words = "Have the version that is demanded released, the ECO that asks for it approved again, or the demand changed; then issue the permit."
    assert panel(issuer) == f"No release answers what is demanded. {words} Firmware of WIDGET"
    withdraw_release(actor, product="WIDGET", role="app", version="2.3.1", reason="bricks too")
    assert (
        panel(issuer)
        == "None is released. Have a version for hardware revision B released; then issue the permit. Firmware of WIDGET"
    )


def test_a_release_for_another_revision_alone_is_said_to_be_none_for_this_one(floor, signed_in, actor):
    from asbuilt.designed.firmware.actions import withdraw_release

    withdraw_release(actor, product="WIDGET", role="app", version="2.3.1", reason="bricks")
    floor.release("3.0.0", b"for another board", revisions=("C",))
    page = text(signed_in("permit_issuer").get("/permits/new/", {"order": "WO-7"}))
    said = page.partition("Releases that answer it")[2].partition("Grant and plan")[0]
    assert "No release is for hardware revision B. Have a version for hardware revision B released" in said


def test_what_was_typed_wrong_is_named_and_stays(floor, signed_in):
    issuer = signed_in("permit_issuer")
    for wrong, status, code in (
        ({"units-ST-01": "61", "units-ST-02": ""}, 409, "programming.permit_over_order"),
        ({"units-ST-01": "51", "units-ST-02": ""}, 409, "kernel.permit_split_over_units"),
        ({"units-ST-01": "", "units-ST-02": "", "rework-ST-02": ""}, 422, "web.share_missing"),
        ({"units-ST-01": "-1"}, 422, "web.number_wrong"),
        ({"not_after": "tomorrow"}, 422, "web.time_wrong"),
        ({"revision": []}, 422, "kernel.document_field"),
        ({"image-U1-app": ""}, 422, "kernel.document_field"),
        ({"plan": "ab" * 32}, 422, "kernel.document_field"),
    ):
        answer = issuer.send("/permits/new/", typed(floor, **wrong))
        assert (answer.status_code, code in text(answer)) == (status, True), (wrong, text(answer)[:600])
        assert 'value="lm3s6965"' in answer.content.decode()
    answer = issuer.get("/permits/new/", {"order": "WO-99"})
    assert answer.status_code == 404 and "There is no order WO-99." in text(answer)


def test_the_same_form_sent_twice_is_one_permit(floor, signed_in):
    issuer = signed_in("permit_issuer")
    said = typed(floor, request_key="01KB0000000000000000000K10")
    assert issuer.send("/permits/new/", said)["Location"] == issuer.send("/permits/new/", said)["Location"]
    assert "20 / 50" in text(issuer.get("/permits/"))


def test_a_grant_is_prepared_signed_elsewhere_and_recorded(floor, signed_in):
    """The brand owner's key signs the downloaded bytes; the server sees the file again only when it is signed."""
    issuer = signed_in("permit_issuer")
    assert "For which product" in text(issuer.get("/permits/new-grant/"))
    page = text(issuer.get("/permits/new-grant/", {"product": "WIDGET"}))
    assert "application 2.3.1" in page and "issuer" in page and "EMS-1, CZ-BRNO" in page
    said = {
        "product": "WIDGET", "image": ["app 2.3.1"], "revision": ["B", "C"], "issuer": [signers.ISSUER.public.key_id],
        "units": "40", "brand_owner": "ACME", "site": "EMS-1|CZ-BRNO", "threshold": "1",
        "not_after": format_instant(floor.now + 200 * HOUR),
    }  # fmt: skip
    answer = issuer.send("/permits/new-grant/", said)
    assert answer.status_code == 200 and "attachment" in answer["Content-Disposition"], text(answer)
    grant = permits.parse_grant(answer.content)
    assert (grant.units, grant.ems, grant.site, grant.revisions) == (40, "EMS-1", "CZ-BRNO", ("B", "C"))
    assert grant.images == (permits.Image(**PermitFloor.image_of(IMAGE, "2.3.1")),)
    assert grant.issuers == (signers.ISSUER.public,)
    assert len(re.findall(r"<code class=.wrap.>01", issuer.get("/permits/").content.decode())) == 1  # none was recorded
    signed = signers.signed(permits.GRANT_TYPE, answer.content, [signers.BRAND])
    sent = {"grant": SimpleUploadedFile("grant.json", signed)}
    assert issuer.send("/permits/grant/", sent).status_code == 302
    answer = issuer.send("/permits/new/", typed(floor, grant=grant.grant_id))
    assert answer.status_code == 302, text(answer)


def test_a_grant_names_no_release_that_may_not_be_permitted(floor, signed_in, actor):
    from asbuilt.designed.firmware.actions import withdraw_release

    issuer = signed_in("permit_issuer")
    said = {
        "product": "WIDGET", "image": ["app 2.3.1"], "revision": ["B"], "issuer": [signers.ISSUER.public.key_id],
        "units": "40", "brand_owner": "ACME", "site": "EMS-1|CZ-BRNO",
        "not_after": format_instant(floor.now + 200 * HOUR),
    }  # fmt: skip
    for wrong, status, code in (
        ({"issuer": [signers.RELEASERS[0].public.key_id]}, 409, "programming.grant_issuer_untrusted"),
        ({"image": ["app 9.9.9"]}, 404, "firmware.release_unknown"),
        ({"units": "0"}, 422, "kernel.document_field"),
        ({"image": []}, 422, "kernel.document_field"),
        ({"not_after": format_instant(floor.now - HOUR)}, 422, "kernel.document_field"),
    ):
        answer = issuer.send("/permits/new-grant/", {**said, **wrong})
        assert (answer.status_code, code in text(answer)) == (status, True), (wrong, text(answer)[:600])
    withdraw_release(actor, product="WIDGET", role="app", version="2.3.1", reason="bricks")
    answer = issuer.send("/permits/new-grant/", said)
    assert answer.status_code == 409 and "firmware.release_withdrawn" in text(answer)
    assert "None is released." in text(issuer.get("/permits/new-grant/", {"product": "WIDGET"}))


def test_who_may_and_what_a_stranger_sees(floor, signed_in):
    operator, issuer = signed_in("operator"), signed_in("permit_issuer")
    for page in ("/permits/new/", "/permits/new/?order=WO-7", "/permits/new-grant/?product=WIDGET"):
        assert operator.get(page).status_code == 403
    assert operator.send("/permits/new/", typed(floor)).status_code == 403
    assert "Issue a permit" not in text(operator.get("/order/WO-7/"))
    assert "/permits/new/?order=WO-7" in issuer.get("/order/WO-7/").content.decode()


def test_the_forms_speak_german(floor, signed_in, demanded):
    demanded(order="WO-7", version="2.3.1")
    issuer = signed_in("permit_issuer")
    page = text(issuer.get("/permits/new/", {"order": "WO-7"}, headers={"Accept-Language": "de"}))
    for words in ("Was der Auftrag verlangt", "Stationen und ihre Anteile", "Stunden ohne Kontakt", "verlangt"):
        assert words in page
    page = text(issuer.get("/permits/new-grant/", {"product": "WIDGET"}, headers={"Accept-Language": "de"}))
    assert "Bewilligung vorbereiten" in page and "Zum Unterschreiben" in page


def test_the_programmer_that_is_chosen_before_anybody_chose_is_the_one_that_fits():
    """By what the plan asks and what the stations of the site have; where several would do, nobody chose."""
    from station_floor import cortex_plan, flash_plan

    from asbuilt.built.programming.permit_choices import usual_programmer
    from asbuilt.kernel import plans, programmers
    from asbuilt.kernel.canonical import canonical_bytes

    def usual(said: dict, *tools: str) -> str:
        plan = plans.parse_plan(canonical_bytes(said))
        return usual_programmer(
            {"lacks": {"U1": programmers.lacking(plan, "U1")}, "starts": plan.boot is not None}, "U1", tools
        )

    assert tuple(programmers.CAPABILITIES) == permits.PROGRAMMERS
    fused = cortex_plan(boot=None, secrets=[], burns=[{"part": "U1", "field": "BLOCK1", "value": "00", "secret": ""}])
    assert [usual(cortex_plan()), usual(cortex_plan(), "flashrom"), usual(fused)] == [
        "gdbremote",
        "gdbremote",
        "esptool",
    ]
    assert [usual(flash_plan()), usual(flash_plan(), "flashrom", "avrdude"), usual(flash_plan(), "flashrom", "openocd")] == [
        "", "", "",
    ]  # fmt: skip
    assert usual(flash_plan(), "flashrom") == usual(flash_plan(), "flashrom", "jlink") == "flashrom"
