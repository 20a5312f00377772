"""Every address for every role, as `expected_roles.txt` says it (design, section 4: deny by default).

An address without a line fails, and so does a line without an address. One letter a role:

    +  answered (also a refusal that a rule gives: 409, 422)     -  not allowed, 403
    0  not found, 404                                            ?  sign in, 401 or the way to the sign-in page

`party_reader` asks for records of its own brand, `other_party` for the same records of the other brand, `stranger` has every
role of another tenant. Records that an address names are made in `records` below and belong to Alpina Light.
"""

import json
import re
import tempfile
from base64 import b64decode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
import signers
from cast import PASSWORD, cast_home, entered, pages, serial  # noqa: F401
from publishing_floor import publisher
from result_files import openhtf

from asbuilt.kernel.keys import private_to_pem, public_to_pem
from asbuilt.kernel.sealing import SealingKey

FILE = Path(__file__).with_name("expected_roles.txt")
ROLES = {
    "nobody": None, "operator": "anna", "engineer": "eva", "quality_lead": "ben", "release_signer": "rolf",
    "permit_issuer": "petra", "psirt": "cara", "compliance": "carl", "auditor": "olga", "administrator": "adam",
    "party_reader": "brand_a_reader", "other_party": "brand_b_reader", "station": "station", "machine": "machine",
    "stranger": "dan",
}  # fmt: skip
JSON = "application/json"


@dataclass
class Line:
    """One address with the letters that are expected."""

    method: str
    address: str
    letters: dict[str, str]


def expected() -> list[Line]:
    """The lines of the file."""
    lines = []
    for text in FILE.read_text(encoding="utf-8").splitlines():
        if text and not text.startswith("#"):
            method, address, *letters = text.split()
            assert len(letters) == len(ROLES) and set(letters) <= set("+-0?"), text
            lines.append(Line(method, address, dict(zip(ROLES, letters, strict=True))))
    return lines


LINES = expected()


@pytest.fixture(scope="module")
def everybody(cast_home, tmp_path_factory):  # noqa: F811
    """The cast in a home of this module, with the records that addresses name."""
    place, cast = cast_home
    with entered(place, tmp_path_factory.mktemp("roles") / "cast"), pages():
        yield cast, records(cast)


def records(cast) -> dict[str, str]:
    """Values for the parts of addresses; every one of them exists in tenant main only."""
    import json

    from asbuilt.access.actions import accept_link, invite, issue_token
    from asbuilt.ledger.facts import fact_id, facts_of_units

    eva = cast.program("eva")
    frozen = eva.post("/api/v1/answers", {"question": "order:WO-ALP"}, JSON).json()["ulid"]
    run = begin_run(eva)
    entries = eva.get("/api/v1/log/entries", {"limit": 200}).json()["entries"]
    evidence = next(
        json.loads(entry["body"])["evidence"][0]["sha256"]
        for entry in entries
        if entry["type"].endswith("tests_imported")
    )
    first = eva.get("/api/v1/ask", {"question": f"unit:{serial('ALP', 5)}"}).json()["spans"][0][0]
    row = next(row for row in facts_of_units(1, first, first + 1) if row.shape.startswith("quality."))
    hold = eva.post("/api/v1/holds", {"units": [serial("ALP", 11)], "reason": "r"}, JSON).json()["code"]
    eva.post("/api/v1/programs", PROGRAM, JSON)
    nonconformity = eva.post("/api/v1/nonconformities", {**NONCONFORMITY, "units": [serial("ALP", 3)]}, JSON).json()[
        "code"
    ]
    proposed = {"decision": "use_as_is", "reason": "r"}
    assert eva.post(f"/api/v1/nonconformities/{nonconformity}/dispositions", proposed, JSON).status_code == 200
    person, link = invite(cast.actor["adam"], name="Spare", roles=["operator"], code="SPARE")
    accept_link(link, name="Spare", login="spare", password=PASSWORD)
    leaver, _ = invite(cast.actor["adam"], name="Leaver", roles=["operator"])
    token, _ = issue_token(cast.actor["adam"], name="spare", roles=["machine"])
    order = {"package": "REEL-ALP-1", "product": "A-LAMP", "version": "1.4.0"}
    eva.post("/api/v1/programming-orders", order, JSON)
    return {
        "nonconformity": nonconformity, "disposition": "D-1", "disposition_step": "approve",
        **leaving(cast), **vulnerable(cast), "programming_order": "PG-1", "answer": frozen, "hold": hold, "run": run, "sha256": evidence, "fact": fact_id(1, row.entry, row.shape, row.row),
        "person": str(person), "leaver": str(leaver), "token": str(token), "entry": str(max(entry["number"] for entry in entries) - 1),
        "unit": serial("ALP", 1), "lot": "LOT-ALP-1", "package": "REEL-ALP-1", "order": "WO-ALP", "panel": "PNL-ALP-1",
        "shipment": "SHIP-ALP-1", "message": dead_letter(eva), "machine_file": machine_file(eva), "attached": attached_to(eva), "product": "A-LAMP",
        "revision": "B", **firmware(cast), **sboms(cast), **permitted(cast), "alarm": alarm(eva), "instrument": instrument(eva),
        **feeds(cast), **happened(cast), **eco(cast), **sourcing(cast), "assessed": assessed(), "note": delivery_note(eva), "secret": "asbl_1_" + "x" * 43, "test_plan": "PLAN-ALP", "plan_version": test_plan(eva),
        "bom_kind": "order", "word_before": "packing", "standing": "left", "volume": "1", **declared(cast),
    }  # fmt: skip


def eco(cast) -> dict[str, str]:
    """An ECO of Alpina's lamp, with a change and something asked for."""
    from asbuilt.access.actor import local_system
    from asbuilt.designed.changes.controlling.actions.proposing import add_change, ask_for, propose_eco

    ours = local_system(1)
    for _ in range(9):  # a stranger has ECOs too, with the first codes
        code = propose_eco(ours, title="t", why="w", products=["A-LAMP"])
    change = add_change(ours, eco=code, kind="bom", product="A-LAMP", subject=["B"], old="1", new="2")
    return {"eco": code, "eco_change": change, "eco_asked": ask_for(ours, eco=code, what="w")}


def assessed() -> str:
    """A revision of the risk assessment of Alpina's lamp; returns its number."""
    from asbuilt.access.actor import local_system
    from asbuilt.answers.compliance.assessing.revising import draft_revision

    return draft_revision(local_system(1), product="A-LAMP", why="w")


def sourcing(cast) -> dict[str, str]:
    """A notice, a sheet, a run on an order of its own, a deviation and a review of Alpina's lamp; a stranger has notices too, so it is the ninth."""
    ben, eva = cast.program("ben"), cast.program("eva")
    for n in range(9):
        said = {"kind": "pcn", "number": f"N-{n}", "maker": "M", "title": "t", "parts": [{"mpn": SOURCED}]}
        notice = eva.post("/api/v1/change-notices", said, JSON)
    sheet = eva.post("/api/v1/alternates", {"part": "P-CAP", "title": "t"}, JSON)
    assert (notice.status_code, sheet.status_code) == (201, 201), (notice.content, sheet.content)
    sheet = sheet.json()["sheet"]
    candidate = {"mpn": "ALT-1", "maker": "M", "properties": {}}
    assert eva.post(f"/api/v1/alternates/{sheet}/candidates", candidate, JSON).status_code == 200
    order = {"order": "WO-Q", "product": "A-LAMP", "revision": "B", "bom_version": "1", "quantity": 50}
    assert eva.post("/api/v1/orders", order, JSON).status_code == 201
    plan = {**TEST_PLAN, "plan": TESTED["plan"]}
    assert eva.post("/api/v1/test-plans", {"document": plan}, JSON).status_code == 201
    approved = ben.post(f"/api/v1/test-plans/{TESTED['plan']}/9/decisions", {"decision": "approved"}, JSON)
    assert approved.status_code == 201, approved.content
    run = eva.post("/api/v1/qualification-runs", {**RUN, "sheet": sheet, "mpn": "ALT-1", "order": "WO-Q"}, JSON)
    deviation = eva.post("/api/v1/deviations", DEVIATION, JSON)
    review = eva.post("/api/v1/design-reviews", REVIEW, JSON)
    assert (run.status_code, deviation.status_code, review.status_code) == (201, 201, 201), (
        run.content,
        deviation.content,
        review.content,
    )
    return {
        "change_notice": notice.json()["notice"], "sheet": sheet, "qualification_run": run.json()["run"],
        "deviation": deviation.json()["deviation"], "review": review.json()["review"],
    }  # fmt: skip


