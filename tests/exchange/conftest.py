"""A small factory with a row of every table, and what tests of this room ask of it."""

import uuid
from functools import cache
from hashlib import sha256

import cast
import pytest
import signers
from csv_tables import write_tables
from elsewhere import another_home  # noqa: F401
from foreign_machines import OVEN_MAPPING

from asbuilt.kernel.canonical import canonical_bytes
from asbuilt.kernel.envelope import pae
from asbuilt.kernel.notes import base64_text
from asbuilt.kernel.permits import GRANT_TYPE, PERMIT_TYPE
from asbuilt.kernel.releases import PAYLOAD_TYPE

D = "2027-03-{:02d}T{:02d}:00:00+00:00"
GRANT, PERMIT = "01KB00000000000000000000G1", "01KB00000000000000000000P1"
IMAGE = "ab" * 32
IMAGE_2 = "cd" * 32

SHOWN = '{"$run": {"identities": [{"kind": "password", "sha256": "' + "ab" * 32 + '", "step": "own.unique"}]}}'


def test_plan_of(version: str, high: str) -> str:
    """The document of a test plan of the board."""
    step = {"name": "v", "kind": "numeric", "comparison": "GELE", "low": "3.2", "high": high, "unit": "V", "expected": "",
            "criticality": "major", "proves": ["I.2.h"], "needed": True}  # fmt: skip
    return canonical_bytes({"schema": 1, "plan": "FCT", "version": version, "product": "board", "revisions": ["A"], "every": 1,
                            "rules": "cra-annex-i/1", "steps": [step]}).decode()  # fmt: skip


test_plan_of.__test__ = False


