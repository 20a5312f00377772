"""Nothing of the other brand: in a factory in which both have everything, every address that reads and every term of the question language is
asked with the eyes of each brand's reader, and all bytes of all answers are searched for the other brand's names (design, section 4).

Where the reader types such a name himself, the answer is the one that a name gets which nobody ever used. `records` of the policy of roles
makes everything for Alpina, `boreal` below everything for Boreal, with words that stand nowhere else.
"""

import base64
import gzip
import io
import json
import re
import tempfile
import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from cast import ALPINA, BOREAL, cast_home, entered, pages, serial, write_tables  # noqa: F401
from test_routes_and_roles import BRINGS, JSON, LINES, filled, names_record, records
from vulnerable_factory import MBEDTLS, Security, component, osv

SECRET = "zinnober"  # stands in every free text of Boreal
OWN_FLAW, THEIR_FLAW = "OWN-BOREALIS", "CVE-2026-77777"
ONLY_BOREAL = (
    *BOREAL, SECRET, "BORSTEP", "BORMACH", "BORSTAT", "bor_peak", "PASTE-BOR", "STENCIL-BOR", "TOOL-BOR", "ALARM-BOR", "BORDEFECT", "UB77", "borlib",
    "BOR-IT", "Borealis Supply", OWN_FLAW, THEIR_FLAW, "BOX-BOR", "BOR-AREA", "BOR-DN",
)  # fmt: skip
READERS = {"brand_a_reader": ONLY_BOREAL, "brand_b_reader": (*ALPINA, "OWN-ALP", "BOX-ALP")}


def tables() -> dict[str, list[dict]]:
    """What Boreal has and nobody else: floor names, readings, defects, a supplier, its own material; and what both share in one place."""
    at, first, last = "2027-03-16T12:00:00Z", serial("BOR", 1), serial("BOR", 12)
    readings = {
        "bor_peak": 3,
        "paste": "PASTE-BOR",
        "stencil": "STENCIL-BOR",
        "tools": {"TOOL-BOR": {"cycles": 1}},
        "alarm": "ALARM-BOR",
        "note": SECRET,
    }
    run = {
        "order": "WO-BOR",
        "step": "BORSTEP",
        "machine": "BORMACH",
        "program": "PROG-BOR-2",
        "first_serial": first,
        "last_serial": last,
    }
    test = {
        "serial": first,
        "plan": "PLAN-BOR-2",
        "plan_version": "1",
        "station": "BORSTAT",
        "operator": "045",
        "outcome": "fail",
    }
    lot = {
        "package": "REEL-BOR-9",
        "package_kind": "reel",
        "part": "P-CAP",
        "mpn": "GRM188",
        "manufacturer": "MURATA",
        "supplier": "BORSUP",
        "owner": "BOREAL",
    }
    mixed = {
        "shipment": "SHIP-MIX",
        "customer": "NEUTRA",
        "country": "FR",
        "shipped_at": "2027-04-01T08:00:00Z",
        "placed_on_market_at": "",
    }
    role = {"role": "manufacturer", "operator": "045", "happened_at": "2026-01-01T00:00:00Z"}
    return {
        "parties": [
            {"party": "BORSUP", "name": "Borealis Supply", "roles": "supplier", "country": "FI"},
            {"party": "NEUTRA", "name": "Neutra", "roles": "customer", "country": "FR"},
        ],
        "bom": [{"product": "B-PROBE", "revision": "BR7", "bom_version": "BV7", "line": "10", "part": "P-SENS", "quantity": "1", "refdes": "UB77"}],
        "product_roles": [{"product": "B-PROBE", "party": "BOREAL", **role}],
        "lots": [{**lot, "lot_code": "LOT-BOR-9", "date_code": "2709", "quantity": "100", "delivery": "BOR-DN", "coc": "", "received_at": at, "status": "released"}],
        "processes": [{**run, "started_at": at, "finished_at": at, "operator": "", "result": "failed", "readings": json.dumps(readings)}],
        "replacements": [{"serial": serial("BOR", 5), "refdes": "C1", "removed_package": "", "installed_package": "REEL-BOR-9", "operator": "", "reason": SECRET, "happened_at": at}],
        "tests": [{**test, "started_at": at, "finished_at": at, "measurements": json.dumps({"bor_volt": 1, "defects": [{"code": "BORDEFECT", "at": "U1"}]})}],
        "assemblies": [{"parent_serial": serial("ALP", 9), "child_serial": serial("BOR", 9), "position": "X1", "happened_at": at}],
        "shipments": [
            {**mixed, "first_serial": serial("ALP", 12), "last_serial": serial("ALP", 12)},
            {**mixed, "first_serial": serial("BOR", 12), "last_serial": serial("BOR", 12)},
        ],
    }  # fmt: skip