DRAFT_DECLARATION = {
    "products": [{"product": "A-LAMP"}], "languages": ["en"], "texts": {"en": "Lamp"},
    "said": {"manufacturer": "M", "address": "A", "url": "https://a.example/d", "laws": ["Regulation (EU) 2024/2847"], "standards": ["none"], "place": "P", "signed_on": "2026-05-01", "signatory": "S", "function": "F"},
}  # fmt: skip


def declared(cast) -> dict[str, str]:
    """A declaration of the lamp, which is judged: one of another is refused."""
    carl = cast.program("carl")
    answers = {"digital_elements": "yes", "connection": "direct", "market": "yes", "functions": ["default"], "why": "w"}
    assert carl.post("/api/v1/compliance/A-LAMP/judgements", answers, JSON).status_code == 201
    said = carl.post("/api/v1/conformity-declarations", {"draft": json.dumps(DRAFT_DECLARATION), "why": "w"})
    assert said.status_code == 201, said.content
    return {"declaration": said.json()["declaration"], "declared": "1", "language": "en", "paper_form": "full"}


def feeds(cast) -> dict[str, str]:
    """A feed, and a vulnerability that somebody told us of."""
    cara = cast.program("cara")
    assert cara.post("/api/v1/vulnerability-feeds", {"feed": "kev", "kind": "kev"}, JSON).status_code == 201
    said = cara.post("/api/v1/vulnerability-notes", {"entry": '{"id": "OWN-ALP", "title": "t"}'})
    assert said.status_code == 201, said.content
    return {"feed": "kev", "vulnerability": "OWN-ALP"}


def leaving(cast) -> dict[str, str]:
    """A box, a unit of Alpina that came back, and a concession for another one."""
    eva = cast.program("eva")
    box = eva.post("/api/v1/containers", {"kind": "box", "code": "BOX-ALP"}, JSON)
    back = eva.post("/api/v1/returns", {"codes": [serial("ALP", 1)]}, JSON)
    said = {"codes": [serial("ALP", 11)], "allows": "test_missing", "reason": "r", "until_at": "2099-01-01T00:00:00Z"}
    conceded = eva.post("/api/v1/concessions", said, JSON)
    assert (box.status_code, back.status_code, conceded.status_code) == (201, 201, 201), (
        box.content,
        back.content,
        conceded.content,
    )
    return {"container": box.json()["code"], "rma": back.json()["rma"], "concession": conceded.json()["code"]}


def vulnerable(cast) -> dict[str, str]:
    """A flaw in a component of the firmware that units of Alpina run, and a waiver for it."""
    from dataclasses import replace

    from vulnerable_factory import MBEDTLS, Security, component, osv

    from asbuilt.access.actor import local_system
    from asbuilt.built.quality.actions.waivers import propose_waiver
    from asbuilt.designed.vulnerability.deciding.decisions import Scope
    from asbuilt.designed.vulnerability.deciding.stating import decide

    ours = local_system(1)
    with tempfile.TemporaryDirectory() as folder:
        security = Security(ours, Path(folder))
        security.sbom(component("mbedtls", "2.28.7"), product="A-LAMP", version="1.4.0")
        security.feed(osv(MBEDTLS, "mbedtls", "2.28.8"))
    decide(ours, vulnerability=MBEDTLS, scope=Scope(product="A-LAMP", version="1.4.0"), status="under_investigation")
    waive = {"vulnerability": MBEDTLS, "product": "A-LAMP", "reason": "r", "until_at": 4_000_000_000_000_000}
    code, _ = propose_waiver(replace(cast.actor["adam"], rights=ours.rights), **waive)
    return {"flaw": MBEDTLS, "waiver": code, "vex_form": "openvex"}


def happened(cast) -> dict[str, str]:
    """A signal that waits, and a case about Alpina's lamp."""
    from asbuilt.access.actor import local_system
    from asbuilt.answers.cases.acting.actions import start_action
    from asbuilt.answers.cases.handling.actions import opening, saying

    ours = local_system(1)
    for _ in range(9):  # a stranger has cases too, with the first codes
        signal = opening.note_signal(ours, source="mail", words="w", received_at=1_763_625_600_000_000)
        code = opening.open_case(ours, kind="aev", title="t")
    saying.add_product(ours, case=code, product="A-LAMP", role="manufacturer", manufacturer="ALPINA")
    said = {"kind": "recall", "title": "t", "question": "order:WO-ALP", "why": "w", "hold_rest": False}
    return {
        "case": code,
        "signal": signal,
        "field_action": start_action(ours, case=code, **said),
        "duty": "cra.aev",
        "report": "early_warning",
        "notice": notice(ours, code),
        **told(ours),
    }


def notice(ours, case: str) -> str:
    """A notice to the manufacturer Alpina, which was sent and is in its portal; and a contact of Alpina."""
    from cast import write_tables

    from asbuilt.answers.cases.handling.actions import deciding
    from asbuilt.answers.cases.telling.actions import contacts, queuing, writing
    from asbuilt.built.exchange.actions import import_folder

    role = {
        "product": "A-LAMP",
        "party": "ALPINA",
        "role": "manufacturer",
        "operator": "045",
        "happened_at": "2026-01-01T00:00:00Z",
    }
    with tempfile.TemporaryDirectory() as folder:
        write_tables(Path(folder), {"product_roles": [role]})
        import_folder(ours, Path(folder))
    contacts.set_contact(ours, party="ALPINA", channel="mail", address="psirt@alpina.example")
    deciding.freeze(ours, case=case, question="order:WO-ALP", why="w")
    code = writing.draft_notice(ours, case=case, kind="upward", texts={"": {"contact": "c"}})
    writing.review_notice(ours, notice=code, version=1)
    queuing.send_notice(ours, notice=code, version=1)
    return code


def told(ours) -> dict[str, str]:
    """An advisory, and a tip with a file; a stranger's house has as many of its own, so these are the ninth."""
    import io

    from publishing_floor import set_up
    from vulnerable_factory import MBEDTLS

    from asbuilt.answers.cases.publishing.actions.advising import draft_advisory
    from asbuilt.answers.cases.publishing.actions.taking_tips import Attached, take_tip

    set_up(ours)
    for _ in range(9):
        advisory = draft_advisory(ours, kind="advisory", vulnerabilities=(MBEDTLS,))
        tip, _code = take_tip(1, words="w", files=[Attached("a.txt", 1, io.BytesIO(b"x"))])
    return {
        "advisory": advisory,
        "tip": tip,
        "csaf_path": "white/index.txt",
        "tip_file": "1",
        "identity": "BRAND-SA-2026-0001",
    }


def delivery_note(client) -> str:
    """Two units of Alpina are outside."""
    said = {"codes": [serial("ALP", 7), serial("ALP", 8)], "step": "PLATING", "party": "REELHAUS"}
    sent = client.post("/api/v1/delivery-notes", said, JSON)
    assert sent.status_code == 201, sent.content
    return sent.json()["note"]


def firmware(cast) -> dict[str, str]:
    """A trust store, and a release that is still a draft."""
    import json

    store = signers.store()
    said = {"document": json.loads(signers.store_file(store)), "pin": store.sha256}
    assert cast.program("rolf").post("/api/v1/trust-stores", said, JSON).status_code == 201
    said = {**DRAFT, "version": "7.0.0", "image": image()}
    answer = cast.program("eva").post("/api/v1/firmware-releases", said)
    assert answer.status_code == 201, answer.content
    return {"image_role": "app", "firmware_version": "7.0.0"}


