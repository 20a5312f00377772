"""name_units_from_list: the customer's own serial numbers, taken whole or not at all."""

import pytest
from planned import NEW, operator, stranger

from asbuilt.built.production.actions.naming import name_units_from_list
from asbuilt.built.production.actions.orders import open_order
from asbuilt.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, Refused


@pytest.fixture
def waiting(stage, actor):
    stage()
    open_order(actor, **NEW)


def listed(*serials: str) -> bytes:
    return "\n".join(["serial", *serials, ""]).encode()


def test_line_by_line_along_the_order(waiting, actor, ask, findings, moved, sql):
    named = name_units_from_list(actor, order="WO-9", content=listed("K-7", "K-3", "007"), file="from customer.csv")
    assert (named.count, named.first, named.last) == (3, "K-7", "007")
    assert list(ask("order:WO-9")) == ["K-7", "K-3", "007", "WO-9#4", "WO-9#5"]
    kept = sql(
        "SELECT e.file_name FROM ledger_entry_evidence x JOIN ledger_evidence e ON e.sha256 = x.sha256 WHERE x.entry = %s",
        named.entry,
    )
    assert kept == [("from customer.csv",)] and findings() == []
    name_units_from_list(actor, order="WO-9", content=b"\xef\xbb\xbfserial\r\nK-9\r\n")
    moved()
    assert list(ask("order:WO-9")) == ["K-7", "K-3", "007", "K-9", "WO-9#5"] and findings() == []


def test_every_wrong_line_is_named_and_nothing_is_taken(waiting, actor, ask, refused):
    content = listed("K-1", "B3", "K-1", "x" * 201, "-")
    refusal = refused(Invalid, "tables.rows_refused", name_units_from_list, actor, order="WO-9", content=content)
    assert [(row.code, row.line) for row in refusal.rows] == [
        ("production.serial_taken", 3), ("production.serial_doubled", 4), ("production.serial_unusable", 5),
        ("production.serial_unusable", 6),
    ]  # fmt: skip
    assert list(ask("order:WO-9")) == [f"WO-9#{n}" for n in range(1, 6)]


def test_a_number_of_another_product_is_no_mistake(waiting, actor, ask):
    name_units_from_list(actor, order="WO-9", content=listed("X1"))  # a box is called X1 too
    assert "X1" in ask("order:WO-9")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "tables.empty_file"),
        (b"serial\n", "production.list_empty"),
        (b"number\nK-1\n", "tables.header"),
        ("serial\nK-1\n".encode("utf-16"), "tables.encoding"),
        (b"serial\n\x00\n", "tables.encoding"),
        (b"serial\n" + b"K" * 17 * 1024**2, "production.list_too_large"),
    ],
)
def test_files_that_are_no_list(waiting, actor, content, code):
    with pytest.raises(Invalid) as caught:
        name_units_from_list(actor, order="WO-9", content=content)
    assert caught.value.code == code


def test_the_same_request_twice(waiting, actor, refused):
    first = name_units_from_list(actor, order="WO-9", content=listed("K-1", "K-2"), request_key="k")
    assert name_units_from_list(actor, order="WO-9", content=listed("K-1", "K-2"), request_key="k") == first
    content = listed("K-3")
    refused(
        Conflict,
        "ledger.request_key_reused",
        name_units_from_list,
        actor,
        order="WO-9",
        content=content,
        request_key="k",
    )


def test_refusals(waiting, actor, refused):
    one = listed("K-1")
    refused(Refused, "production.no_unit_waits", name_units_from_list, actor, order="WO-9", content=listed(*"abcdef"))
    refused(NotFound, "production.order_unknown", name_units_from_list, actor, order="WO-X", content=one)
    refused(NotAllowed, "access.right_missing", name_units_from_list, operator(actor), order="WO-9", content=one)
    refused(NotFound, "production.order_unknown", name_units_from_list, stranger(), order="WO-9", content=one)
