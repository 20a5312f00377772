"""From a CVE to customers on the example factory: SBOMs and feeds by command, then which units, at whom, and may the next one leave.

What a release lists and which version a record touches is `vulnerable_example`; who runs it and who has it is counted from the CSV files alone.
"""

import hashlib
import json
import subprocess
import sys
from collections import Counter

import independent_count as count
import jsonschema_rs
import pytest
from cast import PASSWORD, pages
from forked import commands
from told import compare, numbers
from vulnerable_example import (
    FOLDER,
    NAMELESS,
    SBOMS,
    TOUCHED,
    ZEPHYR,
    add_sboms,
    listed,
    releases,
    take_feeds,
    take_feeds_here,
)

DAY = 1_828_483_200_000_000  # 2027-12-11T00:00:00Z, from when on the rule set stops; a second before it warns
BEFORE = DAY - 1_000_000
MBEDTLS, FINISHED = "CVE-2024-28960", "CVE-2025-27810"


def at(place):
    """asbuilt("exposure", …) on a home -> what it prints, as JSON where that was asked for."""

    def run(*words):
        code, out, err = commands().run(list(map(str, words)), place.env())
        assert code == 0, err.decode()
        return json.loads(out) if "json" in words else out.decode()

    return run


@pytest.fixture(scope="module")
def with_sboms(example_loaded, copy_of, tmp_path_factory):
    """The example with the SBOMs of its releases; no feed yet."""
    with copy_of(example_loaded, tmp_path_factory.mktemp("sboms")) as place:
        add_sboms(at(place))
        yield place


@pytest.fixture(scope="module")
def known(with_sboms, copy_of, tmp_path_factory):
    """All records taken, and what Zephyr is called confirmed. `before` is what was said of Zephyr's before that."""
    with copy_of(with_sboms, tmp_path_factory.mktemp("known")) as place:
        asbuilt = at(place)
        take_feeds(asbuilt)
        place.before = asbuilt("exposure", NAMELESS, "--format", "json")
        asbuilt("vuln", "identify", "zephyr", "--confirm", ZEPHYR, "--basis", "west manifest")
        yield place


@pytest.fixture(scope="module")
def axis():
    return count.Axis()


@pytest.fixture
def inside(request, copy_of, tmp_path):
    """inside(place): this process works on a copy of a home, as the local system account."""
    from django.db import connections

    from asbuilt.access.actor import local_system
    from asbuilt.access.queries import tenant_of_slug
    from asbuilt.ledger import clock

    def enter(place):
        made = copy_of(place, tmp_path / "inside")
        copied = made.__enter__()
        request.addfinalizer(lambda: made.__exit__(None, None, None))
        request.addfinalizer(connections.close_all)
        request.addfinalizer(lambda: clock.set_clock(None))
        copied.enter()
        return copied, local_system(tenant_of_slug("main").number)

    return enter


def grades(axis, vulnerability: str, ever: bool = False, without: tuple = ()) -> dict[int, str]:
    """The grade of each built unit that runs a touched release, or ever did; `without` are releases that a decision closes."""
    found: dict[int, str] = {}
    for (product, role), versions in releases(vulnerability).items():
        left = {one for one in versions if (product, role, one) not in without}
        found |= count.running(axis, product, left, role, ever)
    return {unit: grade for unit, grade in found.items() if unit in axis.built}


def by_country(axis, answer_grades: dict[int, str]) -> Counter:
    """(country, grade) -> finished units there."""
    country = {unit: row["country"] for row in count.table("shipments") for unit in axis.span(row)}
    tops: dict[int, str] = {}
    for unit, grade in answer_grades.items():
        top = axis.outermost(unit)
        tops[top] = max(grade, tops.get(top, grade), key=count.RANK.__getitem__)
    return Counter((country[top], grade) for top, grade in tops.items() if top in country)