def sboms(cast) -> dict[str, str]:
    """Two SBOMs of a draft, one after the other."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    for name in ("mbedtls", "lwip"):
        listed = [{"type": "library", "name": name, "version": "1"}]
        document = {"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "components": listed}
        file = SimpleUploadedFile("sbom.json", json.dumps(document).encode())
        said = {"product": "A-LAMP", "version": "7.0.0", "file": file}
        answer = cast.program("eva").post("/api/v1/sboms", said)
        assert answer.status_code == 201, answer.content
    return {"sbom": answer.json()["ulid"]}


def permitted(cast) -> dict[str, str]:
    """A grant, a station, and a permit that is revoked."""
    import json

    from permit_floor import grant_for

    from asbuilt.built.programming.actions.stations import enrol
    from asbuilt.ledger import keyring, origins

    rolf, petra = cast.program("rolf"), cast.program("petra")
    of = "/api/v1/firmware-releases/A-LAMP/app/7.0.2"
    said = {**DRAFT, "version": "7.0.2", "image": image()}
    assert cast.program("eva").post("/api/v1/firmware-releases", said).status_code == 201
    statement = json.loads(rolf.get(of + "/statement").content)
    signed = signers.signed("application/vnd.in-toto+json", b64decode(statement["payload"]), signers.RELEASERS[:2])
    assert rolf.post(of + "/signatures", json.loads(signed), JSON).status_code == 201
    assert rolf.post(of + "/release", {}, JSON).status_code == 201
    tenant = cast.tenant["petra"]
    file = keyring.folder_of(origins.origin(tenant)) / "issuer.pem"
    file.write_text(private_to_pem(signers.ISSUER.private))
    grant, draft, plan = grant_for("A-LAMP", "B", b"image", "7.0.2", "WO-ALP")
    assert petra.post("/api/v1/grants", json.loads(grant), JSON).status_code == 201
    draft["plan"] = petra.post("/api/v1/station-plans", {"plan": plan}, JSON).json()["sha256"]
    said = {"station": "ST-01", "site": "CZ-BRNO", "ems": "EMS-1"}
    code = petra.post("/api/v1/station-enrolments", said, JSON).json()["code"]
    enrol(code, public=public_to_pem(signers.Ed25519("ST-01").public), transfer=public_to_pem(SealingKey.new().public))
    answer = petra.post("/api/v1/permits", draft, JSON)
    assert answer.status_code == 201, answer.content
    return {"grant": draft["grant"], "permit": answer.json()["permit"], "station": "ST-01", "place": "bulletin.json"}


def image():
    from django.core.files.uploadedfile import SimpleUploadedFile

    return SimpleUploadedFile("app.bin", b"image")


def instrument(client) -> str:
    said = {"instrument": "OV1", "as_found": "out_of_tolerance", "as_left": "in_tolerance"}
    assert client.post("/api/v1/calibrations", said).status_code == 201
    return "OV1"


def alarm(client) -> str:
    """A run out of limits."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    route = 'product,revision,routing,place_in_route,step,side,place,instruction,criteria,procedure,limits,from_at\nA-LAMP,B,1,10,CURE,,,,,,"{""t"": [1, 2]}",2027-01-01T00:00:00Z\n'
    first = serial("ALP", 9)
    run = f'order,step,machine,program,first_serial,last_serial,started_at,finished_at,operator,result,readings\nWO-ALP,CURE,OV1,,{first},{first},2027-03-01T00:00:00Z,2027-03-01T00:00:00Z,,completed,"{{""t"": 3}}"\n'
    for kind, text in (("routings", route), ("processes", run)):
        file = SimpleUploadedFile(f"{kind}.csv", text.encode())
        answer = client.post("/api/v1/imports", {"kind": kind, "file": file})
        assert answer.status_code < 300, answer.content
    return str(client.get("/api/v1/alarms").json()["alarms"][0]["number"])


def dead_letter(client) -> str:
    client.post("/api/v1/messages", b"{broken", "application/json")
    return client.get("/api/v1/dead-letters").json()["dead_letters"][0]["message"]


def attached_to(client) -> str:
    """The SHA-256 of a log that a result of the first unit brought."""
    said = json.dumps(openhtf(serial("ALP", 1), plan="LOGGED", at=1_780_000_000_000)).encode()
    query = {"name": "logged.json", "kind": "openhtf"}
    assert client.generic("POST", "/api/v1/machine-files", said, query_params=query).json()["use"] == "taken"
    return sha256(b"ok\n").hexdigest()


def machine_file(client) -> str:
    """A file that no mapping reads."""
    return client.generic("POST", "/api/v1/machine-files", b"x", query_params={"name": "x.csv"}).json()["file"]


def test_plan(client) -> str:
    """A version of a test plan of Alpina's lamp that nobody has approved; returns the version."""
    answer = client.post("/api/v1/test-plans", {"document": TEST_PLAN}, JSON)
    assert answer.status_code == 201, answer.content
    return answer.json()["version"]


test_plan.__test__ = False


def begin_run(client) -> str:
    from django.core.files.uploadedfile import SimpleUploadedFile

    file = SimpleUploadedFile("parties.csv", b"party,name,roles,country\nRUN,Run,customer,DE\n")
    return client.post("/api/v1/import-runs", {"files": [file]}).json()["ulid"]


REPORT = "/api/v1/cases/{code}/reports/{duty}/{stage}"
COORDINATOR = {
    "manufacturer": "ALPINA",
    "member_state": "AT",
    "rule": "main_establishment",
    "csirt": "CERT.at",
    "why": "w",
}


