"""The birth certificate: complete, checked with the public keys alone, and silent about everybody else."""

import json

import pytest
from cast import ALPINA, BOREAL, UNITS, cast, cast_home, serial  # noqa: F401

from asbuilt.kernel.errors import NotFound


def document(actor, code: str) -> bytes:
    from asbuilt.ledger import sequencing
    from asbuilt.questions.genealogy.answering.lookup import unit_document

    sequencing.sequence(actor.tenant)
    return unit_document(actor, code)


def checked(tenant: int, said: bytes):
    from asbuilt.kernel.certificates import check_certificate
    from asbuilt.ledger import keyring, origins

    origin = origins.origin(tenant)
    return check_certificate(said, record_keys=[keyring.record_public(origin)], log_vkeys=keyring.vkeys(origin))


def text_of(said: bytes) -> str:
    import base64

    return base64.b64decode(json.loads(said)["payload"]).decode()


def test_it_holds_with_the_public_keys_and_shows_every_table_of_the_unit(cast):  # noqa: F811
    eva = cast.actor["eva"]
    found = checked(eva.tenant, document(eva, serial("ALP", 1)))
    assert found.unit["serial"] == serial("ALP", 1) and found.unit["left_out"] == 0
    shapes = [row.shape for entry in found.entries for row in entry.rows]
    assert sorted(shapes) == [
        "firmware.release/1", "production.material/1", "production.material/1", "production.order/1", "production.process/1",
        "production.unit/1", "programming.record/1", "quality.test_run/1", "shipping.line/1", "supply.package/1",
        "supply.package/1",
    ]  # fmt: skip


def test_one_changed_letter_is_found(cast):  # noqa: F811
    from asbuilt.kernel.errors import AsbuiltError

    eva = cast.actor["eva"]
    said = json.loads(document(eva, serial("ALP", 1)))
    said["payload"] = ("A" if said["payload"][200] != "A" else "B").join((said["payload"][:200], said["payload"][201:]))
    with pytest.raises(AsbuiltError):
        checked(eva.tenant, json.dumps(said).encode())


@pytest.mark.parametrize(
    ("mine", "other", "names", "customer"), [("ALP", "BOR", BOREAL, "NORDLICHT"), ("BOR", "ALP", ALPINA, "SUNDVOLT")]
)
def test_it_names_no_other_customer(cast, mine, other, names, customer):  # noqa: F811
    eva = cast.actor["eva"]
    text = text_of(document(eva, serial(mine, 3)))
    assert customer in text
    found = [name for name in (*names, *(serial(other, place) for place in range(1, UNITS + 1))) if name in text]
    neighbours = [serial(mine, place) for place in range(1, UNITS + 1) if place != 3 and serial(mine, place) in text]
    assert (found, neighbours) == ([], [])


def test_a_reader_gets_his_own_and_no_other(cast):  # noqa: F811
    assert document(cast.actor["brand_a_reader"], serial("ALP", 1))
    with pytest.raises(NotFound):
        document(cast.actor["brand_a_reader"], serial("BOR", 1))
    with pytest.raises(NotFound):
        document(cast.actor["dan"], serial("ALP", 1))