def test_the_sboms_name_the_images_and_are_small():
    """Each SBOM states the SHA-256 of the image that the register has; the folder stays small."""
    images = {(row["product"], row["role"], row["version"]): row["image"] for row in count.table("firmware")}
    for file, release in SBOMS.items():
        digest = hashlib.sha256((count.FOLDER / images[release]).read_bytes()).hexdigest()
        assert digest in (FOLDER / "sboms" / file).read_text()
    files = [path for path in FOLDER.rglob("*") if path.is_file()]
    assert {path.stem for path in files if "feeds" in path.parts} == set(TOUCHED)
    assert sum(path.stat().st_size for path in files) < 40_000


@pytest.mark.parametrize("vulnerability", TOUCHED)
def test_releases_units_and_customers_are_those_of_the_independent_count(known, axis, vulnerability):
    said = at(known)("exposure", vulnerability, "--format", "json")
    mine = grades(axis, vulnerability)
    answer = at(known)("ask", f"cve:{vulnerability}", "--serials", "--format", "json")
    compare(answer, axis.answer(mine))
    assert {axis.place[one["serial"]]: one["certainty"] for one in answer["serials"]} == mine
    same = ("affected", "finished", "by", "spans")
    assert [said["answer"][key] for key in same] == [answer[key] for key in same]
    ways = {
        (f"{name} {component}", f"{product} {role} {version}")
        for file, (product, role, version) in SBOMS.items()
        for name, component in listed(file) & TOUCHED[vulnerability]
    }
    assert {(hop["component"], hop["place"]) for hop in said["hops"]} == ways
    assert all((hop["state"], hop["verdict"]) == ("affected", "open") and hop["reason"] for hop in said["hops"])
    for hop in said["hops"]:
        product, role, version = hop["place"].split()
        one = count.running(axis, product, {version}, role)
        assert hop["counts"] == count.three(grade for unit, grade in one.items() if unit in axis.built)
    assert {(one["country"], grade): one[grade] for one in said["countries"] for grade in count.RANK if one[grade]} == (
        by_country(axis, mine)
    )
    had = grades(axis, vulnerability, ever=True).keys() - mine.keys()
    assert said["remediated"] == sum(axis.rows[unit]["state"] != "scrapped" for unit in had)
    assert (said["taken_out"], said["decisions"]) == (0, [])


def test_the_numbers_by_hand(known):
    """CVE-2024-28960 is in the radio's 1.7.9 (README: 1,948 boards and possibly 4) and in the gateway's 2.3.0, which 320 ran and none does.
    What is remediated: they, 449 boards that got 1.8.0 at PROG-3 and RB-031983, whose chip was replaced by one that came with 1.8.0."""
    said = at(known)("exposure", MBEDTLS, "--format", "json")
    assert numbers(said["answer"]["affected"]) == numbers(said["answer"]["finished"]) == (1948, 4, 0)
    assert said["remediated"] == 320 + 449 + 1
    # CVE-2024-9143 is in the OpenSSL of 2.3.1: story a
    said = at(known)("exposure", "CVE-2024-9143", "--format", "json")
    assert [(row["customer"], row["certain"]) for row in said["answer"]["by"]["customer"]] == [
        ("Distributor X", 3000),
        ("Baltic Meters", 720),
        ("Veldhuis Energie", 480),
        ("Atelier Réseau", 260),
        (None, 541),
    ]
    assert [(row["country"], row["certain"]) for row in said["countries"]] == [
        ("DE", 3000),
        ("PL", 720),
        ("NL", 480),
        ("FR", 260),
    ]
    assert said["remediated"] == 0  # 320 had 2.3.0 with 3.0.13 before; 3.0.14 has it too


def test_units_that_run_a_boot_loader_alone_are_not_said_to_run_nothing(known, axis):
    """The table counts by the app image: of a board whose U-Boot is touched none is known, and it does run something."""
    said = at(known)("exposure", "CVE-2024-57254")
    assert "no firmware" not in said
    (row,) = [line.split() for line in said.splitlines() if line.startswith("no app image known")]
    assert int(row[4].replace(",", "")) == Counter(grades(axis, "CVE-2024-57254").values())["certain"]


