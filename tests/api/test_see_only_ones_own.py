"""What a party reader sees: the own brand's units, and of the other brand nothing, not even that it is there (design, section 4).

Every answer is searched as text for all names of the other brand. Where the reader types such a name himself, the answer must
be the one that a name gets which nobody ever used.
"""

import re

import pytest
from cast import ALPINA, BOREAL, serial

OTHERS = {"brand_a_reader": BOREAL, "brand_b_reader": ALPINA}
OWN = {
    "brand_a_reader": ("ALP", "A-LAMP", "1.4.0", "NORDLICHT"),
    "brand_b_reader": ("BOR", "B-PROBE", "7.7.7", "SUNDVOLT"),
}
# questions that name nothing of one brand alone
GENERAL = [
    "in:shipped", "in:stock", "-reworked", "lot:LOT-COMMON", "package:REEL-COMMON", "part:P-CAP", "maker:MURATA", "supplier:REELHAUS",
    "datecode:2701", "revision:B", "bom:1", "station:PROG1", "passed:REFLOW@2027-03-01..2027-03-31", "passed:OVEN1", "test:failed",
    "country:DE", "placed:2027-01-01..", "held", "scrapped", "(part:P-CAP at:C1)", "at:U1", "ever:(lot:LOT-COMMON)", "firmware:0..9",
    "order:WO", "unit:0", "product:", "lot:LOT", "lot:XX", "customer:X", "owner:X", "firmware:", "test:PLAN", "passed:XX", "part:P-X",
]  # fmt: skip
# each term with a name of its own brand, and a name that nobody has
NAMES = {
    "lot": "LOT-{}-1", "package": "REEL-{}-1", "order": "WO-{}", "unit": "{}-0001", "panel": "PNL-{}-1", "shipment": "SHIP-{}-1", "test": "PLAN-{}=pass",
}  # fmt: skip
OF_BRAND = {
    "BOR": {"product": "B-PROBE", "firmware": "7.7.7", "customer": "SUNDVOLT", "owner": "BOREAL", "part": "P-SENS", "maker": "SENSOCO"},
    "ALP": {"product": "A-LAMP", "firmware": "1.4.0", "customer": "NORDLICHT", "owner": "ALPINA", "part": "P-LED", "maker": "LEDWERK"},
}  # fmt: skip
READERS = [("brand_a_reader", "BOR"), ("brand_b_reader", "ALP")]


def asked(client, question: str):
    answer = client.get("/api/v1/ask", {"question": question, "serials": "true"})
    text = re.sub(r'"(instance|elapsed_ms)": ("[^"]*"|[0-9.]+)', "", answer.content.decode())
    return answer.status_code, text


@pytest.mark.parametrize("who", OTHERS)
def test_no_answer_shows_the_other_brand(cast, who):
    client = cast.program(who)
    for question in GENERAL:
        status, text = asked(client, question)
        assert status < 500, question
        found = [word for word in OTHERS[who] if word in text]
        assert not found, f"{question}: {found} in {text[:600]}"


@pytest.mark.parametrize("who", OTHERS)
def test_the_own_units_are_all_there(cast, who):
    key, product, version, customer = OWN[who]
    client = cast.program(who)
    for question, number in (
        ("lot:LOT-COMMON", 12),
        (f"product:{product}", 12),
        (f"firmware:{version}", 12),
        (f"customer:{customer}", 10),
    ):
        said = client.get("/api/v1/ask", {"question": question, "serials": "true"}).json()
        assert said["affected"]["certain"] == number, question
        assert [unit["serial"] for unit in said["serials"]] == [serial(key, n) for n in range(1, number + 1)]


def names_of(brand: str) -> dict[str, str]:
    return {**{term: form.format(brand) for term, form in NAMES.items()}, **OF_BRAND[brand]}


@pytest.mark.parametrize(("who", "brand"), READERS)
@pytest.mark.parametrize("term", names_of("ALP"))
def test_a_name_of_the_other_brand_is_as_unknown_as_one_that_nobody_has(cast, who, brand, term):
    client, name = cast.program(who), names_of(brand)[term]
    nobodys = {"firmware": "8.8.8", "test": "PLAN-QQQ=pass"}.get(term, re.sub("[A-Z]", "Q", name))
    theirs, nobody = asked(client, f"{term}:{name}"), asked(client, f"{term}:{nobodys}")
    plain, unused = name.removesuffix("=pass"), nobodys.removesuffix("=pass")
    assert (theirs[0], theirs[1].replace(plain, unused)) == nobody


