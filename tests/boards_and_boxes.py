"""A factory small enough to count by hand, for the reads behind the pages.

Ten boards B-01 … B-10 of order WB (product BRD, revision B), two boxes X-1 and X-2 of order WX. U1 has lot LA on B-01 … B-04,
LA or LB on B-05 and B-06 (a splice), LB on B-07 … B-09, and no record on B-10. C1 carries lot LC on all. On B-02 the U1 was
replaced by one of LB. B-01 sits in X-1, B-05 in X-2; X-1 and B-07 went to Nordlicht, X-2 to Sundvolt. LA is a lot code of two
makers: the other LA is a capacitor that no unit has.
"""

AT = "2027-03-01T08:00:00Z"
SHA = "ab" * 32


def tables() -> dict[str, list[dict]]:
    """The rows of every table."""
    part = {"description": "", "lifecycle": "active", "msl": "1"}
    lot = {"package_kind": "reel", "supplier": "SUPP", "quantity": "1000", "received_at": "2027-02-01T08:00:00Z", "delivery": "D1",
           "coc": "", "status": "released", "date_code": "2701"}  # fmt: skip
    run = {"order": "WB", "machine": "PICK1", "feeder": "F1", "happened_at": AT}
    order = {"revision": "B", "bom_version": "1", "opened_at": "2027-02-20T08:00:00Z"}
    return {
        "parties": [
            {"party": "BRAND", "name": "Brand One", "roles": "manufacturer", "country": "AT"},
            {"party": "SUPP", "name": "Supp GmbH", "roles": "supplier", "country": "DE"},
            {"party": "NORD", "name": "Nordlicht", "roles": "customer", "country": "DE"},
            {"party": "SUND", "name": "Sundvolt", "roles": "customer", "country": "SE"},
        ],
        "parts": [
            {"part": "P-IC", "mpn": "IC9", "manufacturer": "ACME", **part},
            {"part": "P-CAP", "mpn": "CAP7", "manufacturer": "MURA", **part},
        ],
        "bom": [
            {"product": "BRD", "revision": "B", "bom_version": "1", "line": "10", "part": "P-IC", "quantity": "1", "refdes": "U1"},
            {"product": "BRD", "revision": "B", "bom_version": "1", "line": "20", "part": "P-CAP", "quantity": "1", "refdes": "C1"},
            {"product": "BOX", "revision": "B", "bom_version": "1", "line": "10", "part": "P-CAP", "quantity": "1", "refdes": ""},
        ],
        "lots": [
            {"package": "PK-A", "part": "P-IC", "mpn": "IC9", "manufacturer": "ACME", "lot_code": "LA", **lot},
            {"package": "PK-B", "part": "P-IC", "mpn": "IC9", "manufacturer": "ACME", "lot_code": "LB", **lot},
            {"package": "PK-C", "part": "P-CAP", "mpn": "CAP7", "manufacturer": "MURA", "lot_code": "LC", **lot},
            {"package": "PK-D", "part": "P-CAP", "mpn": "CAP7", "manufacturer": "MURA", "lot_code": "LA", **lot},
        ],
        "orders": [
            {"order": "WB", "product": "BRD", "quantity": "10", "customer": "BRAND", "batch": "BATCH-7", **order},
            {"order": "WX", "product": "BOX", "quantity": "2", "customer": "BRAND", **order},
        ],
        "units": [
            *({"order": "WB", "serial": f"B-{n:02}", "panel": f"PN{(n + 1) // 2}", "position": str(2 - n % 2), "state": "built"} for n in range(1, 11)),
            {"order": "WX", "serial": "X-1", "state": "built"},
            {"order": "WX", "serial": "X-2", "state": "built"},
        ],
        "names": [{"unit": "B-01", "kind": "mac", "value": "00:11:22:33:44:55", "from_at": AT, "replaces": "", "reason": ""}],
        "materials": [
            {**run, "refdes": "U1", "package": "PK-A", "first_serial": "B-01", "last_serial": "B-04", "certainty": "certain"},
            {**run, "refdes": "U1", "package": "PK-A", "first_serial": "B-05", "last_serial": "B-06", "certainty": "possible"},
            {**run, "refdes": "U1", "package": "PK-B", "first_serial": "B-05", "last_serial": "B-06", "certainty": "possible"},
            {**run, "refdes": "U1", "package": "PK-B", "first_serial": "B-07", "last_serial": "B-09", "certainty": "certain"},
            {**run, "refdes": "C1", "package": "PK-C", "first_serial": "B-01", "last_serial": "B-10", "certainty": "certain"},
        ],
        "processes": [
            {"order": "WB", "step": "REFLOW", "machine": "OVEN1", "program": "P7", "first_serial": "B-01", "last_serial": "B-08",
             "started_at": "2027-03-01T09:00:00Z", "finished_at": "2027-03-01T10:00:00Z", "operator": "045", "result": "completed",
             "readings": '{"peak": 244}', "side": "top"},
        ],
        "replacements": [
            {"serial": "B-02", "refdes": "U1", "removed_package": "PK-A", "installed_package": "PK-B", "operator": "045",
             "reason": "solder", "happened_at": "2027-03-02T08:00:00Z"},
        ],
        "assemblies": [
            {"parent_serial": "X-1", "child_serial": "B-01", "position": "MAIN", "happened_at": "2027-03-03T08:00:00Z"},
            {"parent_serial": "X-2", "child_serial": "B-05", "position": "MAIN", "happened_at": "2027-03-03T09:00:00Z"},
        ],
        "firmware": [
            {"product": "BRD", "version": "1.0.0", "role": "app", "image": "", "sha256": SHA, "revisions": "B",
             "released_at": "2027-01-01T08:00:00Z", "security_relevant": "false"},
            {"product": "BRD", "version": "1.1.0", "role": "app", "image": "", "sha256": "cd" * 32, "revisions": "B",
             "released_at": "2027-02-01T08:00:00Z", "security_relevant": "true"},
        ],
        "programming": [
            {"serial": f"B-{n:02}", "product": "BRD", "version": "1.0.0", "sha256": SHA, "uid": "", "station": "PROG1", "operator": "045",
             "result": "pass", "happened_at": "2027-03-01T12:00:00Z"} for n in range(1, 5)
        ],
        "tests": [
            {"serial": "B-02", "plan": "ICT", "plan_version": "3", "station": "ICT1", "operator": "012", "outcome": "fail",
             "started_at": "2027-03-01T13:00:00Z", "finished_at": "2027-03-01T13:01:00Z", "measurements": '{"u": 3.1}'},
            {"serial": "B-02", "plan": "ICT", "plan_version": "3", "station": "ICT1", "operator": "012", "outcome": "pass",
             "started_at": "2027-03-02T13:00:00Z", "finished_at": "2027-03-02T13:01:00Z", "measurements": ""},
            {"serial": "B-01", "plan": "ICT", "plan_version": "3", "station": "ICT1", "operator": "012", "outcome": "pass",
             "started_at": "2027-03-01T13:00:00Z", "finished_at": "2027-03-01T13:01:00Z", "measurements": ""},
        ],
        "shipments": [
            {"shipment": "S-1", "customer": "NORD", "country": "DE", "first_serial": "X-1", "last_serial": "X-1", "shipped_at": "2027-03-10T08:00:00Z"},
            {"shipment": "S-1", "customer": "NORD", "country": "DE", "first_serial": "B-07", "last_serial": "B-07", "shipped_at": "2027-03-10T08:00:00Z"},
            {"shipment": "S-2", "customer": "SUND", "country": "SE", "first_serial": "X-2", "last_serial": "X-2", "shipped_at": "2027-03-11T08:00:00Z"},
        ],
    }  # fmt: skip