# which record a part of an address names, by the address' first words
PARTS = [
    (r"^/<before:", {"word": "word_before", "code": "container"}),
    (r"^/declaration/", {"code": "declaration", "number": "declared", "language": "language", "form": "paper_form"}),
    (r"conformity-declarations/", {"declaration": "declaration", "number": "declared"}),
    (r"cases/.*/requests/", {"number": "declared"}),
    (r"technical-files?/", {"product": "product", "code": "product", "volume": "volume"}),
    (r"^(/api/v1/ecos|/eco)/", {"code": "eco", "change": "eco_change", "asked": "eco_asked"}),
    (r"change-notices?/", {"code": "change_notice"}),
    (r"alternates/", {"code": "sheet"}),
    (r"qualification-runs?/", {"code": "qualification_run"}),
    (r"deviations/", {"code": "deviation"}),
    (r"design-reviews/", {"code": "review"}),
    (r"^/api/v1/answers/", {"ulid": "answer"}),
    (r"^(/api/v1/cases|/case)/", {"code": "case"}),
    (r"field-actions?/", {"action": "field_action", "code": "field_action", "standing": "standing"}),
    (r"^(/api/v1/cases|/case)/.*/reports?/", {"duty": "duty", "stage": "report"}),
    (r"^(/api/v1)?/compliance/", {"product": "product", "code": "product", "revision": "assessed"}),
    (r"^/api/v1/signals/", {"signal": "signal"}),
    (r"^(/api/v1)?/(own-)?notices?/", {"notice": "notice"}),
    (r"^(/api/v1|/publishing)/advisories/", {"code": "advisory"}),
    (r"^/publishing/tips/", {"code": "tip", "number": "tip_file"}),
    (r"^/api/v1/tips/", {"tip": "tip", "number": "tip_file"}),
    (r"^/.well-known/csaf/", {"path": "csaf_path"}),
    (r"^/advisories/", {"identity": "identity"}),
    (r"^(/api/v1/import-runs|/import)/", {"ulid": "run"}),
    (r"^/answers?/", {"ulid": "answer"}),
    (r"(vulnerability-)?feeds/", {"feed": "feed"}),
    (r"(vulnerabilities|vulnerability|vulnerability-findings)/", {"vulnerability": "vulnerability"}),
    (r"sboms/", {"ulid": "sbom"}),
    (r"test-plans/", {"plan": "test_plan", "version": "plan_version"}),
    (r"^/api/v1/people/.*/erase$", {"number": "leaver"}),
    (r"^/api/v1/people/", {"number": "person"}),
    (r"^(/api/v1)?/tokens/", {"number": "token"}),
    (r"^(/api/v1)?/log/", {"number": "entry"}),
    (r"^(/api/v1)?/shipments?/", {"code": "shipment"}),
    (r"products?/", {"code": "product", "revision": "revision"}),
    (r"record-levels/", {"code": "order"}),
    (r"boms?/", {"kind": "bom_kind", "code": "order"}),
    (r"nonconformities/", {"code": "nonconformity", "disposition": "disposition", "step": "disposition_step"}),
    (r"^(/api/v1)?/holds/", {"code": "hold", "hold": "hold"}),
    (r"units?/", {"code": "unit", "serial": "unit", "unit": "unit"}),
    (r"lots?/", {"code": "lot", "lot": "lot"}),
    (r"package(s|-state|-labels)?/", {"code": "package"}),
    (r"programming-orders/", {"code": "programming_order"}),
    (r"orders?/", {"code": "order", "order": "order"}),
    (r"panels?/", {"code": "panel"}),
    (r"shipments?/", {"code": "shipment"}),
    (r"dead-letters/", {"message": "message"}),
    (r"machine-files/", {"file": "machine_file"}),
    (r"containers?/", {"code": "container"}),
    (r"returns/", {"code": "rma"}),
    (r"concessions/", {"code": "concession"}),
    (r"^(/api/v1)?/waivers/", {"code": "waiver"}),
    (r"^(/api/v1/vulnerabilities|/exposure)/", {"name": "flaw"}),
    (r"^/vex/", {"product": "product", "form": "vex_form"}),
    (r"alarms/", {"number": "alarm"}),
    (r"instruments/", {"code": "instrument"}),
    (r"(delivery-notes|outside/notes)/", {"note": "note"}),
    (r"releases/", {"product": "product", "role": "image_role", "version": "firmware_version"}),
    (r"(permits|grants|stations)/", {name: name for name in ("permit", "grant", "station", "place")}),
    (r"attach(ed|ments)/", {"sha256": "attached"}),
    (r"", {name: name for name in ("fact", "sha256", "person", "secret")}),
]
WITHDRAWAL = {"reason": "r", "person": "045", "decided_at": "2027-04-01T08:00:00Z"}
SCANNED = "2026-04-01T08:00:00Z"
CHECKED = {"question": "order:WO-ALP"}
PROGRAM = {
    "product": "A-LAMP",
    "revision": "B",
    "side": "top",
    "machine": "PP-1",
    "program": "P1",
    "feeders": [{"feeder": "1", "refdes": "C1"}],
}
TEST_STEP = {
    "name": "v", "kind": "verdict", "comparison": "LOG", "low": "", "high": "", "unit": "", "expected": "", "criticality": "major", "proves": [], "needed": True,
}  # fmt: skip
TEST_PLAN = {
    "schema": 1, "plan": "PLAN-ALP", "version": "9", "product": "A-LAMP", "revisions": ["B"], "every": 1, "rules": "", "steps": [TEST_STEP],
}  # fmt: skip
NONCONFORMITY = {"description": "d", "source": "test", "severity": "minor"}
CHART = {"step": "PLAN-ALP", "name": "v"}
DRAFT = {"product": "A-LAMP", "role": "app", "version": "7.0.1", "revisions": "B"}
BOTH = {"product": "A-LAMP", "role": "app", "first": "7.0.0", "second": "7.0.0"}
LEFT = {"likelihood": "low", "impact": "low", "accepted": True, "why": "w"}
SUPPORTED = {"start_on": "2028-01-15", "end_on": "2033-01-31", "why": "w"}
SOURCED = "GRM188"
TESTED = {"kind": "tests", "words": "w", "plan": "PLAN-QR"}
RUN = {"why": "w", "criteria": [{"key": field, "field": field, **TESTED} for field in ("functional", "security")]}
SENT_WITH = {"source": "s", "criterion": "c", "verdict": "pass", "words": "w"}
DEVIATION = {
    "product": "A-LAMP",
    "kind": "other",
    "subject": "s",
    "why": "w",
    "until_at": (datetime.now(UTC) + timedelta(days=300)).isoformat(timespec="seconds"),
}
REVIEW = {"product": "A-LAMP", "revision": "B", "title": "t"}
# what a request brings: query for GET, JSON or form for the others
_SIDES = {"product": "A-LAMP", "revision": "B", "old": "1", "new": "1"}
BRINGS = {
    "GET /api/v1/bom-differences": _SIDES,
    "GET /api/v1/bom-differences/paper": _SIDES,
    "GET /bom-compare/paper/": _SIDES,
    "POST /api/v1/ecos": {"title": "t", "why": "w", "products": ["A-LAMP"]},
    "POST /ecos/": {"verb": "propose", "title": "t", "why": "w", "products": "A-LAMP"},
    "POST /eco/<code:code>/": {"verb": "need", "what": "w"},
    "POST /api/v1/ecos/{code}/changes": {"kind": "bom", "product": "A-LAMP", "subject": ["C"], "old": "1", "new": "2"},
    "POST /api/v1/ecos/{code}/changes/{change}/drop": {"why": "w"},
    "POST /api/v1/ecos/{code}/answers": {"question": "new_threat", "answer": "no", "why": "w"},
    "POST /api/v1/ecos/{code}/judgement": {"substantial": "no", "why": "w"},
    "POST /api/v1/ecos/{code}/needs": {"what": "w"},
    "POST /api/v1/ecos/{code}/needs/{asked}/done": {"why": "w"},
    "POST /api/v1/ecos/{code}/decisions": {"decision": "approved"},
    "POST /api/v1/ecos/{code}/boundary": {"kind": "order", "value": "WO-ALP", "why": "w"},
    "POST /api/v1/ecos/{code}/withdrawal": {"why": "w"},
    "POST /api/v1/process-controls": {
        "product": "A-LAMP",
        "step": "REFLOW",
        "aspect": "program",
        "value": "P",
        "why": "w",
    },
    "GET /api/v1/classify": {"function": "siem", "on": "2026-12-01"},
    "GET /api/v1/compliance-retention": {"year": "2027"},
    "POST /api/v1/compliance/{product}/judgements": {"functions": ["siem"]},
    "POST /api/v1/compliance/{product}/roles": {"party": "ALPINA"},
    "POST /api/v1/compliance/{product}/context": {"purpose": "w"},
    "POST /api/v1/compliance/{product}/assets": {"words": "w"},
    "POST /api/v1/compliance/{product}/threats": {"words": "w", "likelihood": "low", "impact": "low"},
    "POST /api/v1/compliance/{product}/measures": {"words": "w"},
    "POST /api/v1/compliance/{product}/residual-risks": {**LEFT, "threat": "TH-1"},
    "POST /api/v1/compliance/{product}/requirements": {"requirement": "I.2.c", "applies": "yes", "how": "w"},
    "POST /api/v1/compliance/{product}/revisions": {"why": "w"},
    "POST /api/v1/compliance/{product}/revisions/{revision}/review": {"approved": False, "why": "w"},
    "POST /api/v1/compliance/{product}/support": SUPPORTED,
    "POST /compliance/<code:code>/": {"verb": "judge"},
    "POST /compliance/<code:code>/assessment/": {"verb": "asset", "words": "w"},
    "POST /compliance/<code:code>/support/": {**SUPPORTED, "verb": "support"},
    "POST /compliance/<code:code>/revision/<code:revision>/": {"verb": "review", "why": "w"},
    "POST /api/v1/change-notices": {
        "kind": "pcn",
        "number": "N",
        "maker": "M",
        "title": "t",
        "parts": [{"mpn": SOURCED}],
    },
    "POST /api/v1/change-notices/{code}/amendments": {"dates": {"last_buy": "2027-05-01"}, "why": "w"},
    "POST /api/v1/change-notices/{code}/decisions": {"decision": "accepted", "why": "w"},
    "POST /api/v1/alternates": {"part": "P-CAP", "title": "t"},
    "POST /api/v1/alternates/{code}/candidates": {"mpn": "ALT-2", "maker": "M", "properties": {}},
    "POST /api/v1/qualification-runs": {**RUN, "sheet": "ALT-1", "mpn": "ALT-1", "order": "WO-Q"},
    "POST /api/v1/qualification-runs/{code}/verdict": {"verdict": "not_qualified", "why": "w"},
    "POST /api/v1/deviations": DEVIATION,
    "POST /api/v1/deviations/{code}/end": {"why": "w"},
    "POST /api/v1/design-reviews": REVIEW,
    "POST /api/v1/design-reviews/{code}/answers": {"point": "sec.debug", "verdict": "ok", "words": "w"},
    "POST /api/v1/design-reviews/{code}/close": {"why": "w"},
    "POST /change-notices/": {"kind": "pcn", "number": "N", "maker": "M", "title": "t", "parts": SOURCED},
    "POST /change-notice/<code:code>/": {"last_buy": "2027-05-01", "why": "w"},
    "POST /alternates/": {"part": "P-CAP", "title": "t"},
    "POST /alternates/<code:code>/": {"mpn": "ALT-2", "maker": "M"},
    "POST /qualification-run/<code:code>/": {"verb": "judge", "verdict": "not_qualified", "why": "w"},
    "POST /deviations/": DEVIATION,
    "POST /design-reviews/": REVIEW,
    "POST /design-reviews/<code:code>/": {"point": "sec.debug", "verdict": "ok", "words": "w"},
    "POST /report-vulnerability/": {"words": "w"},
    "POST /report-status/": {"reference": "TIP-1", "code": "c"},
    "POST /publishing/draft/": {"kind": "advisory", "vulnerabilities": "CVE-2024-23170"},
    "POST /publishing/tips/<code:code>/": {"words": "w"},
    "POST /publishing/advisories/<code:code>/": {"verb": "edit"},
    "POST /api/v1/advisories": {"vulnerabilities": ["CVE-2024-23170"]},
    "PUT /api/v1/advisories/{code}": {"content": "{}"},
    "POST /api/v1/advisories/{code}/approve": {"draft": "0"},
    "POST /api/v1/advisories/{code}/redraft": {"base": "0"},
    "POST /api/v1/advisories/{code}/publish": {"summary": "s"},
    "POST /api/v1/publisher/keys": {"secret": "no key"},
    "PUT /api/v1/publisher": {"content": publisher().decode()},
    "POST /api/v1/tips/{tip}/answer": {"words": "w"},
    "POST /api/v1/tips/{tip}/erase": {"rule": "gdpr.17-1"},
    "GET /api/v1/case-clocks": {"kind": "aev", "aware": "2026-11-20T08:00:00Z"},
    "POST /api/v1/signals": {"source": "mail", "words": "w", "received_at": "2026-11-20T08:00:00Z"},
    "POST /api/v1/signals/{signal}/dismiss": {"why": "w"},
    "POST /api/v1/technical-files/{product}/revisions": {"why": "w"},
    "POST /api/v1/technical-files/{product}/information": {"point": "AII.4", "language": "en", "words": "w"},
    "POST /api/v1/technical-files/{product}/information/checks": {"point": "AII.4", "language": "en"},
    "POST /api/v1/conformity-declarations/{declaration}/versions/{number}/shipments": {
        "shipments": ["SHIP-ALP-1"],
        "form": "full",
    },
    "POST /api/v1/trade/addresses": {"party": "ALPINA", "name": "n", "address": "a"},
    "POST /technical-file/<code:code>/papers/": {"verb": "text", "point": "AII.4", "language": "en", "words": "w"},
    "POST /case/<code:code>/requests/": {"verb": "note", "authority": "a"},
    "POST /trade/": {"party": "ALPINA", "name": "n", "address": "a"},
    "POST /ems/": {"verb": "answer", "question": "regulated", "words": "w"},
    "POST /technical-file/<code:code>/": {"verb": "point", "point": "AVII.1.a", "words": "w"},
    "POST /api/v1/cases": {"kind": "quality", "title": "t"},
    "POST /api/v1/cases/{code}/signals": {"signal": "S-9"},
    "POST /api/v1/cases/{code}/products": {"product": "A-LAMP", "role": "manufacturer", "manufacturer": "ALPINA"},
    "POST /api/v1/cases/{code}/kinds": {"kind": "quality", "at": "2026-01-01T00:00:00Z", "why": "w"},
    "POST /api/v1/cases/{code}/duties": {"duty": "gdpr", "why": "w"},
    "POST /api/v1/cases/{code}/moments": {"moment": "detected_at", "at": "2026-11-20T08:00:00Z", "why": "w"},
    "POST /api/v1/cases/{code}/measures": {"kind": "mitigating", "at": "2026-11-20T08:00:00Z", "why": "w"},
    "POST /api/v1/cases/{code}/decisions": {
        "reportable": True,
        "ground": "exploited_in_product",
        "why": "w",
        "duty": "cra.aev",
    },
    "POST /api/v1/cases/{code}/answers": {"question": "order:WO-ALP", "why": "w"},
    "POST /api/v1/cases/{code}/submissions": {
        "duty": "cra.aev",
        "stage": "early_warning",
        "at": "2026-11-20T08:00:00Z",
        "again": True,
        "why": "w",
    },
    "POST /api/v1/cases/{code}/late-reasons": {"duty": "cra.aev", "stage": "early_warning", "why": "w"},
    "POST /api/v1/cases/{code}/findings": {"words": "w", "known": True},
    "POST /api/v1/cases/{code}/tasks": {"words": "w"},
    "POST /api/v1/cases/{code}/notes": {"words": "w"},
    "POST /api/v1/cases/{code}/close": {"why": "w"},
    "POST /api/v1/cases/{code}/reopen": {"why": "w"},
    "POST /api/v1/cases/{code}/field-actions": {
        "kind": "recall",
        "title": "t",
        "question": "order:WO-ALP",
        "why": "w",
        "hold_rest": False,
    },
    "POST /api/v1/field-actions/{action}/reports": {
        "standing": "found",
        "units": [serial("ALP", 1)],
        "at": "2026-11-20T08:00:00Z",
        "source": "customer",
    },
    "POST /api/v1/field-actions/{action}/look": {},
    "POST /api/v1/field-actions/{action}/free": {"why": "w"},
    "POST /api/v1/field-actions/{action}/order": {"steps": ["FCT"], "why": "w"},
    "POST /api/v1/field-actions/{action}/justify": {"why": "w"},
    "POST /api/v1/field-actions/{action}/close": {"why": "w"},
    "POST /case/<code:code>/field-action/": {"kind": "recall", "title": "t", "question": "order:WO-ALP", "why": "w"},
    "POST /field-action/<code:code>/": {"verb": "look"},
    f"POST {REPORT}/texts": {"texts": {"sensitivity": "s"}, "why": "w"},
    f"POST {REPORT}/anew": {"why": "w"},
    f"POST {REPORT}/approval": {"sha256": "0" * 64},
    f"POST {REPORT}/not-submitted": {"why": "w"},
    f"POST {REPORT}/answer": {"said": "acknowledged", "at": "2026-11-20T08:00:00Z"},
    "POST /api/v1/cases/{code}/asked-reports": {
        "duty": "cra.aev",
        "asked_at": "2026-11-20T08:00:00Z",
        "due_at": "2026-11-21T08:00:00Z",
        "words": "w",
    },
    "POST /api/v1/coordinators": COORDINATOR,
    "POST /coordinators/": COORDINATOR,
    "POST /case/<code:code>/report/<code:duty>/<code:stage>/": {"verb": "fill", "f-sensitivity": "s", "why": "w"},
    "POST /case/<code:code>/report/<code:duty>/<code:stage>/submission/": {"at": "2026-11-20T08:00:00Z"},
    "POST /api/v1/contacts": {"party": "ALPINA", "channel": "mail", "address": "psirt@alpina.example"},
    "POST /api/v1/contacts/remove": {"party": "ALPINA", "channel": "webhook", "why": "w"},
    "POST /api/v1/contacts/erase": {"party": "ALPINA"},
    "POST /api/v1/contacts/webhook-secret": {"party": "ALPINA"},
    "POST /api/v1/cases/{code}/notices": {"kind": "upward", "texts": {"": {"contact": "c"}}},
    "POST /api/v1/notices/reports": {"messages": ["x"]},
    "GET /api/v1/notices/{notice}/preview": {"customer": "ALPINA"},
    "POST /api/v1/notices/{notice}/versions": {"why": "w"},
    "POST /api/v1/notices/{notice}/reviews": {"version": 9},
    "POST /api/v1/notices/{notice}/approvals": {"version": 9},
    "POST /api/v1/notices/{notice}/send": {"version": 9},
    "POST /api/v1/notices/{notice}/holds": {"readers": ["psirt"], "until": "2000-01-01T00:00:00Z", "why": "w"},
    "POST /api/v1/notices/{notice}/let-go": {"why": "w"},
    "POST /api/v1/notices/{notice}/again": {"customer": "ALPINA", "why": "w"},
    "POST /api/v1/notices/{notice}/told": {
        "customer": "ALPINA",
        "means": "phone",
        "at": "2099-11-20T08:00:00Z",
        "why": "w",
    },
    "POST /api/v1/notices/{notice}/acknowledgements": {"customer": "ALPINA", "at": "2099-11-20T08:00:00Z", "why": "w"},
    "POST /contacts/": {
        "verb": "set",
        "party": "ALPINA",
        "channel": "mail",
        "address": "psirt@alpina.example",
        "language": "en",
    },
    "POST /case/<code:code>/notices/": {"kind": "upward"},
    "POST /notice/<code:notice>/": {"verb": "review", "version": "9"},
    "GET /notice/<code:notice>/preview/": {"customer": "ALPINA"},
    "POST /cases/": {"kind": "quality", "title": "t"},
    "POST /cases/signals/": {"signal": "S-9", "why": "w"},
    "POST /case/<code:code>/": {"verb": "note", "words": "w"},
    "GET /api/v1/firmware-comparison": BOTH,
    "GET /releases/compare/": BOTH,
    "GET /api/v1/components": {"name": "lwip"},
    "GET /api/v1/build-configurations": {"product": "A-LAMP", "version": "7.0.0"},
    "GET /api/v1/sboms/{ulid}/quality": {"profile": "ntia-2021"},
    "POST /api/v1/firmware-releases/{product}/{role}/{version}/signatures": {
        "payload": "e30=",
        "payloadType": "x",
        "signatures": [{"sig": "AA=="}],
    },
    "POST /api/v1/firmware-releases/{product}/{role}/{version}/withdraw": {"reason": "r"},
    "POST /api/v1/firmware-releases/{product}/{role}/{version}/sealed-image": {
        "public_key": public_to_pem(SealingKey.new().public)
    },
    "POST /api/v1/trust-stores": {"document": {}},
    "POST /api/v1/grants": {"payload": "e30=", "payloadType": "x", "signatures": [{"sig": "AA=="}]},
    "POST /api/v1/station-plans": {"plan": {}},
    "POST /api/v1/permits": {
        "grant": "x",
        "order": "x",
        "revisions": [],
        "not_before": "",
        "not_after": "",
        "plan": "",
        "parts": [],
        "images": [],
        "stations": [],
    },
    "POST /api/v1/permits/{permit}/revoke": {"reason": "r"},
    "POST /api/v1/station-enrolments": {"station": "ST-02", "site": "S", "ems": "E"},
    "POST /api/v1/stations/enrol": {"code": "asbs_1_" + "A" * 43, "public": "x", "transfer": "x"},
    "POST /api/v1/stations/{station}/close": {"reason": "r"},
    "POST /api/v1/stations/{station}/alarm-releases": {"alarm": "x", "reason": "r"},
    "GET /api/v1/permit-choices": {"order": "WO-ALP"},
    "GET /api/v1/station-records": {"unit": serial("ALP", 1)},
    "GET /api/v1/ask": CHECKED,
    "GET /api/v1/ask/customers": CHECKED,
    "GET /api/v1/ask/serials": CHECKED,
    "POST /api/v1/ask": CHECKED,
    "POST /api/v1/answers": CHECKED,
    "GET /api/v1/find": {"code": serial("ALP", 1)},
    "GET /api/v1/complete": {"text": "order:WO", "cursor": "8"},
    "GET /api/v1/facts": {"table": "parties", "holding": "alpina"},
    "POST /api/v1/facts/{fact}/withdraw": WITHDRAWAL,
    "POST /api/v1/facts/{fact}/correct": {**WITHDRAWAL, "cells": {"station": "ICT9"}},
    "POST /api/v1/nonconformities": {**NONCONFORMITY, "units": [serial("ALP", 4)]},
    "POST /api/v1/nonconformities/from-refusal": {"about": "gate", "code": serial("ALP", 11)},
    "POST /api/v1/nonconformities/{code}/units": {"units": [serial("ALP", 5)]},
    "POST /api/v1/nonconformities/{code}/hold": {},
    "POST /api/v1/nonconformities/{code}/causes": {"method": "five_why", "place": "1", "cause": "c"},
    "POST /api/v1/nonconformities/{code}/actions": {"kind": "corrective"},
    "POST /api/v1/nonconformities/{code}/dispositions": {"decision": "scrap", "reason": "r"},
    "POST /api/v1/nonconformities/{code}/dispositions/{disposition}/{step}": {"reason": "r"},
    "POST /api/v1/nonconformities/{code}/effect-check": {
        "among": "order:WO-ALP",
        "question": "test:failed",
        "units_min": 1,
        "failed_ppm_max": 0,
        "due_on": "2027-05-01",
    },
    "POST /api/v1/nonconformities/{code}/close": {"reason": "r"},
    "POST /api/v1/nonconformities/{code}/reopen": {"reason": "r"},
    "GET /api/v1/common-factors": {"failed": "test:failed"},
    "GET /api/v1/control-chart": CHART,
    "POST /api/v1/control-chart/hold": {**CHART, "rule": "nelson_1", "at": "2027-01-01T00:00:00Z"},
    "GET /api/v1/yields": {"since": "2027-04-01"},
    "POST /nonconformities/": {**NONCONFORMITY, "units": serial("ALP", 4)},
    "POST /nonconformities/<code:code>/say/": {"verb": "cause", "place": "five_why:1", "cause": "c"},
    "GET /control/chart.png": CHART,
    "GET /control/chart.csv": CHART,
    "POST /control/hold/": {**CHART, "rule": "nelson_1", "at": "1"},
    "POST /api/v1/holds": {"units": [serial("ALP", 12)], "reason": "r"},
    "POST /api/v1/holds/{hold}/lift": {"reason": "r", "units": [serial("ALP", 11)]},
    "POST /holds/": {"kind": "units", "what": serial("ALP", 12), "reason": "r"},
    "POST /holds/<code:code>/lift/": {"reason": "r", "part": "some", "units": serial("ALP", 11)},
    "GET /api/v1/setup": {"machine": "PP-1", "order": "WO-ALP"},
    "POST /api/v1/setup/mounts": {"machine": "PP-1", "feeder": "1", "package": "REEL-ALP-1", "order": "WO-ALP"},
    "POST /api/v1/setup/splices": {"machine": "PP-1", "feeder": "1", "package": "REEL-ALP-1", "order": "WO-ALP"},
    "POST /api/v1/setup/removals": {"machine": "PP-1", "feeder": "1"},
    "POST /api/v1/programs": {**PROGRAM, "program": "P2"},
    "POST /api/v1/placed-by-hand": {"first": serial("ALP", 1), "refdes": ["C1"], "package": "REEL-COMMON"},
    "POST /setup/scan/": {"machine": "PP-1", "order": "WO-ALP", "scan": "1"},
    "POST /setup/by-hand/": {"first": serial("ALP", 1), "refdes": "C1", "package": "REEL-COMMON"},
    "POST /station/scan/": {"step": "GLUE", "scan": serial("ALP", 1)},
    "GET /station/": {"step": "GLUE", "unit": serial("ALP", 1)},
    "POST /rework/replace/": {"unit": serial("ALP", 1), "refdes": "C1", "reason": "r", "installed": "REEL-COMMON"},
    "POST /setup/queued/": {
        "machine": "PP-1",
        "order": "WO-ALP",
        "feeder": "1",
        "what": "mounted",
        "package": "REEL-ALP-1",
        "at": SCANNED,
    },
    "POST /setup/by-hand/queued/": {"first": serial("ALP", 1), "refdes": "C1", "package": "REEL-COMMON", "at": SCANNED},
    "POST /rework/queued/": {
        "unit": serial("ALP", 1),
        "refdes": "C1",
        "reason": "r",
        "installed": "REEL-COMMON",
        "at": SCANNED,
    },
    "POST /assembly/queued/": {"unit": serial("ALP", 2), "child": serial("ALP", 3), "at": SCANNED},
    "POST /rework/scrap/": {"unit": serial("ALP", 1), "reason": "r"},
    "POST /assembly/put-in/": {"unit": serial("ALP", 2), "child": serial("ALP", 3)},
    "POST /assembly/take-out/": {"unit": serial("ALP", 2), "child": serial("ALP", 3), "reason": "r"},
    "POST /api/v1/steps": {"code": serial("ALP", 1), "step": "GLUE"},
    "POST /api/v1/units/{code}/put-in": {"parent": serial("ALP", 2)},
    "POST /api/v1/units/{code}/replacements": {"refdes": "C1", "reason": "r", "installed": "REEL-COMMON"},
    "POST /api/v1/units/{code}/take-out": {"reason": "r"},
    "POST /api/v1/units/{code}/scrap": {"reason": "r"},
    "POST /api/v1/people": {"name": "New", "roles": ["operator"]},
    "PUT /api/v1/people/{number}/mail": {"mail": "new@ostwerk.example"},
    "PUT /api/v1/people/{number}/roles": {"roles": ["operator"]},
    "POST /api/v1/tokens": {"name": "one"},
    "POST /api/v1/log/consistency": {"old": "x", "new": "y"},
    "POST /api/v1/dead-letters/retry": {"messages": None},
    "POST /api/v1/messages/reread": {"reason": "r"},
    "POST /machines/reread/": {"reason": "r"},
    "POST /api/v1/machine-files/{file}/reread": {"reason": "r"},
    "POST /api/v1/machine-files/{file}/dismiss": {"reason": "r"},
    "POST /machine-files/<code:file>/dismiss/": {"reason": "r"},
    "POST /machine-files/<code:file>/reread/": {"reason": "r"},
    "POST /api/v1/machine-files/retry": {"files": None},
    "POST /api/v1/vulnerability-feeds": {"feed": "kev2", "kind": "kev"},
    "POST /feeds/": {"name": "kev3", "kind": "kev"},
    "POST /vulnerability-note/": {"title": "t"},
    "POST /api/v1/component-identities": {"name": "lwip", "decisions": [{"kind": "name", "value": "lwip/lwip"}]},
    "POST /component-names/": {"name": "lwip", "value": "name=lwip/lwip"},
    "POST /api/v1/test-plans": {"document": {}},
    "POST /api/v1/test-plans/{plan}/{version}/decisions": {"decision": "approved"},
    "POST /test-plans/<code:plan>/<code:version>/decide/": {"decision": "approved"},
    "POST /api/v1/mappings": {"machine": "M", "pattern": "*", "columns": {}},
    "POST /api/v1/machines/name": {"handle": "Acme.Placer.P1"},
    "POST /machines/name/": {"handle": "Acme.Placer.P1"},
    "POST /api/v1/orders": {"order": "WO-N", "product": "A-LAMP", "revision": "B", "bom_version": "1", "quantity": 1},
    "POST /api/v1/orders/{code}/grow": {"quantity": 1},
    "POST /api/v1/orders/{code}/split": {"new_order": "WO-N2", "quantity": 1},
    "POST /api/v1/orders/{code}/close": {},
    "POST /api/v1/orders/{code}/panels": {"panel": "PNL-N", "positions": 1},
    "POST /order/<code:code>/panels/": {"panel": "PNL-N", "positions": "1"},
    "POST /api/v1/orders/{code}/serials": {"count": 1},
    "GET /order/<code:code>/marks/": {"first": "1", "last": "1"},
    "POST /api/v1/products/{code}/serial-rule": {"width": 5},
    "POST /api/v1/products/{code}/mark-rule": {"content": "plain"},
    "POST /api/v1/products/{code}/revisions/{revision}/panel": {
        "panel": "P",
        "places": [{"side": "top", "machine_position": 1, "position": 1, "x_mm": "0", "y_mm": "0"}],
    },
    "POST /api/v1/products/{code}/revisions/{revision}/record-demand": {"material": "M3"},
    "POST /product/<code:code>/record-demand/": {"revision": "B", "material": "M3", "process": "P1"},
    "POST /product/<code:code>/placement/": {"revision": "B"},
    "POST /product/<code:code>/serial-rule/": {"width": "5", "first": "1"},
    "POST /product/<code:code>/mark-rule/": {"content": "plain", "module_mm": "0.25"},
    "POST /product/<code:code>/panel/": {
        "revision": "B",
        "panel": "PW",
        "columns": "2",
        "rows": "1",
        "pitch_x": "9",
        "pitch_y": "9",
    },
    "POST /api/v1/units/{code}/mark-reading": {"read": serial("ALP", 1)},
    "POST /unit/<code:code>/mark-reading/": {"read": serial("ALP", 1)},
    "POST /api/v1/units/{code}/tag": {},
    "POST /api/v1/packages/{code}/tag": {"epc": "3074257BF7194E4000001A85"},
    "POST /orders/open/": {"order": "WO-P", "builds": '["A-LAMP", "B", "1"]', "quantity": "1"},
    "POST /order/<code:code>/grow/": {"quantity": "1"},
    "POST /order/<code:code>/split/": {"new_order": "WO-N3", "quantity": "1"},
    "GET /find/": {"code": serial("ALP", 1)},
    "GET /": {"q": "order:WO-ALP"},
    "GET /ask/customers.csv": {"q": "order:WO-ALP"},
    "GET /ask/serials.csv": {"q": "order:WO-ALP"},
    "POST /answers/": {"q": "order:WO-ALP", "question": "order:WO-ALP"},
    "POST /api/v1/delivery-notes": {"codes": [serial("ALP", 6)], "step": "PLATING", "party": "REELHAUS"},
    "POST /outside/send/": {"codes": serial("ALP", 6), "step": "PLATING", "party": "REELHAUS"},
    "POST /outside/notes/<code:note>/back/": {"codes": serial("ALP", 7), "result": "failed"},
    "POST /people/": {"name": "New", "roles": ["operator"]},
    "PUT /api/v1/settings": {"operator_questions": False},
    "POST /people/settings/": {"operator_questions": "off"},
    "PUT /api/v1/settings/time-zone": {"time_zone": "UTC"},
    "POST /people/time-zone/": {"time_zone": "UTC"},
    "POST /people/tokens/": {"name": "m", "role": "machine", "days": "7"},
    "POST /people/<int:person>/change/": {"verb": "close"},
    "POST /you/": {"name": "t", "days": "7"},
    "POST /api/v1/goods-in/look": {"packages": [{"part": "P-CAP"}]},
    "POST /api/v1/goods-in/quarantine": {"packages": ["REEL-ALP-1"], "reason": "r"},
    "POST /api/v1/goods-in/release": {"packages": ["REEL-ALP-1"], "reason": "r"},
    "POST /api/v1/goods-in/reject": {"packages": ["REEL-ALP-1"], "reason": "r"},
    "POST /api/v1/goods-in/handling": {"packages": ["REEL-ALP-1"], "event": "opened"},
    "POST /api/v1/goods-in/split": {"package": "REEL-ALP-1", "quantity": 1},
    "POST /api/v1/goods-in/lives": {"package": "REEL-ALP-1", "msl": "3"},
    "POST /api/v1/goods-in/silicon": {"package": "REEL-ALP-1", "silicon_revision": "3.0", "known_from": "label"},
    "POST /api/v1/goods-in/samples": {"package": "REEL-ALP-1", "quantity": 1, "place": "here"},
    "POST /api/v1/inspection-plans": {"standard": "none"},
    "POST /api/v1/inspections/look": {"packages": ["REEL-ALP-1"]},
    "POST /api/v1/programming-orders": {"package": "REEL-COMMON", "product": "A-LAMP", "version": "1.4.0"},
    "POST /api/v1/programming-orders/{code}/read-backs": {"sha256": "a" * 64},
    "POST /api/v1/programming-orders/{code}/close": {"result": "aborted", "reason": "r"},
    "POST /api/v1/firmware-demands": {"order": "WO-ALP", "version": "1.4.0"},
    "POST /api/v1/module-firmware": {"manufacturer": "M", "mpn": "N", "product": "A-LAMP", "version": "1.4.0"},
    "POST /api/v1/package-labels": {"packages": [], "printer": "p"},
    "POST /programming/": {"code": "PG-1", "act": "read", "sha256": "a" * 64},
    "POST /inspection/plan/": {"standard": "none"},
    "POST /api/v1/packages": {"packages": [{"part": "P-CAP"}]},
    "POST /language/": {"language": "en"},
    "GET /api/v1/leave": {"code": serial("ALP", 11)},
    "POST /api/v1/containers": {"kind": "box"},
    "POST /api/v1/containers/{code}/contents": {"codes": [serial("ALP", 11)]},
    "POST /api/v1/containers/{code}/removals": {"codes": [serial("ALP", 11)], "reason": "r"},
    "POST /api/v1/containers/{code}/reopen": {"reason": "r"},
    "POST /api/v1/returns": {"codes": [serial("ALP", 2)]},
    "POST /api/v1/returns/events": {"code": serial("ALP", 1), "event": "found", "said": "r"},
    "POST /api/v1/concessions": {
        "codes": [serial("ALP", 11)],
        "allows": "test_missing",
        "reason": "r",
        "until_at": "2099-01-01T00:00:00Z",
    },
    "POST /api/v1/concessions/{code}/end": {"reason": "r"},
    "POST /api/v1/vulnerabilities/{name}/reports": {"component": "mbedtls", "event": "found"},
    "POST /api/v1/waivers": {
        "vulnerability": "CVE-2024-23170",
        "product": "A-LAMP",
        "reason": "r",
        "until_at": "2099-01-01T00:00:00Z",
    },
    "POST /api/v1/waivers/{code}/end": {"reason": "r"},
    "POST /api/v1/watches": {"product": "A-LAMP", "mail_list": "nobody"},
    "POST /exposure/<code:name>/decisions/": {"event": "found", "component": "mbedtls"},
    "POST /packing/open/": {"kind": "box"},
    "POST /packing/scan/": {"scan": "x"},
    "POST /packing/queued/": {"box": "BOX-ALP", "scan": serial("ALP", 11), "at": SCANNED},
    "POST /container/<code:code>/change/": {"what": "close"},
    "POST /returns/": {"codes": serial("ALP", 2)},
    "POST /returns/<code:code>/": {"unit": serial("ALP", 1), "event": "found", "said": "r"},
    "POST /waivers/": {
        "vulnerability": "CVE-2024-23170",
        "product": "A-LAMP",
        "reason": "r",
        "until_at": "2099-01-01T00:00:00Z",
    },
    "POST /concessions/": {
        "codes": serial("ALP", 11),
        "allows": "test_missing",
        "reason": "r",
        "until_at": "2099-01-01T00:00:00Z",
    },
    "POST /concessions/<code:code>/decide/": {"what": "agree"},
    "POST /shipment/<code:code>/place/": {"party": "ALPINA", "decided_by": "x", "basis": "sale"},
    "POST /api/v1/areas": {"machine": "OV1", "area": "line 1"},
    "POST /api/v1/environment": {"area": "line 1", "temperature_c": "22"},
    "POST /environment/": {"act": "measure", "area": "line 1", "temperature_c": "22"},
    "POST /instruments/": {"instrument": "DMM-1", "as_found": "in_tolerance", "as_left": "in_tolerance"},
    "POST /qualifications/": {"person": "045", "qualification": "ESD"},
    "POST /api/v1/alarms/{number}/hold": {},
    "POST /api/v1/alarms/{number}/dismiss": {"reason": "r"},
    "POST /alarms/<int:number>/dismiss/": {"reason": "r"},
}