def sbom_of(*names: str) -> bytes:
    """A CycloneDX document with these components."""
    listed = [{"type": "library", "name": name, "version": "1"} for name in names]
    return canonical_bytes({"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "components": listed})


OWN_SAID = {
    "1.json": {"id": "OWN-1", "vulnerability": "CVE-2026-1", "title": "Overflow", "text": "sent by mail", "told_by": "A. Researcher",
               "modified": "2027-03-04T08:00:00.000000Z", "affected": [{"purl": "pkg:generic/mbedtls", "versions": "<2.28.8"}]},
    "2.json": {"id": "OWN-2", "title": "Found in test", "modified": "2027-03-05T08:00:00.000000Z", "affected": [{"maker": "Yageo", "mpn": "RC0402", "lots": ["L1"]}]},
    "3.json": {"id": "OWN-1", "vulnerability": "CVE-2026-1", "title": "Overflow after all", "modified": "2027-03-06T08:00:00.000000Z",
               "affected": [{"purl": "pkg:generic/mbedtls", "versions": "<2.28.9"}]},
}  # fmt: skip
OWN_FILES = {name: canonical_bytes(said) for name, said in OWN_SAID.items()}
SBOM_FILES = {"board.json": sbom_of("mbedtls", "lwip"), "board2.json": sbom_of("mbedtls"), "resistor.json": sbom_of()}
BUILD_FILES = {
    "board.config": b"# Linux/arm64 6.1.55 Kernel Configuration\nCONFIG_BT=y\n",
    "left-out.txt": b"src/a.c\n",
}
TEST_PLANS = {"1": test_plan_of("1", "3.4"), "2": test_plan_of("2", "3.5")}


def at(day: int, hour: int = 8) -> str:
    return D.format(day, hour)


def released():
    """A draft of board 2.0.0, as the register reads it back."""
    from asbuilt.designed.firmware.register import Registered

    made = signers.statement(b"image of 2.0.0", product="board", version="2.0.0", revisions=("A",))
    cells = (
        "board", "app", "2.0.0", made.sha256, made.sha512, str(made.length), "A", "true", '["Closes the port"]', "ci 7", at(4),
        "2033-01-01", "", "", "", "045",
    )  # fmt: skip
    return Registered(cells, 0, 0, None)


def register() -> dict[str, list[tuple]]:
    """A trust store, and a release under it that was withdrawn."""
    store, of = signers.store(), ("board", "app", "2.0.0")
    document = signers.store_file(store, signers.ROOTS[::2]).decode()
    message = pae(PAYLOAD_TYPE, released().statement.payload)
    signed = [
        (*of, who.public.key_id, base64_text(who.sign(message)), "1", "046", at(5)) for who in signers.RELEASERS[::2]
    ]
    states = [(*of, "released", "1", "", "046", at(5)), (*of, "withdrawn", "", "bricks it", "045", at(9))]
    return {
        "trust_stores": [("1", store.sha256, document, "046", at(3))],
        "release_drafts": [released().cells],
        "release_signatures": signed,
        "release_states": states,
    }


@cache  # a P-256 signature differs each time
def permitted() -> dict[str, list[tuple]]:
    """A grant, a plan, a station with its permit, which was revoked and ended, two of its records and a released alarm."""
    from station_floor import cortex_plan, key_of

    station, said = signers.Ed25519("station"), released().statement
    image = {"role": "app", "version": "2.0.0", "length": said.length, "sha256": said.sha256, "sha512": said.sha512}
    common = {"schema": 1, "grant_id": GRANT, "brand_owner": "ACME", "ems": "EMS", "site": "S", "product": "board",
              "revisions": ["A"], "supersedes": None}  # fmt: skip
    grant = canonical_bytes(common | {
        "images": [image], "units": 10, "issued_at": at(5), "not_after": at(25), "issuers": [key_of(signers.ISSUER.public)],
        "threshold": 1,
    })  # fmt: skip
    plan = canonical_bytes(cortex_plan())
    digest = sha256(plan).hexdigest()
    permit = canonical_bytes(common | {
        "permit_id": PERMIT, "grant_sha256": sha256(grant).hexdigest(), "work_order": "WO-1", "bom_version": "1",
        "issued_at": at(6), "not_before": at(6), "not_after": at(20), "grace_offline_hours": 72,
        "parts": [{"ref": "U1", "programmer": "gdbremote", "part": "lm3s", "part_id": ""}],
        "images": [{**image, "part": "U1", "region": "app", "release_sha256": digest, "image_digest": "",
                    "security_counter": None}],
        "plan": "eol-widget", "plan_version": 1, "plan_sha256": digest, "tools": [], "units": 4, "attempts_per_unit": 3,
        "stations": [{"station": "PG1", "key": key_of(station.public), "units": 4, "rework_units": 0}],
        "operator_roles": ["operator"], "two_person_for": [], "provision": "", "lock": "none", "revocation_epoch": 0,
        "end_certificate_to": "",
    })  # fmt: skip
    keys = (f"ed25519 {base64_text(station.public.raw)}", f"x25519 {base64_text(signers.RECOVERY.public.raw)}")
    alarm, hashes = "PG1/-/-/0/4", ("cc" * 32, "dd" * 32, "ee" * 32)
    record = (PERMIT, "SN1", "01", "1", "false", "pass", "", "", "tool-only", "app", "[]", '[["gdb","1.0"]]', "A", "3")
    told = ("", "WO-404", "", "0", "false", "alarm", "station.no_permit", "No permit", "", "", "[]", "[]", "", "4")
    return {
        "grants": [(GRANT, signers.signed(GRANT_TYPE, grant, [signers.BRAND]).decode(), "046", at(5))],
        "station_plans": [(digest, plan.decode(), "046", at(5))],
        "stations": [("PG1", "enrolled", "S", "EMS", *keys, "", at(5)), ("PG2", "closed", "S", "EMS", *keys, "", at(6))],
        "permits": [(PERMIT, GRANT, signers.signed(PERMIT_TYPE, permit, [signers.ISSUER]).decode(), "046", at(6))],
        "permit_states": [
            (PERMIT, "", "revoked", "", "", "wrong line", "046", at(8)), (PERMIT, "PG1", "ended", "1", "ab" * 32, "", "", at(9)),
        ],
        "station_records": [
            ("WO-1#1", f"PG1/{PERMIT}/01/1/3", "PG1", *record, "bb" * 32, "", *hashes[:2], "", "045", at(7)),
            ("", alarm, "PG1", *told, "bc" * 32, "", *hashes[1:], "No permit", "", at(7)),
        ],
        "alarm_releases": [("PG1", alarm, "sheet was wrong", "045", at(8))],
    }  # fmt: skip


def factory() -> dict[str, list[dict]]:
    """Two orders of a board (6 units on two panels, 4 without names) and one of a box with 2 units."""
    rows = {
        "parties": [("own", "Own Brand", "manufacturer", "DE"), ("sup", "Parts & Co", "supplier", "US"), ("cx", "Shop X", "customer;distributor", "FR")],
        "parts": [("R1", "Resistor", "RC0402", "Yageo", "active", "1"), ("R1", "Resistor", "CRCW", "Vishay", "active", "1"), ("PCB", "Bare board", "", "", "", ""), ("BRD", "Board", "", "", "", ""), ("LBL", "Label", "", "", "", "")],
        "bom": [("board", "A", "1", "1", "R1", "2", "R1 R2"), ("board", "A", "1", "2", "PCB", "1", ""), ("board", "A", "1", "3", "LBL", "1", ""), ("box", "A", "1", "1", "BRD", "1", "")],
        "serial_rules": [("board", "SN-", "4", "luhn", "1"), ("box", "", "6", "mod37_36", "100")],
        "mark_rules": [("board", "gs1", "9506000134352", "7", "0.25", "PRINT"), ("box", "plain", "", "", "0.3", "")],
        "panel_places": [("board", "A", "P3", side, str(n), str(unit), str(30 * n), "0.5", "0", "false") for side, units in (("top", (1, 2, 3)), ("bottom", (3, 2, 1))) for n, unit in enumerate(units, 1)],
        "placements": [("board", "A", "board.pos", "R1", "10.5", "-3.25", "90", "top", "R_0402_1005Metric"), ("board", "A", "board.pos", "R2", "12", "0", "0", "", "")],
        "programs": [("board", "A", "top", "M1", "TOP", "F1", "R1", "7"), ("board", "A", "top", "M1", "TOP", "F2", "R2", ""), ("board", "A", "bottom", "M2", "BOT", "F1", "#2", "0")],
        "test_plans": [("FCT", version, "board", TEST_PLANS[version], changes, "045", at(1)) for version, changes in (("1", ""), ("2", "limit of v raised"))],
        "test_plan_approvals": [("FCT", "1", sha256(TEST_PLANS["1"].encode()).hexdigest(), "approved", "", "046", at(2)), ("FCT", "2", sha256(TEST_PLANS["2"].encode()).hexdigest(), "approved", "", "", at(3)), ("FCT", "2", sha256(TEST_PLANS["2"].encode()).hexdigest(), "withdrawn", "wrong limit", "046", at(4))],
        "mounts": [("M1", "F1", "P1", "mounted", "WO-1", "", "S1", "045", at(2)), ("M1", "F1", "P9", "spliced", "WO-1", "7", "", "", at(3)), ("M1", "F2", "P3", "mounted", "", "", "", "045", at(2)), ("M1", "F1", "P9", "removed", "", "", "", "046", at(4))],
        "record_demands": [("board", "A", "M3", "P2", "quality plan 4", at(1)), ("board", "A", "", "", "", at(9))],
        "lots": [(p, "reel", part, mpn, maker, "Parts & Co", lot, "2701", "500", at(1), "DN1", "", "released", owner)
                 for p, part, mpn, maker, lot, owner in (("P1", "R1", "RC0402", "Yageo", "L1", ""), ("P2", "R1", "CRCW", "Vishay", "L2", "own"), ("P3", "PCB", "", "KSG", "L3", ""), ("P9", "R1", "RC0402", "Yageo", "L9", ""))],
        "lives": [("R1", "", "3", "", "", "", "", "", "", "", "045", at(1)), ("", "P9", "", "2027-01-05", "2028-01-05", "100", "4", "2", "24", "8", "", at(2))],
        "declarations": [("Parts & Co", "DN1", "", "", "coc", "files/coc.pdf", "ef" * 32, "QA", "2029-01-01", "pdf", "045", at(1)), ("sup", "", "R1", "Yageo", "authorisation", "", "", "Yageo", "2028-01-01", "", "", at(1))],
        "inspection_plans": [("R1", "Parts & Co", "iso2859", "II", "0.65", "", "normal", "marking;xray", "046", at(1)), ("", "", "c0", "", "", "2.5", "", "", "", at(1))],
        "inspections": [("IN-1", '["P1", "P2"]', "iso2859", "II", "0.65", "", "normal", "J", "1000", "80", "1", "0", "accepted", "r1", "", "045", at(2))],
        "inspection_checks": [("IN-1", "marking", "pass", '{"lines": 2}', "files/m.png", "aa" * 32, "045", at(2))],
        "samples": [("P1", "5", "cupboard 3", "2030-01-01", "045", at(2))],
        "statuses": [("P1", "quarantine", "marking differs", "045", at(2)), ("P1", "released", "same as sample", "046", at(2, 9))],
        "handling": [("P2", "opened", "", "045", at(2)), ("P2", "baked", '{"hours": 24, "temperature_c": 125}', "", at(3)), ("P9", "split", '{"into": "P1", "pieces": 3}', "", at(4)), ("P9", "dry_stored", "", "", at(5))],
        "silicon_revisions": [("P1", "", "", "", "", "", "3.0", "device", "bench 4", "045", at(2)), ("", "R1", "CRCW", "Vishay", "L2", "2701", "B0", "maker", "PCN 7", "", at(3))],
        "orders": [("WO-1", "board", "A", "1", "6", "Own Brand", at(1), "B7"), ("WO-2", "board", "A", "1", "4", "", at(1), ""), ("WO-3", "box", "A", "1", "2", "own", at(1), ""), ("WO-4", "board", "A", "1", "0", "", at(2), "")],
        "blocks": [("WO-4", "board", "A", "1", "2", "", "", "more", at(2)), ("WO-2", "board", "A", "1", "1", "", "", "", at(2)), ("WO-4", "board", "A", "1", "1", "", "", "", at(3))],
        "units": [("WO-1", f"SN{n}", f"PN{(n - 1) // 3 + 1}", str((n - 1) % 3 + 1), "skipped" if n == 3 else "") for n in range(1, 7)]
        + [("WO-2", "-", "", "", "planned"), ("WO-2", "-", "", "", "planned")]
        + [("WO-3", "SN1", "", "", ""), ("WO-3", "BX2", "", "", "scrapped")],
        "names": [("SN2", "mac", "00:11:22", at(2), "", ""), ("SN4", "serial", "SN4-NEW", at(3), "SN4", "label torn"), ("WO-2#1", "serial", "W2-1", at(3), "", "")],
        "materials": [("WO-1", "R1 R2", "P1", "SN1", "SN4", "certain", "M1", "F1", at(3)), ("WO-1", "R1 R2", "P1", "SN4", "SN5", "certain", "M1", "F1", at(3, 9)),
                      ("WO-1", "R1", "P2", "SN6", "SN6", "possible", "M2", "", at(3)), ("WO-1", "#2", "P3", "WO-1#1", "WO-1#6", "certain", "", "", at(2)),
                      ("WO-2", "R2", "P2", "WO-2#1", "WO-2#4", "certain", "M1", "F2", at(4))],
        "processes": [("WO-1", "REFLOW", "OV1", "P7", "SN1", "SN6", at(4), at(4, 9), "045", "completed", '{"zone5": 261.5}', "top", "1"), ("WO-2", "REFLOW", "OV1", "P7", "WO-2#1", "WO-2#2", at(5), at(5, 9), "", "completed", "", "", "")],
        "replacements": [("SN5", "R1", "P1", "P2", "045", "dead", at(6)), ("SN5", "R1", "P2", "P9", "046", "dead again", at(7))],
        "assemblies": [("BX2", "SN6", "slot 1", at(8), ""), ("WO-3#1", "SN4-NEW", "slot 1", at(8), at(9))],
        "firmware": [("board", "1.0.0", "", "images/a.bin", IMAGE, "A", at(1), "false"), ("board", "1.1.0", "app", "", IMAGE_2, "", at(2), "true")],
        "programming": [("SN6", "board", "1.0.0", IMAGE, "00ff", "ST1", "045", "pass", at(6), "", "", "station"), ("SN6", "board", "1.1.0", "", "", "ST1", "", "pass", at(7), "app", "", ""),
                        ("SN2", "board", "1.0.0", "", "", "", "", "fail", at(6), "", "", ""), ("", "board", "1.0.0", "", "", "", "", "pass", at(2), "", "P9", "supplier")],
        "tests": [("SN2", "FCT", "1", "T1", "045", "fail", at(6, 9), at(6, 10), '{"v": 3.2, "defects": [{"code": "BRIDGE", "at": "R1"}, {"code": "LIFTED", "verification": "DefectRejected"}]}', ""), ("SN2", "FCT", "1", "T1", "045", "pass", at(6, 11), at(6, 12), "", ""), ("SN1", "FCT", "1", "", "", "pass", at(6, 11), at(6, 12), SHOWN, "box")],
        "package_names": [("P1", "EPC", "3074257BF7194E4000001A85", at(2), ""), ("P1", "customer", "K-77", at(2), "theirs")],
        "numberings": [("WO-1", "board", "SN-", "4", "luhn", "1", "3", at(2)), ("WO-3", "box", "", "6", "mod37_36", "100", "100", at(2))],
        "mark_readings": [("SN2", "SN2", "pass", "M1", "045", at(2), ""), ("SN5", "SN4", "wrong", "", "", at(3), "")],
        "closings": [("WO-4", at(12), "045", "enough")],
        "shipments": [("S1", "Shop X", "FR", "SN1", "SN2", at(10), "2027-03-12", "board"), ("S2", "cx", "FR", "SN4", "BX9", at(11), "", "")],
    }  # fmt: skip
    rows |= register() | permitted()
    rows["firmware"].append(("board", "2.0.0", "app", "", released().statement.sha256, "A", at(5), "true"))
    rows["firmware_demands"] = [
        ("", "board", "A", "R1", "", "app", "1.0.0", "045", at(2)),
        ("WO-2", "", "", "", "board", "", "1.1.0", "", at(3)),
        ("", "board", "A", "R1", "", "radio", "", "", at(2)),
    ]
    rows["configurations"] = [
        ("", "board", "A", "EU", "R1", "", "app", "1.0.0", "045", at(2)),
        ("WO-1", "", "", "EU", "", "", "", "", "045", at(3)),
    ]
    rows["module_firmware"] = [
        ("Yageo", "RC0402", "", "2701", "2710", "board", "boot", "0.9", "PCN 12", "045", at(2)),
        ("Yageo", "RC0402", "L9", "", "", "board", "boot", "1.0", "", "", at(2)),
        ("Vishay", "CRCW", "", "", "", "board", "boot", "1.0", "", "", at(2)),
    ]
    rows["firmware"] += [
        ("board", "0.9", "boot", "", "b9" * 32, "", at(1), "false"),
        ("board", "1.0", "boot", "", "b1" * 32, "A", at(1), "false"),
    ]
    rows["programming_orders"] = [
        ("PG-1", "P9", "board", "", "1.0.0", "500", "2", "own", "", "045", at(1)),
        ("PG-2", "P1", "board", "app", "1.1.0", "500", "0", "supplier", "Parts & Co", "", at(1)),
        ("PG-3", "P1", "board", "app", "1.1.0", "500", "1", "own", "", "", at(1)),
    ]
    rows["programming_order_states"] = [
        ("PG-1", "done", "", "499", "GANG-1", "", "", "", "045", at(2)),
        ("PG-1", "closed", "pass", "", "", "", "", "", "046", at(3)),
        ("PG-2", "done", "", "500", "", "files/coc2.pdf", "c2" * 32, "", "", at(2)),
        ("PG-3", "closed", "aborted", "", "", "", "", "wrong reel", "046", at(3)),
    ]
    rows["read_backs"] = [
        ("PG-1", "1", IMAGE, "GANG-1", "045", at(2, 9)),
        ("PG-1", "2", IMAGE, "", "", at(2, 9)),
        ("PG-2", "1", "de" * 32, "GANG-1", "045", at(2, 9)),
    ]
    rows["documents"] = [
        ("WI-7", "C", "instruction", "Reflow", "docs/wi7.pdf", "ef" * 32, at(1)),
        ("WI-7", "D", "instruction", "Reflow", "", "e0" * 32, at(20)),
        ("IPC", "H", "criteria", "", "", "e1" * 32, at(1)),
    ]
    rows["calibrations"] = [
        (
            "T1",
            "tester",
            "",
            "in_tolerance",
            "in_tolerance",
            "17",
            "DAkkS D-K-1",
            "files/t1.pdf",
            "f1" * 32,
            "2028-03-01",
            "045",
            at(5),
        ),
        ("T1", "tester", "", "out_of_tolerance", "in_tolerance", "", "", "", "", "", "", at(7)),
    ]
    rows["qualifications"] = [
        ("045", "IPC-A-610", "CIS", "C-9", "IPC", "files/c9.pdf", "f2" * 32, "2029-03-01", "046", at(1)),
        ("046", "ESD", "", "", "", "", "", "", "", at(1)),
    ]
    rows["areas"] = [("OV1", "line 1", "045", at(1)), ("OV1", "", "", at(9))]
    rows["environment"] = [
        ("line 1", "22.5", "", "ISO 8", "S-1", "", at(4)),
        ("line 1", "", "41", "", "", "045", at(4, 9)),
    ]
    rows["alarm_closings"] = [
        ("WO-1", "REFLOW", "top", "OV1", at(4), at(4, 9), "dismissed", "", "gauge loose", "046", at(5)),
        ("WO-2", "REFLOW", "", "OV1", at(5), at(5, 9), "held", "H-3", "by hand", "", at(6)),
    ]
    rows["sent_out"] = [
        ("DN-1", "WO-1", "own", "COAT", "", "SN1", "SN4", "van", "045", at(5)),
        ("DN-1", "WO-1", "own", "COAT", "", "SN6", "SN6", "", "", at(5)),
        ("LS-2", "WO-2", "Parts & Co", "PLATE", "top", "WO-2#1", "WO-2#3", "", "", at(6)),
    ]
    rows["product_roles"] = [
        ("", "own", "own", "", at(1)),
        ("board", "Own Brand", "manufacturer", "045", at(1)),
        ("box", "sup", "manufacturer", "", at(2)),
    ]
    rows["concessions"] = [
        ("SN2", "CON-1", "test_missing", "FCT", "rig is down", at(20), "045", at(6)),
        ("WO-2#1", "CON-1", "test_missing", "FCT", "rig is down", at(20), "045", at(6)),
        ("WO-2#2", "CON-2", "quarantine", "", "lot is fine", at(9), "", at(7)),
    ]
    rows["concession_decisions"] = [
        ("CON-1", "approved", "", "046", "", "", "", "046", at(7)),
        ("CON-1", "approved", "Parts & Co", "", "files/consent.pdf", "c9" * 32, "by mail", "045", at(8)),
        ("CON-1", "ended", "", "", "", "", "rig is up", "", at(9)),
    ]
    rows["vex_decisions"] = [
        ("VEX-1", "CVE-2024-1", "board", "", "", "1.0.0", "", "", '["mbedtls 2.28.7"]', '[["osv","CVE-2024-1",98,false,false]]', "not_affected",
         "component_not_present", "not built in", "", "", "", "files/map.txt", "d7" * 32, "2028-01-01", "045", at(6)),
        ("VEX-2", "CVE-2024-1", "board", "A", "", "", "", "", "", "", "fixed", "", "", "", "", "", "", "", "", "", at(7)),
        ("VEX-3", "CVE-2024-1", "", "", "", "", "Acme/AX-1", "", "", "", "under_investigation", "", "", "", "", "arm/1#0", "", "", "", "046", at(7)),
        ("VEX-4", "CVE-2024-1", "", "", "", "", "", "unit:SN1", "", "", "affected", "", "", "swap it", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "", "", "", "", "", at(7)),
    ]  # fmt: skip
    rows["own_entries"] = [
        (one["id"], one.get("vulnerability", one["id"]), one["title"], f"own-entries/{name}", sha256(OWN_FILES[name]).hexdigest(), one["modified"])
        for name, one in OWN_SAID.items()
    ]  # fmt: skip
    rows["upstream_reports"] = [
        ("UPR-1", "CVE-2024-1", "mbedtls", "found", "", "", "", "", "", "", "045", at(6)),
        (
            "UPR-1",
            "CVE-2024-1",
            "mbedtls",
            "reported",
            "security@arm.example",
            "mail",
            "77",
            "",
            "files/mail.eml",
            "d8" * 32,
            "",
            at(7),
        ),
    ]
    rows["waivers"] = [
        ("WVR-1", "CVE-2024-1", "board", "app", "1.0.0", "", "closed network", at(20), "045", at(6)),
        ("WVR-2", "CVE-2024-1", "board", "", "", "order:WO-1", "lab units", at(20), "", at(6)),
    ]
    rows["waiver_decisions"] = [
        ("WVR-1", "approved", "", "046", "", "", "", "046", at(7)),
        ("WVR-1", "approved", "Parts & Co", "", "files/agreed.pdf", "d9" * 32, "by mail", "045", at(8)),
        ("WVR-1", "ended", "", "", "", "", "update is out", "", at(9)),
    ]
    rows["containers"] = [
        ("BOX-1", "box", "opened", "340123450000000017", "", "", "blue", "045", at(8)),
        ("PAL-1", "pallet", "opened", "", "", "", "", "", at(8)),
        ("SH-9", "shipment", "opened", "", "Parts & Co", "FR", "", "045", at(8)),
        ("BOX-1", "box", "closed", "", "", "", "", "045", at(8, 12)),
        ("BOX-1", "box", "reopened", "", "", "", "label torn", "", at(8, 13)),
    ]
    rows["packed"] = [
        ("SN1", "", "BOX-1", "in", "", "045", at(8, 9), "board"),
        ("WO-2#1", "", "BOX-1", "in", "", "", at(8, 10)),
        ("WO-2#1", "", "BOX-1", "out", "scratched", "045", at(8, 11)),
        ("", "BOX-1", "PAL-1", "in", "", "045", at(8, 14)),
        ("", "PAL-1", "SH-9", "in", "", "", at(8, 15)),
    ]
    rows["placings"] = [
        ("", "S1", "own", "Ada Own", "sale", "order 7", "files/invoice.pdf", "ca" * 32, "045", at(12)),
        ("SN1", "S1", "sup", "Shop manager", "transfer", "", "", "", "", at(13), "board"),
    ]
    rows["returns"] = [
        ("SN1", "", "RMA-1", "received", "no light", "sup", "", "045", at(19), "board"),
        ("SN1", "", "RMA-1", "found", "R1 open", "", "", "046", at(20), "board"),
        ("SN1", "SN2", "RMA-1", "replaced", "", "", "", "", at(21), "board"),
    ]
    for name, wide in {"concessions": 9, "packed": 8, "placings": 11, "returns": 10}.items():
        rows[name] = [(*row, *[""] * (wide - len(row))) for row in rows[name]]
    rows["taken_back"] = [
        ("DN-1", "WO-1", "SN1", "SN2", "completed", at(5, 9), at(6), "046", at(7)),
        ("LS-2", "WO-2", "WO-2#1", "WO-2#2", "failed", at(6), at(7), "", at(8)),
    ]
    rows["outside_papers"] = [
        ("DN-1", "certificate", "files/coat.pdf", "f7" * 32, "045", at(7)),
        ("LS-2", "other", "files/plate.txt", "f8" * 32, "", at(8)),
    ]
    rows["nonconformities"] = [
        ("NCR-1", "test", "major", "board", "void", "", "order:WO-1 -held", "Voids under R1", "045", at(8)),
        ("NCR-2", "supplier", "minor", "", "", "own", "", "Labels smudged", "", at(8, 9)),
    ]
    rows["nonconformity_units"] = [
        ("NCR-1", "WO-1", "SN1", "SN4", "", "045", at(8)),
        ("NCR-1", "WO-1", "WO-1#1", "WO-1#2", "D-1", "045", at(9)),
        ("NCR-2", "WO-2", "WO-2#1", "WO-2#3", "", "", at(8, 9)),
    ]
    rows["nonconformity_causes"] = [
        ("NCR-1", "five_why", "1", "paste too old", "false", "045", at(9)),
        ("NCR-1", "ishikawa", "material", "jar open for 30 h", "true", "", at(9, 9)),
    ]
    rows["dispositions"] = [
        ("NCR-1", "D-1", "proposed", "use_as_is", "below the limit", "", "", "", "045", at(9)),
        ("NCR-1", "D-1", "agreed", "use_as_is", "", "own", "files/agreed.pdf", "f9" * 32, "", at(9, 9)),
        ("NCR-1", "D-1", "approved", "use_as_is", "", "", "", "", "046", at(10)),
    ]
    rows["nonconformity_actions"] = [
        ("NCR-1", "A-1", "corrective", "open", "2027-04-01", "Scan jars at the printer", "046", "045", at(9)),
        ("NCR-1", "A-1", "corrective", "done", "2027-04-01", "Scan jars at the printer", "046", "", at(11)),
    ]
    rows["nonconformity_states"] = [
        ("NCR-1", "contained", "H-3", "held at once", "045", at(8)),
        ("NCR-2", "closed", "", "relabelled", "", at(9)),
    ]
    rows["effectiveness_checks"] = [
        ("NCR-1", "test:failed", "order:WO-2", "2", "10000", "2027-06-01", "045", at(9)),
        ("NCR-2", "test:failed", "order:WO-2", "0", "0", "2027-06-01", "", at(9)),
    ]
    rows["effectiveness_results"] = [
        ("NCR-1", "test:failed", "order:WO-2", "3", "0", "effective", "", "045", at(12)),
        ("NCR-2", "test:failed", "order:WO-2", "0", "0", "too_few", "", "", at(12)),
    ]
    rows["routings"] = [
        (
            "board",
            "A",
            "1",
            "10",
            "REFLOW",
            "top",
            "line 2",
            "WI-7@C",
            "IPC@H",
            "",
            "",
            '{"zone5": [240, 255]}',
            at(1),
            "J-STD-001;ESD",
            "",
            "",
        ),
        ("board", "A", "1", "20", "FCT", "", "", "", "", "", "true", "", at(1), "", "own", "certificate"),
    ]
    digests = {name: sha256(content).hexdigest() for name, content in SBOM_FILES.items()}
    rows["sboms"] = [
        ("board", "", "1.0.0", "", "", "", "sboms/board.json", digests["board.json"], "045", at(3)),
        ("board", "app", "1.0.0", "", "", "", "sboms/board2.json", digests["board2.json"], "", at(4)),
        ("board", "", "", "A", "", "", "sboms/board.json", digests["board.json"], "045", at(3)),
        ("", "", "", "", "R1", "L1", "sboms/resistor.json", digests["resistor.json"], "045", at(3)),
    ]
    digests = {name: sha256(content).hexdigest() for name, content in BUILD_FILES.items()}
    rows["build_configurations"] = [
        ("board", "", "1.0.0", "kconfig", "linux", "sboms/board.config", digests["board.config"], "045", at(3)),
        ("board", "app", "1.0.0", "excluded", "", "sboms/left-out.txt", digests["left-out.txt"], "", at(4)),
    ]
    rows["component_identities"] = [
        ("mbedtls", "", "cpe", "cpe:2.3:a:arm:mbed_tls:*:*:*:*:*:*:*:*", "confirmed", "asked the maker", "045", at(4)),
        ("lwip", "tier two", "name", "lwip/lwip", "rejected", "", "", at(5)),
    ]
    rows["mappings"] = [tuple({**OVEN_MAPPING, "operator": "045", "happened_at": at(1)}.values())]
    rows["holds"] = [
        ("H-1", "place", "lot", "R1", "Yageo", "RC0402", "L1", "2701", "", "", "", "true", "", "joints at R1", "045", at(12), ""),
        ("H-2", "place", "question", "", "", "", "", "", "", "", "passed:REFLOW -order:WO-2", "", "psirt", "zone 5", "", at(12), ""),
        ("H-2", "place", "units", "", "", "", "", "", "SN1", "SN5", "", "", "psirt", "zone 5", "", at(12), "board"),
        ("H-2", "lift", "units", "", "", "", "", "", "WO-1#2", "WO-1#2", "", "", "", "X-rayed", "046", at(13), ""),
        ("H-3", "place", "units", "", "", "", "", "", "WO-2#1", "WO-2#2", "", "", "", "dropped", "045", at(12), ""),
        ("H-3", "lift", "", "", "", "", "", "", "", "", "", "", "", "not broken", "046", at(13), ""),
    ]  # fmt: skip
    rows["shipments"][1] = ("S2", "cx", "FR", "BX2", "BX2", at(11), at(12), "")
    from asbuilt.formats.tables import TABLES

    return {
        name: [dict(zip(TABLES[name].columns, row, strict=False)) for row in rows[name]]
        for name in TABLES
        if name in rows
    }


def papers(folder) -> None:
    """The SBOMs and own entries that rows of the factory name, beside its tables."""
    for below, files in (("sboms", SBOM_FILES | BUILD_FILES), ("own-entries", OWN_FILES)):
        (folder / below).mkdir(parents=True)
        for name, content in files.items():
            (folder / below / name).write_bytes(content)


@pytest.fixture
def tables(tmp_path):
    """The rows of the factory; the files they name lie beside them."""
    papers(tmp_path / "tables")
    return factory()


@pytest.fixture(scope="session")
def built_home(opened, tmp_path_factory):
    """A home with the factory in it, loaded once."""
    from asbuilt.access.actor import local_system
    from asbuilt.access.queries import tenant_of_slug
    from asbuilt.built.exchange.actions import import_folder

    folder = tmp_path_factory.mktemp("exchange")
    copied = cast._copy(opened, folder, f"asbuilt_t_{uuid.uuid4().hex[:12]}")
    copied.enter()
    try:
        papers(folder / "tables")
        write_tables(folder / "tables", factory())
        import_folder(local_system(tenant_of_slug("main").number), folder / "tables")
    finally:
        cast._leave()
    yield copied
    cast._drop(copied)


@pytest.fixture
def home(request, opened, tmp_path):
    """A home of the test's own; the factory is loaded where the test asks for `built`."""
    from asbuilt.ledger import clock

    source = request.getfixturevalue("built_home") if "built" in request.fixturenames else opened
    with cast.entered(source, tmp_path) as place:
        yield place
    clock.set_clock(None)


@pytest.fixture
def built(home, tables, tmp_path):
    """The factory is loaded; its rows."""
    write_tables(tmp_path / "tables", tables)
    return tables


@pytest.fixture
def fact(actor):
    """fact("materials", 0) -> the id of the first row of materials.csv, as the design says it is made."""
    import json
    from hashlib import sha256

    from asbuilt.formats.tables import TABLES
    from asbuilt.kernel.instants import format_instant, parse_instant

    said = factory()

    def of(table: str, n: int, cells: dict | None = None) -> str:
        columns = TABLES[table].columns[: TABLES[table].fact_width]
        row = [(cells or said[table][n]).get(column, "") for column in columns]
        for at, column in enumerate(columns):
            if row[at] and column.endswith("_at") and len(row[at]) > 10:
                row[at] = format_instant(parse_instant(row[at]))
        text = json.dumps([table, *row], ensure_ascii=False, separators=(",", ":"))
        return sha256(text.encode()).hexdigest()[:16]

    return of


@pytest.fixture
def withdraw(actor):
    """withdraw(fact, …, span=(first, until)) withdraws these facts in one call."""
    from asbuilt.built.exchange.withdrawing import Withdraw, withdraw_facts

    def these(*facts: str, span: tuple[int, int] = (None, None), reason: str = "entered wrongly", person: str = "045"):
        return withdraw_facts(actor, [Withdraw(one, reason, person, 1_800_000_000_000_000, *span) for one in facts])

    return these


@pytest.fixture
def ask(actor):
    """ask(question) -> (certain, possible, unrecorded) unit counts of what is affected."""
    from asbuilt.questions.genealogy.answering import answers

    def counts(question: str, as_of: str | None = None):
        said = answers.ask(actor, question, as_of=as_of).affected.counts()
        return tuple(said[grade] for grade in ("certain", "possible", "unrecorded"))

    return counts


@pytest.fixture
def advance(home):
    """advance() lets a day pass and gives the moment before it, for as_of."""
    from asbuilt.kernel.instants import format_instant
    from asbuilt.ledger import clock

    def a_day() -> str:
        now = clock.now()
        clock.set_clock(lambda: now + 86_400_000_000)
        return format_instant(now + 1_000_000)

    return a_day