def boreal(cast) -> dict[str, str]:
    """Everything of Boreal that an address may name."""
    from asbuilt.access.actor import local_system
    from asbuilt.answers.cases.acting.actions import start_action
    from asbuilt.answers.cases.handling.actions import deciding, opening, saying
    from asbuilt.answers.cases.telling.actions import contacts, queuing, writing
    from asbuilt.built.exchange.actions import import_folder
    from asbuilt.built.quality.actions.waivers import propose_waiver
    from asbuilt.designed.vulnerability.deciding.decisions import Scope
    from asbuilt.designed.vulnerability.deciding.stating import decide, report_upstream
    from asbuilt.designed.vulnerability.feeds.noting import note

    ours, eva = local_system(1), cast.program("eva")
    with tempfile.TemporaryDirectory() as folder:
        write_tables(Path(folder) / "t", tables())
        import_folder(ours, Path(folder) / "t")
        security = Security(ours, Path(folder))
        security.sbom(component("mbedtls", "2.28.7"), component("borlib", "1.0"), product="B-PROBE", version="7.7.7")
        security.feed(osv(MBEDTLS, "mbedtls", "2.28.8"), osv(THEIR_FLAW, "borlib", "2.0"), name="osv-2")
    affected = [{"purl": "pkg:generic/borlib", "versions": "<2.0"}]
    note(ours, record={"id": OWN_FLAW, "title": SECRET, "affected": affected})
    for scope in (Scope(product="B-PROBE", version="7.7.7"), Scope(question=f"unit:{serial('BOR', 2)}")):
        decide(
            ours,
            vulnerability=MBEDTLS,
            scope=scope,
            status="not_affected",
            justification="component_not_present",
            impact=SECRET,
        )
    decide(
        ours,
        vulnerability=THEIR_FLAW,
        scope=Scope(product="B-PROBE", version="7.7.7"),
        status="affected",
        action=SECRET,
    )
    report_upstream(
        ours,
        vulnerability=MBEDTLS,
        component="mbedtls",
        event="reported",
        recipient="BOR-IT",
        channel="mail",
        said=SECRET,
    )
    adam = replace(cast.actor["adam"], rights=ours.rights)
    for flaw in (MBEDTLS, THEIR_FLAW):
        waiver, _ = propose_waiver(
            adam, vulnerability=flaw, product="B-PROBE", reason=SECRET, until_at=4_000_000_000_000_000
        )

    def post(address: str, said: dict) -> dict:
        answer = eva.post(f"/api/v1/{address}", said, JSON)
        assert answer.status_code in (200, 201), (address, answer.content)
        return answer.json()

    units = [serial("BOR", n) for n in range(1, 13)]
    hold = post("holds", {"units": [units[10], serial("ALP", 10)], "reason": SECRET})["code"]
    ncr = post("nonconformities", {"description": SECRET, "source": "test", "severity": "minor", "units": units[2:4]})[
        "code"
    ]
    post(f"nonconformities/{ncr}/dispositions", {"decision": "use_as_is", "reason": SECRET})
    both = post(
        "nonconformities",
        {"description": SECRET, "source": "test", "severity": "minor", "units": [units[4], serial("ALP", 6)]},
    )["code"]
    post(f"nonconformities/{both}/dispositions", {"decision": "use_as_is", "reason": SECRET})
    allowed = {"allows": "test_missing", "reason": SECRET, "until_at": "2099-01-01T00:00:00Z"}
    conceded = post("concessions", {"codes": [units[10]], **allowed})["code"]
    box = post("containers", {"kind": "box", "code": "BOX-BOR"})["code"]
    rma = post("returns", {"codes": [units[0]]})["rma"]
    away = post("delivery-notes", {"codes": [units[6]], "step": "PLATING", "party": "REELHAUS", "transport": SECRET})[
        "note"
    ]
    frozen = post("answers", {"question": "order:WO-BOR"})["ulid"]
    from asbuilt.designed.changes.controlling.actions.proposing import add_change, ask_for, propose_eco

    eco = ""
    for products in (["A-LAMP", "B-PROBE"], ["B-PROBE"]):
        shared, eco = eco, propose_eco(ours, title=SECRET, why=SECRET, products=products)
        change = add_change(ours, eco=eco, kind="bom", product="B-PROBE", subject=["B"], old="1", new="BV8", why=SECRET)
        wanted = ask_for(ours, eco=eco, what=SECRET)
    until = (datetime.now(UTC) + timedelta(days=300)).isoformat(timespec="seconds")
    away_from = {"product": "B-PROBE", "kind": "other", "subject": SECRET, "why": SECRET, "until_at": until}
    deviation = post("deviations", away_from)["deviation"]
    told = {"kind": "pcn", "number": SECRET, "maker": "SENSOCO", "title": SECRET, "parts": [{"mpn": "SHT41"}]}
    told = post("change-notices", told)["notice"]
    signal = opening.note_signal(ours, source="mail", words=SECRET, received_at=1_763_625_600_000_000)
    case = opening.open_case(ours, kind="aev", title=SECRET)
    saying.add_product(ours, case=case, product="B-PROBE", role="manufacturer", manufacturer="BOREAL")
    contacts.set_contact(ours, party="BOREAL", channel="mail", address=f"{SECRET}@boreal.example")
    deciding.freeze(ours, case=case, question=f"unit:{units[0]}..{units[7]}", why=SECRET)
    notice = writing.draft_notice(ours, case=case, kind="upward", texts={"": {"contact": SECRET}})
    writing.review_notice(ours, notice=notice, version=1)
    queuing.send_notice(ours, notice=notice, version=1)
    action = start_action(
        ours, case=case, kind="recall", title=SECRET, question="order:WO-BOR", why=SECRET, hold_rest=False
    )
    return {
        "answer": frozen, "hold": hold, "unit": units[0], "lot": "LOT-BOR-1", "package": "REEL-BOR-1", "order": "WO-BOR", "panel": "PNL-BOR-1",
        "shipment": "SHIP-BOR-1", "product": "B-PROBE", "revision": "BR7", "nonconformity": ncr, "both": both, "disposition": "D-1", "container": box, "rma": rma,
        "concession": conceded, "flaw": THEIR_FLAW, "vulnerability": THEIR_FLAW, "waiver": waiver, "case": case, "signal": signal, "notice": notice, "note": away,
        "field_action": action, "firmware_version": "7.7.7", "test_plan": "PLAN-BOR-2", "plan_version": "1",
        "eco": eco, "eco_change": change, "eco_asked": wanted, "shared_eco": shared,
        "deviation": deviation, "change_notice": told,
    }  # fmt: skip