@pytest.mark.parametrize(("who", "brand"), READERS)
def test_what_the_other_brand_recorded_is_not_there(cast, who, brand):
    client, engineer = cast.program(who), cast.program("eva")
    from asbuilt.ledger.facts import fact_id, facts_of_units

    frozen = engineer.post("/api/v1/answers", {"question": f"order:WO-{brand}"}, "application/json").json()["ulid"]
    (first, until, _), *_ = engineer.get("/api/v1/ask", {"question": f"order:WO-{brand}"}).json()["spans"]
    row = next(iter(facts_of_units(1, first, until)))
    for address in (
        f"answers/{frozen}",
        f"answers/{frozen}/document",
        f"facts/{fact_id(1, row.entry, row.shape, row.row)}",
        "answers",
        "log",
        "log/entries",
        "people",
    ):
        answer = client.get(f"/api/v1/{address}")
        assert answer.status_code == 404, address
        assert not [word for word in OTHERS[who] if word in answer.content.decode()], address


@pytest.mark.parametrize("who", OTHERS)
def test_a_certificate_shows_the_unit_and_nobody_else(cast, who):
    import base64
    import json

    client, key = cast.program(who), OWN[who][0]
    answer = client.get(f"/api/v1/units/{serial(key, 3)}/certificate")
    text = base64.b64decode(json.loads(answer.content)["payload"]).decode()
    assert serial(key, 3) in text and f"REEL-{key}-1" in text
    assert not [word for word in OTHERS[who] if word in text]
    other = "BOR" if key == "ALP" else "ALP"
    theirs, nobodys = (client.get(f"/api/v1/units/{code}/certificate") for code in (serial(other, 3), "QQQ-0003"))
    assert (theirs.status_code, nobodys.status_code) == (404, 404)
    assert theirs.json()["detail"].replace(serial(other, 3), "QQQ-0003") == nobodys.json()["detail"]


def test_a_certificate_holds_for_a_stranger_with_the_public_keys(cast, tmp_path):
    client = cast.program("olga")
    document = client.get(f"/api/v1/units/{serial('BOR', 12)}/certificate").content
    from asbuilt.kernel.certificates import check_certificate
    from asbuilt.ledger import keyring, origins

    origin = origins.origin(cast.tenant["olga"])
    checked = check_certificate(document, record_keys=[keyring.record_public(origin)], log_vkeys=keyring.vkeys(origin))
    assert checked.unit["serial"] == serial("BOR", 12)


@pytest.mark.parametrize("who", OTHERS)
def test_a_life_shows_the_unit_and_nobody_else(cast, who):
    client, (key, product, version, _) = cast.program(who), OWN[who]
    answer = client.get(f"/api/v1/units/{serial(key, 3)}")
    said, text = answer.json(), answer.content.decode()
    assert (said["who"]["name"], said["who"]["product"], said["where"]["state"]) == (serial(key, 3), product, "shipped")
    assert [one["version"] for one in said["firmware"]] == [version]
    assert said["placed"]["counts"] == {"certain": 2, "possible": 0, "unrecorded": 0} and said["facts"]
    assert not [word for word in OTHERS[who] if word in text]
    other = "BOR" if key == "ALP" else "ALP"
    for theirs, nobodys in (
        (serial(other, 3), "QQQ-0003"),
        (f"WO-{other}%233", "WO-QQQ%233"),
        (f"PNL-{other}-0/2", "PNL-QQQ-0/2"),
    ):
        answers = [client.get(f"/api/v1/units/{code}") for code in (theirs, nobodys)]
        assert [one.status_code for one in answers] == [404, 404]
        same = answers[0].json()["detail"].replace(theirs.replace("%23", "#"), nobodys.replace("%23", "#"))
        assert same == answers[1].json()["detail"]


def test_a_unit_is_found_by_place_and_panel(cast):
    client = cast.program("anna")
    by_serial = client.get(f"/api/v1/units/{serial('ALP', 3)}").json()
    for code in ("WO-ALP%233", "PNL-ALP-0/4"):
        assert client.get(f"/api/v1/units/{code}").json()["who"] == by_serial["who"], code
    shipped = [event for event in by_serial["events"] if event["kind"] == "shipped"]
    assert shipped[0]["at"] == "2027-03-20T08:00:00.000000Z"


