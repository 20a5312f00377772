"""The story of a Wi-Fi module that is replaced, on the gateways of sourcing_floor: what its two journeys share, and the numbers counted by hand.

WO-1: G1 to G7 carry W-1 (G5 to G7 of date code 2645), of G8 nobody recorded the module; G1, G2 and G5 are with SHOP. WO-Q: the 60 gateways of the
qualification run carry W-2. WO-2: H1 to H5 get W-1, H6 to H10 W-2. So 7 + 5 = 12 old ones, 60 + 5 = 65 new ones, and one that nobody knows.
"""

import json
from pathlib import Path

from csv_tables import write_tables
from sourcing_floor import ran, test_run

OLD_FLAW, NEW_FLAW = "CVE-2026-4711", "CVE-2026-4712"
OLD, NEW, UNKNOWN, RUN, SERIES = 12, 65, 1, 60, 5
# W-2 speaks WPA3 and boots securely, and has no identifier from the factory
IN_USE = {"secure_boot": "no", "wpa3": "no", "uid": "yes"}
ALTERNATE = {"secure_boot": "yes", "wpa3": "yes", "uid": "no"}
ANSWERS = {
    "new_threat": "no", "new_attack_path": "no", "changed_likelihood": "no", "changed_impact": "no", "changed_purpose": "no", "same_tls": "not_applicable",
    "same_crypto": "yes", "same_secure_boot": "yes", "same_uid": "no",
}  # fmt: skip
PEOPLE = {
    "eva": ("engineer", ""), "ben": ("quality_lead", ""), "cara": ("psirt", ""), "anna": ("operator", ""), "brand": ("party_reader", "BRAND"),
    "other": ("party_reader", "OTHER"),
}  # fmt: skip
PASSWORD = "nine reels of solder"


def enter_people(tenant: int) -> dict:
    """Everybody of the story with a password: name -> the actor."""
    from asbuilt.access.actions import accept_link, first_link, invite
    from asbuilt.designed.parties.queries import numbers_by_name

    first = accept_link(first_link(), name="Adam", login="adam", password=PASSWORD)
    parties, found = numbers_by_name(tenant), {}
    for name, (role, party) in PEOPLE.items():
        _, secret = invite(
            first, name=name, roles=[role], party=parties[party] if party else None, code=f"badge-{name}"
        )
        found[name] = accept_link(secret, name=name, login=name, password=PASSWORD)
    return found


def bench(folder: Path) -> Path:
    """Tables of the run at the bench: sixty units pass both plans, Q7 failed FCT once before."""
    names = [f"Q{n}" for n in range(1, RUN + 1)]
    passed = [test_run(name, plan) for name in names for plan in ("FCT", "SEC")]
    write_tables(
        folder, {"processes": [ran("WO-Q", "Q1", "Q60", 5)], "tests": [test_run("Q7", "FCT", "fail", 5), *passed]}
    )
    return folder


def advisory(folder: Path, flaw: str, mpn: str) -> Path:
    """A folder with the maker's advisory about one of its modules (CSAF)."""
    product = {"product_id": "P1", "name": mpn, "product_identification_helper": {"model_numbers": [mpn]}}
    vendor = {
        "category": "vendor",
        "name": "Radio",
        "branches": [{"category": "product_name", "name": mpn, "product": product}],
    }
    head = {
        "category": "csaf_security_advisory", "title": f"Flaw in {mpn}", "publisher": {"name": "Radio"},
        "tracking": {"id": f"RADIO-{mpn}", "current_release_date": "2026-01-01T00:00:00Z"},
    }  # fmt: skip
    found = {
        "document": head,
        "product_tree": {"branches": [vendor]},
        "vulnerabilities": [{"cve": flaw, "product_status": {"known_affected": ["P1"]}}],
    }
    folder.mkdir(exist_ok=True)
    (folder / f"{mpn}.json").write_text(json.dumps(found))
    return folder