@pytest.fixture(scope="module")
def both(cast_home, tmp_path_factory):  # noqa: F811
    """(the cast, what addresses name of Alpina's, what they name of Boreal's)."""
    place, cast = cast_home
    with entered(place, tmp_path_factory.mktemp("eyes") / "cast"), pages():
        alpina = records(cast)
        yield cast, alpina, {**alpina, **boreal(cast)}


def words_of(answer) -> str:
    """All bytes of an answer as text, archives opened; without the address that a refusal gives back and what a page was asked."""
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    texts = [content]
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            texts += [name.encode() for name in archive.namelist()] + [
                archive.read(name) for name in archive.namelist()
            ]
    texts += [gzip.decompress(text) for text in texts if text.startswith(b"\x1f\x8b")]
    found = []
    for text in texts:
        said = text.decode("utf-8", "replace")
        found.append(said)
        found += [
            base64.b64decode(sealed).decode("utf-8", "replace")
            for sealed in re.findall(r'"payload":\s*"([A-Za-z0-9+/=]{40,})"', said)
        ]
    return "\n".join(found) + str(answer.headers)


def asked(cast, who: str, line, known: dict[str, str]):
    """(the answer, what the reader typed)."""
    client = cast.program(who) if line.address.startswith("/api/") else cast.browser(who)
    address = filled(line.address, known)
    query = {key: _of(known, value) for key, value in BRINGS.get(f"GET {line.address}", {}).items()}
    answer = client.get(address, query, follow=not line.address.startswith("/api/"))
    return answer, [address, *map(str, query.values())]


def _of(known: dict[str, str], said):
    """A query that names Alpina's things, for the brand whose records these are."""
    if known["product"] == "A-LAMP" or not isinstance(said, str):
        return said
    return said.replace("ALP-", "BOR-").replace("-ALP", "-BOR").replace("A-LAMP", "B-PROBE").replace("ALPINA", "BOREAL")


def without(text: str, typed: list[str], known: dict[str, str]) -> str:
    """The text without what the reader typed."""
    for said in sorted(
        {part for one in typed for part in (one, quote(one), *one.split("/"))} | set(typed), key=len, reverse=True
    ):
        if len(said) > 3:
            text = text.replace(said, "")
    return text


READ = [line for line in LINES if line.method == "GET" and line.letters["party_reader"] != "?"]