@pytest.mark.parametrize(("who", "brand"), READERS)
def test_find_box_and_completion_know_the_own_brand_only(cast, who, brand):
    client, key = cast.program(who), OWN[who][0]
    for form in (*NAMES.values(), "LOT-{}-1", "PNL-{}-0"):
        code = form.format(key).removesuffix("=pass")
        if code.startswith("PLAN"):
            continue
        assert client.get("/api/v1/find", {"code": code.replace("PNL-ALP-1", "PNL-ALP-0")}).status_code == 200, code
        theirs = client.get("/api/v1/find", {"code": form.format(brand).removesuffix("=pass")})
        assert theirs.status_code == 404, theirs.content
        said = theirs.json()
        assert not [near for near in said["facts"]["near"] if brand in near], said
        text = (said["detail"] + str(said["facts"]["near"]) + said["remedy"]).replace(
            form.format(brand).removesuffix("=pass"), ""
        )
        assert not [word for word in OTHERS[who] if word in text]
    begun = ["", "lot:", "lot:L", "package:", "package:R", "order:", "order:WO", "unit:", "panel:", "shipment:", "customer:", "owner:", "country:",
             "product:", "revision:", "bom:", "firmware:", "image:", "passed:", "reading:", "test:", "part:", "maker:", "supplier:", "datecode:",
             "station:", "operator:", "tool:", "at:", "in:", "defect:", "contains:(lot:", "lot:LOT-COMMON -order:W"]  # fmt: skip
    for text in begun:
        answer = client.get("/api/v1/complete", {"text": text, "cursor": len(text)})
        assert answer.status_code == 200, answer.content
        found = [word for word in OTHERS[who] if word in answer.content.decode()]
        assert not found, f"{text}: {found}"
    own = [one["text"] for one in client.get("/api/v1/complete", {"text": "order:", "cursor": 6}).json()["suggestions"]]
    assert own == [f"WO-{key}"]


def test_what_is_found_can_be_opened(cast):
    client = cast.program("anna")
    hits = client.get("/api/v1/find", {"code": serial("ALP", 1)}).json()["hits"]
    assert [(hit["kind"], hit["code"]) for hit in hits] == [("unit", serial("ALP", 1))]
    assert client.get(f"/api/v1/{hits[0]['address']}").json()["who"]["name"] == serial("ALP", 1)
    near = client.get("/api/v1/find", {"code": "WO-ALQ"}).json()
    assert "WO-ALP" in near["facts"]["near"]


@pytest.mark.parametrize(("who", "brand"), READERS)
def test_lots_packages_and_orders_show_the_own_brand_only(cast, who, brand):
    client, key = cast.program(who), OWN[who][0]
    for address in (
        f"lots/LOT-{key}-1",
        "lots/LOT-COMMON",
        f"packages/REEL-{key}-1",
        "packages/REEL-COMMON",
        f"orders/WO-{key}",
        "orders",
    ):
        answer = client.get(f"/api/v1/{address}")
        assert answer.status_code == 200, (address, answer.content[:300])
        found = [word for word in OTHERS[who] if word in answer.content.decode()]
        assert not found, f"{address}: {found} in {answer.content.decode()[:800]}"
    assert [one["code"] for one in client.get("/api/v1/orders").json()["orders"]] == [f"WO-{key}"]
    common = client.get("/api/v1/lots/LOT-COMMON").json()
    assert (common["packages"][0]["certain"], common["answer"]["affected"]["certain"]) == (12, 12)
    for form in ("lots/LOT-{}-1", "packages/REEL-{}-1", "orders/WO-{}"):
        theirs, nobodys = (client.get(f"/api/v1/{form.format(one)}") for one in (brand, "QQQ"))
        assert (theirs.status_code, nobodys.status_code) == (404, 404), form
        assert theirs.json()["detail"].replace(brand, "QQQ") == nobodys.json()["detail"]
        assert theirs.json()["remedy"] == nobodys.json()["remedy"]


def test_an_order_says_how_far_it_is_and_a_lot_where_it_went(cast):
    client = cast.program("eva")
    said = client.get("/api/v1/orders/WO-ALP").json()
    assert (said["order"]["quantity"], said["order"]["built"], said["order"]["owner"]) == (12, 12, "Alpina Light")
    assert [(one["name"], one["units"], one["failed"]) for one in said["steps"]] == [("REFLOW", 12, 0)]
    assert said["firmware"] == [{"role": "app", "version": "1.4.0", "units": 12}]
    assert [(one["plan"], one["passed"], one["first_time"]) for one in said["tests"]] == [("PLAN-ALP", 12, 12)]
    lot = client.get("/api/v1/lots/LOT-COMMON").json()
    assert (lot["lot"]["mpn"], lot["part"], lot["packages"][0]["certain"]) == ("GRM188", "P-CAP", 24)
    assert client.get("/api/v1/packages/REEL-COMMON").json()["packages"][0]["asked"] is True
    assert [one["code"] for one in client.get("/api/v1/orders").json()["orders"]] == ["WO-BOR", "WO-ALP"]
