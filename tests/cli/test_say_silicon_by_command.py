"""The silicon revision of a package and of its lot, by command; what is refused exits as elsewhere."""


def test_of_a_package_and_of_its_lot(asbuilt, home, actor, load):
    part = {"part": "U-7", "description": "", "mpn": "ESP32", "manufacturer": "Espressif", "lifecycle": "", "msl": ""}
    load({"parts": [part]})
    lot = ("--part", "U-7", "--mpn", "ESP32", "--lot", "A1", "--date-code", "2701")
    code = asbuilt("receive", *lot, "--quantity", "10", "--format", "json").document["packages"][0]["package"]
    from asbuilt.storage import reading

    (maker,) = reading.fetch_one("SELECT maker FROM supply_lot WHERE mpn = 'ESP32'")
    assert asbuilt("package", "silicon", "3.0", "--from", "device", "--package", code).code == 0
    named = (*lot[:4], "--manufacturer", maker, "--lot-code", "A1", "--date-code", "2701")
    done = asbuilt("package", "silicon", "3.1", "--from", "maker", "--said-by", "PCN 7", *named, "--format", "json")
    assert done.code == 0 and len(done.document["facts"]) == 1
    rows = reading.fetch("SELECT package, lot_code, silicon_revision, known_from, said_by FROM supply_silicon_revision ORDER BY entry")  # fmt: skip
    assert [tuple(row) for row in rows] == [(code, "", "3.0", "device", ""), ("", "A1", "3.1", "maker", "PCN 7")]
    assert asbuilt("package", "silicon", "3.1", "--from", "label", "--package", "NONE").code != 0
    assert asbuilt("package", "silicon", "3.1", "--from", "rumour", "--package", code).code != 0
    shown = asbuilt("package", "show", code)
    assert f"3.0 (device, of {code})" in shown.out and "3.1 (maker, of its lot)" in shown.out