# addresses of the API that take a form with files
FORMS = {
    "POST /api/v1/deviations/{code}/approvals": {"why": "w"},
    "POST /api/v1/conformity-declarations": {"draft": json.dumps(DRAFT_DECLARATION), "why": "w"},
    "POST /api/v1/cases/{code}/requests": {
        "product": "A-LAMP",
        "authority": "a",
        "member_state": "DE",
        "legal_basis": "other",
        "words": "w",
        "demanded": "AVII.3",
        "received_at": "2026-11-20T08:00:00Z",
        "due_at": "2026-12-20T08:00:00Z",
    },
    "POST /api/v1/cases/{code}/requests/{number}/answers": {"to": "t", "sent_at": "2026-11-20T08:00:00Z"},
    "POST /api/v1/ems/answers": {"question": "regulated", "words": "w"},
    "POST /api/v1/ems/certificates": {
        "standard": "s",
        "number": "n",
        "issuer": "i",
        "from_on": "2026-01-01",
        "until_on": "2027-01-01",
    },
    "POST /api/v1/ems/reports": {},
    "POST /api/v1/technical-files/{product}/points": {"point": "AVII.1.a", "words": "w"},
    "POST /api/v1/technical-files/{product}/baseline": {"matter": "firmware", "known": "unknown", "why": "w"},
    f"POST {REPORT}/submission": {"at": "2026-11-20T08:00:00Z"},
    "POST /api/v1/vulnerability-feeds/{feed}/takes": {},
    "POST /api/v1/vulnerability-feed-keys": {},
    "POST /api/v1/vulnerability-feed-keys/proposals": {},
    "POST /api/v1/vulnerability-bundles": {},
    "POST /api/v1/vulnerability-notes": {"entry": '{"title": "t"}'},
    "POST /api/v1/sboms": {"product": "A-LAMP", "version": "7.0.0"},
    "POST /api/v1/sbom-checks": {},
    "POST /api/v1/build-configurations": {"product": "A-LAMP", "version": "7.0.0"},
    "POST /api/v1/inspections": {"packages": '["REEL-ALP-1"]', "nonconforming": "0"},
    "POST /api/v1/calibrations": {"instrument": "DMM-1", "as_found": "in_tolerance", "as_left": "in_tolerance"},
    "POST /api/v1/qualifications": {"person": "045", "qualification": "ESD"},
    "POST /api/v1/delivery-notes/{note}/returns": {"codes": serial("ALP", 8), "result": "failed"},
    "POST /api/v1/programming-orders/{code}/done": {"quantity": "1", "machine": "M"},
    "POST /api/v1/declarations": {"kind": "ce", "manufacturer": "LEDWERK"},
    "POST /api/v1/shipments/{code}/placings": {"party": "ALPINA", "decided_by": "x"},
    "POST /api/v1/concessions/{code}/approvals": {"reason": "x"},
    "POST /api/v1/waivers/{code}/approvals": {"reason": "x"},
    "POST /api/v1/vulnerabilities/{name}/decisions": {
        "status": "under_investigation",
        "product": "A-LAMP",
        "version": "1.4.0",
    },
}