@pytest.mark.parametrize("who", READERS)
def test_no_address_shows_the_other_brand(both, who):
    cast, alpina, boreals = both
    mine, theirs = (alpina, boreals) if who == "brand_a_reader" else (boreals, alpina)
    leaks, opened = [], 0
    for line in READ:
        answer, _ = asked(cast, who, line, mine)
        opened += answer.status_code == 200
        assert answer.status_code < 500, (line, answer.content[:300])
        text = words_of(answer)
        leaks += [(line.address, word, _near(text, word)) for word in READERS[who] if word in text]
        if re.search(
            "/(eco|nonconformities/|unit|bom)", line.address
        ):  # what is of both: a finding, a change, a unit inside another's
            inside = serial("ALP" if who == "brand_a_reader" else "BOR", 9)
            shared = {
                "nonconformity": boreals["both"],
                "eco": boreals["shared_eco"],
                "unit": inside,
                "bom_kind": "unit",
                "order": inside,
            }
            answer, _ = asked(
                cast, who, line, {**mine, **(shared if "bom" in line.address else {**shared, "order": mine["order"]})}
            )
            text = words_of(answer)
            leaks += [("shared", line.address, word, _near(text, word)) for word in READERS[who] if word in text]
        if names_record(line.address):
            answer, typed = asked(cast, who, line, theirs)
            text = without(words_of(answer), typed, theirs)
            leaks += [
                ("theirs", line.address, answer.status_code, word, _near(text, word))
                for word in READERS[who]
                if word in text
            ]
    assert not leaks, "\n".join(map(str, leaks))
    assert opened > 60  # the walk is about pages that are there


def _near(text: str, word: str) -> str:
    at = text.index(word)
    return text[max(0, at - 80) : at + 80]


TERMS = {
    "lot": "LOT-BOR-1", "package": "REEL-BOR-9", "part": "P-SENS", "maker": "SENSOCO", "supplier": "BORSUP", "order": "WO-BOR", "product": "B-PROBE",
    "revision": "BR7", "bom": "BV7", "panel": "PNL-BOR-1", "unit": "BOR-0001", "firmware": "7.7.7", "image": "42" + "0" * 62, "passed": "BORSTEP",
    "reading": "BORSTEP.bor_peak>1", "paste": "PASTE-BOR", "stencil": "STENCIL-BOR", "tool": "TOOL-BOR", "alarm": "ALARM-BOR", "tested": "BORSTAT",
    "test": "PLAN-BOR-2=fail", "defect": "BORDEFECT", "station": "BORSTAT", "customer": "SUNDVOLT", "owner": "BOREAL", "country": "FR", "shipment": "SHIP-BOR-1",
    "cve": OWN_FLAW, "component": "borlib", "operator": "badge-ben", "feeder": "BORMACH/F9", "datecode": "2709",
}  # fmt: skip
OPEN = ("country", "datecode", "operator", "at")  # values of the world, or nobody's to ask for a reader of a party


def question(client, text: str) -> tuple[int, str]:
    answer = client.get("/api/v1/ask", {"question": text, "serials": "true"})
    return answer.status_code, re.sub(r'"(instance|elapsed_ms)": ("[^"]*"|[0-9.]+)', "", answer.content.decode())


@pytest.mark.parametrize("term", [term for term in TERMS if term not in OPEN])
def test_a_name_of_the_other_brand_is_one_that_nobody_has(both, term):
    cast, _, _ = both
    client, name = cast.program("brand_a_reader"), TERMS[term]
    nobodys = re.sub(
        "BOR|SENSOCO|SENS|PROBE|SUNDVOLT|bor(?=lib|_)|BR7|BV7|7\\.7\\.7|42(?=00)",
        lambda found: "9.9.9" if found[0] == "7.7.7" else "Q" * len(found[0]) if found[0] != "42" else "43",
        name,
    )
    nobodys = nobodys.replace("QQ.bor", "QQ.qqq")
    assert nobodys != name
    for form in ("{}:{}", "-{}:{}", "ever:({}:{})", "contains:({}:{})", "(order:WO-ALP or {}:{})", "inside:({}:{})"):
        theirs, nobody = (question(client, form.format(term, one)) for one in (name, nobodys))
        bare, unused = name.removesuffix("=fail").removesuffix(">1"), nobodys.removesuffix("=fail").removesuffix(">1")
        said = theirs[1]
        for mine, other in ((name, nobodys), (bare, unused), (bare.partition(".")[0], unused.partition(".")[0])):
            said = said.replace(mine, other)
        assert (theirs[0], said) == nobody, form
        assert "mean" not in said, form


