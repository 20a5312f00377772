"""`asbuilt pack|shipment|return|concession`: from the verdict to a package that `verify` takes, and its exit codes."""

import pytest
from shipping_floor import finished, run


@pytest.fixture
def line(load):
    rows = finished(4)
    rows["tests"] = [run(f"S000{n}") for n in range(3)]
    load(rows)


def test_packed_shipped_proved_and_back(asbuilt, line, tmp_path):
    assert asbuilt("pack", "check", "S0000").code == 0
    stopped = asbuilt("pack", "check", "S0003")
    assert stopped.code == 4 and "FCT 2 is not recorded of S0003." in stopped.out
    whole = asbuilt("pack", "check", "WO", "--order", "--format", "json")
    assert whole.code == 4 and (whole.document["units"], whole.document["go"]) == (4, 3)
    assert asbuilt("pack", "open", "box", "--format", "json").document["code"] == "BOX-1"
    assert asbuilt("pack", "in", "BOX-1", "S0000", "S0001").code == 0
    assert asbuilt("pack", "in", "BOX-1", "S0003").code == 4
    assert asbuilt("pack", "out", "BOX-1", "S0001", "--reason", "scratched").code == 0
    assert asbuilt("pack", "close", "BOX-1").code == 0
    label = tmp_path / "label.svg"
    assert asbuilt("pack", "label", "BOX-1", "--out", str(label)).code == 0 and label.read_bytes().startswith(b"<svg")
    assert asbuilt("pack", "open", "shipment", "--customer", "SHOP", "--country", "FR").code == 0
    assert asbuilt("pack", "in", "SH-1", "BOX-1").code == 0
    assert asbuilt("pack", "show", "SH-1", "--format", "json").document["total"] == 1
    assert asbuilt("shipment", "ship", "SH-1").code == 0
    (left,) = asbuilt("shipment", "list", "--format", "json").document["shipments"]
    assert left["at"].startswith("20") and left["at"].endswith("Z") and left["at"] in asbuilt("shipment", "list").out
    package = tmp_path / "sh1.zip"
    assert asbuilt("shipment", "package", "SH-1", "--out", str(package)).code == 0
    proved = asbuilt("verify", str(package), "--format", "json")
    assert proved.code == 0 and proved.document["holds"] and proved.document["units"] == 1
    assert "holds" in asbuilt("verify", str(package)).err
    body = bytearray(package.read_bytes())
    at = body.index(b"S0000")
    body[at] ^= 1
    package.write_bytes(body)
    broken = asbuilt("verify", str(package))
    assert broken.code == 7 and "firmware.csv was changed." in broken.err  # the first file that holds the name
    told = asbuilt("shipment", "conformity", "SH-1").out
    assert "passed FCT 2: 1 of 1" in told and "What it does not show:" in told and "compliant" not in told.lower()
    assert asbuilt("shipment", "place", "SH-1", "--party", "BRAND", "--decided-by", "Ada").code == 0
    assert asbuilt("return", "receive", "S0000", "--said", "dark").code == 0
    assert asbuilt("return", "record", "S0000", "found", "--said", "R1 open").code == 0
    assert asbuilt("return", "show", "RMA-1", "--format", "json").document["units"][0]["state"] == "found"
    assert asbuilt("ask", "in:returned", "--format", "json").document["affected"]["certain"] == 1
    assert asbuilt("ledger", "verify").code == 0


def test_the_terminal_is_no_person(asbuilt, line):
    said = (
        "concession",
        "propose",
        "S0003",
        "--allows",
        "test_missing",
        "--reason",
        "rig",
        "--until",
        "2099-01-01T00:00:00Z",
    )
    refused = asbuilt(*said)
    assert refused.code == 4 and "proposed by a person" in refused.err
    assert asbuilt("concession", "list", "--format", "json").document == {"concessions": []}
    assert asbuilt("concession", "approve", "CON-1").code == 3