def names_record(address: str) -> bool:
    return bool(re.search(r"[<{]", address))


def filled(address: str, known: dict[str, str]) -> str:
    """The address with a record in the place of each part."""
    for pattern, names in PARTS:
        if re.search(pattern, address):
            for part, record in names.items():
                address = re.sub(rf"[<{{](\w+:)?{part}[>}}]", lambda _, value=known[record]: value, address)
    assert not names_record(address), f"{address}: say in PARTS which record this part names"
    return address


def letter(cast, known: dict[str, str], line: Line, who: str | None) -> str:
    """What this one is answered."""
    api = line.address.startswith("/api/")
    client = cast.program(who) if api else cast.browser(who)
    said = BRINGS.get(f"{line.method} {line.address}", {})
    extra = {"query_params" if line.method == "GET" else "data": said}
    if api and line.method != "GET":
        extra["content_type"] = JSON
    if line.address in ("/api/v1/imports", "/api/v1/import-runs") and line.method == "POST":
        extra = {"data": upload(line.address)}
    if line.address == "/api/v1/firmware-releases" and line.method == "POST":
        extra = {"data": {**DRAFT, "image": image()}}
    if line.address.endswith("/agreements"):
        extra = {"data": {"reason": "r"}}
    if f"{line.method} {line.address}" in FORMS:
        extra = {"data": FORMS[f"{line.method} {line.address}"]}
    if line.address.endswith(("/v1/field-reports", "/serial-list", "/mark-picture", "/placement")):
        extra = {"data": {"file": upload("")["file"]}}
    if (
        line.address.endswith(
            ("/change-notice-files", "/life-cycle-files", "/results", "/change-notices/archive/", "/life-cycles/")
        )
        and line.method == "POST"
    ):
        extra = {"data": {"file": upload("")["file"], **SENT_WITH}}
    if line.address.endswith("/report-files"):
        extra = {"data": {"file": upload("")["file"], "source": "customer"}}
    if line.address.endswith("/update-terms"):
        extra = {"data": {"file": upload("")["file"], "free": "yes", "until_on": "2035-12-31", "why": "w"}}
    answer = getattr(client, line.method.lower())(filled(line.address, known), **extra)
    there = answer.get("Location", "")
    if (
        names_record(line.address)
        and line.method == "GET"
        and answer.status_code == 302
        and there.startswith("/")
        and not there.startswith("/sign-in/")
    ):
        answer = client.get(there)  # a page that only leads on says nothing of the record
    assert answer.status_code < 500 and answer.status_code != 405, (line, who, answer.status_code, answer.content[:400])
    if (
        answer.status_code == 302
        and answer["Location"].startswith("/sign-in/")
        and not line.address.startswith("/sign-")
    ):
        return "?"
    return {401: "?", 403: "-", 404: "0"}.get(answer.status_code, "+")