def test_no_question_completion_or_find_shows_the_other_brand(both):
    cast, _, _ = both
    from asbuilt.questions.genealogy.words.terms import TERMS as RULES

    begun = [
        "",
        "BOR",
        "WO",
        "lot:LOT-COMMON ",
        *(f"{name}:{prefix}" for name in RULES for prefix in ("", "B", "P")),
    ]
    general = ["in:shipped", "in:stock", "in:outside", "in:returned", "-reworked", "reworked", "held", "lot:LOT-COMMON", f"cve:{MBEDTLS}", "component:mbedtls",
               "test:failed", "firmware:0..9", "customer:NEUTRA", "shipment:SHIP-MIX", "country:FR", "passed:REFLOW", "tested:ICT1", "(part:P-CAP at:C1)", "at:U1"]  # fmt: skip
    for who, words in READERS.items():
        client, browser, leaks = cast.program(who), cast.browser(who), []
        for text in begun:
            for answer in (
                client.get("/api/v1/complete", {"text": text, "cursor": len(text)}),
                browser.get("/ask/suggest/", {"q": text, "at": len(text)}),
            ):
                leaks += [(text, word) for word in words if word in answer.content.decode()]
            answer = client.get("/api/v1/find", {"code": text or "x"})
            leaks += [
                ("find", text, word) for word in words if word in answer.content.decode().replace(f" {text}.", "")
            ]
        for text in general:
            for answer in (
                client.get("/api/v1/ask", {"question": text, "serials": "true"}),
                browser.get("/", {"q": text}),
                browser.get("/ask/serials.csv", {"q": text}),
            ):
                said = words_of(answer)
                leaks += [(text, word, _near(said, word)) for word in words if word in said]
        assert not leaks, leaks


def test_the_house_sees_it_with_a_partys_eyes_and_nobody_else_has_a_portal(both):
    from typer.testing import CliRunner

    from asbuilt.doors.cli.commands import app
    from asbuilt.kernel.errors import NotFound

    cast, alpina, _ = both
    said = CliRunner().invoke(app, ["portal", "ALPINA", "--format", "json"])
    own = cast.program("brand_a_reader").get("/api/v1/portal").json()
    told = json.loads(said.stdout)
    assert (said.exit_code, told["products"], told["waits"]) == (0, own["products"], own["waits"])
    table = CliRunner().invoke(app, ["portal", "Alpina Light"]).stdout
    assert alpina["concession"] in table and "A-LAMP" in table and not [word for word in ONLY_BOREAL if word in table]
    assert isinstance(CliRunner().invoke(app, ["portal", "NOBODY"]).exception, NotFound)
    assert cast.program("eva").get("/api/v1/portal").json()["code"] == "portal.no_party"


def test_counts_are_of_ones_own(both):
    cast, alpina, boreals = both
    for who, mine, theirs, brand in (
        ("brand_a_reader", alpina, boreals, "ALP"),
        ("brand_b_reader", boreals, alpina, "BOR"),
    ):
        client = cast.program(who)

        def read(address: str, client=client) -> dict:
            return client.get(f"/api/v1/{address}").json()

        seen = read("portal")
        assert [(one["code"], one["planned"], one["built"], one["shipped"]) for one in seen["products"]] == [
            (mine["product"], 12, 12, 11)
        ]
        assert (
            [one["code"] for one in seen["orders"]]
            == [mine["order"]]
            == [one["code"] for one in read("orders")["orders"]]
        )
        assert {(one["kind"], one["code"]) for one in seen["waits"]} >= {
            ("concession", mine["concession"]),
            ("waiver", mine["waiver"]),
            ("disposition", mine["nonconformity"]),
            ("notice", mine["notice"]),
        }
        assert not {theirs[kind] for kind in ("concession", "waiver", "nonconformity", "notice")} & {
            one["code"] for one in seen["waits"]
        }
        assert [one["name"] for one in seen["products"][0]["vulnerabilities"]] == (
            [MBEDTLS] if brand == "ALP" else [THEIR_FLAW]
        )
        assert seen["products"][0]["cases"] == 1
        assert [one["code"] for one in read("shipments")["shipments"]] == [mine["shipment"]]
        assert [one["code"] for one in read("concessions")["concessions"]] == [mine["concession"]]
        exposed = (
            read(f"vulnerabilities/{MBEDTLS}/exposure")
            if brand == "ALP"
            else read(f"vulnerabilities/{THEIR_FLAW}/exposure")
        )
        assert exposed["hops"][0]["component"], "who makes the product sees which component it is, whoever else has it"