def test_story_c_is_told_twice_and_recorded_once(example_copy):
    """What `script/run` starts prints the README's numbers; again, it asks and adds nothing."""
    told = [_story_c(example_copy) for _ in range(2)]
    for line in (
        "Distributor X 1,685 4 0",
        "Baltic Meters 256 0 0",
        "Veldhuis Energie 1 0 0",
        "not shipped 6 0 0",
        "affected 1,948 4 0",
    ):
        assert all(line in lines for lines in told), line
    heads = {next(line.partition(" · ")[0] for line in lines if line.startswith("log of")) for lines in told}
    assert len(heads) == 1


def _story_c(place) -> list[str]:
    script = FOLDER.parent / "from_cve_to_customers.py"
    done = subprocess.run([sys.executable, script], env=place.env(), capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return [" ".join(line.split()) for line in done.stdout.splitlines()]


def components_listed() -> dict[tuple[str, str], bool]:
    """(name, version) of what the SBOM files list, but for what they are of -> whether it has a name of a kind that our feeds speak of, which is a
    CPE or a purl of GitHub. Read from the files alone."""

    def inside(document: dict):
        for one in document.get("components", ()):
            yield one["name"], one.get("version", ""), one.get("purl", ""), one.get("cpe", "")
            yield from inside(one)

    found = {}
    for file in (FOLDER / "sboms").iterdir():
        document = json.loads(file.read_text(encoding="utf-8"))
        rows = list(inside(document))
        of = {
            one["relatedSpdxElement"]
            for one in document.get("relationships", ())
            if one["relationshipType"] == "DESCRIBES"
        }
        for package in document.get("packages", ()):
            said = {one["referenceType"]: one["referenceLocator"] for one in package.get("externalRefs", ())}
            if package["SPDXID"] not in of:
                rows.append((package["name"], package["versionInfo"], said.get("purl", ""), said.get("cpe23Type", "")))
        for name, version, purl, cpe in rows:
            found[name, version] = bool(cpe) or purl.startswith("pkg:github/")
    return found


def test_a_component_without_a_name_that_feeds_use_waits_for_a_person(known):
    assert numbers(known.before["answer"]["affected"]) == (0, 0, 0) and known.before["hops"] == []
    listed = components_listed()
    waiting = [name for (name, _), called in listed.items() if not called]
    # Zephyr 3.6.0 and 3.7.0, and the Wi-Fi stick's firmware in two versions, have no identifier
    assert sorted(waiting) == ["wifi-stick", "wifi-stick", "zephyr", "zephyr"]
    named = len(listed) - len(waiting)
    assert any(note.startswith(f"{named} of {len(listed)} components") for note in known.before["notes"])
    said = at(known)("exposure", NAMELESS, "--format", "json")
    assert numbers(said["answer"]["affected"]) == (1948, 4, 0)
    assert any(note.startswith(f"{named + 2} of {len(listed)} components") for note in said["notes"])


def test_a_gap_is_shown_and_where_a_component_is_used(known):
    gaps = at(known)("sbom", "gaps", "--format", "json")["gaps"]
    assert [one["of"] for one in gaps if "app" in one["of"] or "boot" in one["of"] or "radio" in one["of"]] == [
        "EG-200 app 2.2.4"
    ]
    used = at(known)("sbom", "find", "mbedtls", "--format", "json")["components"]
    assert {(one["version"], place["of"]) for one in used for place in one["places"]} == {
        ("2.28.7", "EG-200 app 2.3.0"),
        ("2.28.8", "EG-200 app 2.3.1"),
        ("3.6.3", "EG-200 app 2.4.0"),
        ("3.5.2", "RB-50 radio 1.7.9"),
        ("3.6.0", "RB-50 radio 1.8.0"),
    }


def test_what_is_open_counts_boards_inside_shipped_gateways(known, axis):
    """In the field is what a customer holds, also inside another unit; skipped positions are no units."""
    said = {one["vulnerability"]: one for one in at(known)("vuln", "open", "--format", "json")["listed"]}
    assert said.keys() == TOUCHED.keys()
    for vulnerability, one in said.items():
        mine = grades(axis, vulnerability)
        out = [unit for unit in mine if axis.outermost(unit) in axis.customers]
        assert (one["units"], one["in_field"]) == (len(mine), len(out)), vulnerability


def test_a_not_affected_decision_moves_units_out_with_its_reason(known, axis, copy_of, tmp_path):
    with copy_of(known, tmp_path / "decided") as place:
        asbuilt = at(place)
        why = "Handshakes use static memory: no allocation can fail."
        words = (
            "--product",
            "EG-200",
            "--version",
            "2.3.1",
            "--justification",
            "vulnerable_code_cannot_be_controlled_by_adversary",
        )
        asbuilt("vuln", "decide", FINISHED, "not_affected", *words, "--impact", why)  # fmt: skip
        said = asbuilt("exposure", FINISHED, "--format", "json")
        left = grades(axis, FINISHED, without=(("EG-200", "app", "2.3.1"),))
        compare(asbuilt("ask", f"cve:{FINISHED}", "--serials", "--format", "json"), axis.answer(left))
        assert said["taken_out"] == 5001 and numbers(said["answer"]["affected"]) == (5250, 0, 0)
        (closed,) = [hop for hop in said["hops"] if hop["verdict"] == "closed"]
        assert (closed["place"], closed["decision"], closed["decided"]) == ("EG-200 app 2.3.1", "VEX-1", "not_affected")
        (decision,) = said["decisions"]
        assert (decision["impact"], decision["counts"], decision["lapsed"]) == (why, True, "")
        # nothing is lost: what the decision closes is said beside what is left
        assert "VEX-1" in asbuilt("exposure", FINISHED)


def test_the_gate_stops_a_shipment_that_was_shippable_before_the_feed_came(with_sboms, inside, axis):
    """Three gateways of the stock, none failed: one leaves before the feed, one after it with a warning, one is stopped from the rule set's day on."""
    from asbuilt.kernel.errors import Refused
    from asbuilt.ledger import clock

    _, actor = inside(with_sboms)
    clock.set_clock(lambda: BEFORE)
    # no feed yet: nothing is found, and that is said
    assert _may(actor, "14996", frozenset({"gate.feeds"})) == (True, set(), set())
    _ship(actor, "14996")
    take_feeds_here(actor)
    for serial, now, place in (("14997", BEFORE, 1), ("14998", DAY, 0)):
        clock.set_clock(lambda now=now: now)
        expected = [set(), set()]
        expected[place] = _on(axis, serial)
        assert (
            len(expected[place]) == 7
        )  # six of 2.3.1, one of the boot loader; the radio's 1.8.0 has nothing that 2.3.1 has not
        assert _may(actor, serial) == (bool(place), *expected)
        if place:
            _ship(actor, serial)
            continue
        with pytest.raises(Refused) as refused:
            _ship(actor, serial)
        assert refused.value.code == "gate.vulnerability"
        assert {one["facts"]["vulnerability"] for one in refused.value.facts["stops"]} == expected[0]


def _on(axis, serial: str) -> set[str]:
    """What is in a gateway or in a board inside it, of what feeds have a name for."""
    unit = axis.place[serial]
    of = {unit, *(child for child, parent in axis.parents.items() if parent == unit)}
    return {one for one in TOUCHED if one != NAMELESS and of & grades(axis, one).keys()}


def _may(actor, serial: str, not_known: frozenset = frozenset()) -> tuple[bool, set[str], set[str]]:
    from asbuilt.answers.gate.leaving import may_leave

    (found,) = may_leave(actor, serial)
    assert {stop.code for stop in found.stops} <= {"gate.vulnerability"}
    known = [one for one in found.warnings if one.code == "gate.vulnerability"]
    # nothing was ever asked of the example's gateways, and every verdict says so
    assert {one.code for one in found.warnings if one not in known} == not_known | {
        "gate.no_route",
        "gate.no_test_plan",
    }
    return (
        found.go,
        {stop.facts["vulnerability"] for stop in found.stops},
        {one.facts["vulnerability"] for one in known},
    )


def _ship(actor, serial: str) -> None:
    from asbuilt.answers.gate.packing import put_in, ship
    from asbuilt.built.shipping.actions.packing import open_container

    box = open_container(actor, kind="shipment", customer="DISTX", country="DE").container.code
    put_in(actor, container=box, codes=[serial])
    ship(actor, shipment=box)


def test_the_as_built_bom_lists_the_images_components_and_its_gaps(known, inside, shared_data):
    """SN 10842: three boards, three images, what their SBOMs list; official schemas; BSI TR-03183-2 field by field."""
    from asbuilt.formats.sbom.quality import evaluate
    from asbuilt.formats.sbom.read import read_sbom
    from asbuilt.formats.sbom.writing import write_sbom
    from asbuilt.questions.boms.assembling import as_built_bom

    _, actor = inside(known)
    bom = as_built_bom(actor, "unit", "10842")
    spdx = json.loads((shared_data / "schemas/spdx/spdx-3.0.1.schema.json").read_text())
    written = json.loads(write_sbom(bom.document, "spdx-3.0.1"))
    assert jsonschema_rs.validator_for(spdx, offline=True).is_valid(written)
    read = read_sbom(write_sbom(bom.document, "cyclonedx-1.6"))  # reading checks the official schema first
    images = {one.ref: one for one in read.components if one.kind == "firmware" and one.hashes}
    assert {(one.name, one.version) for one in images.values()} == {
        ("EG-200 app", "2.3.1"),
        ("MB-200 boot", "1.0"),
        ("RB-50 radio", "1.7.9"),
    }
    parent = {one.ref: one.parent for one in read.components}
    inner: dict[str, set] = {ref: set() for ref in images}
    for one in read.components:
        above = one.parent
        while above and above not in images:
            above = parent.get(above, "")
        if above:
            inner[above].add((one.name, one.version))
    assert {f"{images[ref].name} {images[ref].version}": found for ref, found in inner.items()} == {
        f"{product} {role} {version}": listed(file)
        for file, (product, role, version) in SBOMS.items()
        if (product, version) in {("EG-200", "2.3.1"), ("MB-200", "1.0"), ("RB-50", "1.7.9")}
    }
    found = {one.key: one for one in evaluate(read, "bsi").fields}
    met = {key for key, one in found.items() if one.need == "required" and one.state == "met"}
    assert met == {"format", "vulnerabilities", "sbom.timestamp", "c.name"}
    # 3 boards, 3 images and their 7 + 1 + 2 components have versions; the 92 groups of parts have none
    assert (found["c.version"].met, found["c.version"].of) == (16, 108)
    # asked of files only: of hardware nobody asks for one
    assert {found[key].of for key in ("c.hash", "c.filename", "c.executable")} == {13}
    gaps = [value for name, value in read.subject.properties if name == "asbuilt:gap"]
    assert gaps == ["At EG-200 #20 one of several stands on 1 units; the candidates are named."]


@pytest.fixture
def psirt(known, inside):
    """A program of product security, over the API."""
    from django.test import Client

    from asbuilt.access.actions import accept_link, first_link, invite, issue_token

    with pages():
        inside(known)
        ada = accept_link(first_link(), name="Ada Lis", login="ada", password=PASSWORD)
        cara = accept_link(invite(ada, name="Cara", roles=["psirt"])[1], name="Cara", login="cara", password=PASSWORD)
        token = issue_token(cara, name="tests", person=cara.person)[1]
        yield Client(headers={"Authorization": f"Bearer {token}", "Accept": "application/json"})


def test_the_api_says_the_same(known, psirt, axis):
    for vulnerability in (MBEDTLS, FINISHED):
        answer = psirt.get(f"/api/v1/vulnerabilities/{vulnerability}/exposure")
        assert answer.status_code == 200, answer.content
        said, told = answer.json(), at(known)("exposure", vulnerability, "--format", "json")
        same = ("hops", "countries", "remediated", "taken_out", "score", "notes")
        assert {key: said[key] for key in same} == {key: told[key] for key in same}
        assert said["answer"]["affected"] == count.three(grades(axis, vulnerability).values())
        assert said["answer"]["by"] == told["answer"]["by"]
