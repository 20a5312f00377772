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