def upload(address: str) -> dict:
    from django.core.files.uploadedfile import SimpleUploadedFile

    file = SimpleUploadedFile("parties.csv", b"party,name,roles,country\nUP,Up,customer,DE\n")
    return {"files": [file]} if address.endswith("runs") else {"kind": "parties", "file": file}


def addresses_there_are() -> set[str]:
    """Every address of the URL conf, the API's as its description writes them."""
    from django.urls import get_resolver

    found = set()

    def walk(patterns, before: str):
        for pattern in patterns:
            here = before + str(pattern.pattern)
            if hasattr(pattern, "url_patterns"):
                walk(pattern.url_patterns, here)
            else:
                found.add(("/" + here) if not here.startswith("^") else here)

    walk(get_resolver().url_patterns, "")
    return {re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", one) if one.startswith("/api/v1/") else one for one in found}


def test_every_address_has_its_line(everybody):
    from asbuilt.doors.api.document import description

    there = addresses_there_are() - {"^api/"}
    listed = {line.address for line in LINES}
    assert there - listed == set(), "addresses without a line in expected_roles.txt"
    assert listed - there == set(), "lines without an address"
    operations = {(m.upper(), path) for path, methods in description()["paths"].items() for m in methods}
    in_file = {(line.method, line.address) for line in LINES if line.address.startswith("/api/")}
    assert operations - in_file == set() and in_file - operations == {("GET", "/api/v1/openapi.json")}


@pytest.mark.parametrize("line", LINES, ids=lambda line: f"{line.method} {line.address}")
def test_every_role_is_answered_as_expected(everybody, line):
    cast, known = everybody
    found = {role: letter(cast, known, line, who) for role, who in ROLES.items()}
    differ = {
        role: f"{found[role]} instead of {line.letters[role]}" for role in ROLES if found[role] != line.letters[role]
    }
    assert not differ, f"{line.method} {line.address}: {' '.join(found.values())}\n{differ}"


@pytest.mark.parametrize("line", LINES, ids=lambda line: f"{line.method} {line.address}")
def test_a_stranger_finds_no_record(line):
    # where everybody is told to sign in, only a station's own signature is answered
    if names_record(line.address) and set(line.letters.values()) != {"?"}:
        assert line.letters["stranger"] == "0", f"{line.method} {line.address}"
        assert line.letters["other_party"] in "0?-", f"{line.method} {line.address}"


def test_only_who_has_no_party_is_told_that_a_right_is_missing():
    for line in LINES:
        assert line.letters["party_reader"] != "-" and line.letters["other_party"] != "-", line
