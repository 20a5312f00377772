"""Have a reel programmed before it is placed: ordered, done, read back, closed; each refusal once, the same request twice."""

import pytest
from preprogrammed_line import V10, V11


def status_of(package):
    from asbuilt.built.supply.queries import standing_of

    return standing_of(1, package).status


def programmed(package):
    from asbuilt.built.programming.queries import came_programmed
    from asbuilt.built.supply.queries import PackageFinder

    number = PackageFinder(1).find([package])[package].number
    return [(row.result, row.source) for row in came_programmed(1, [number])]


def test_a_reel_is_programmed_and_mounted(line_floor):
    opened = line_floor.opened(read_backs=2)
    assert (opened.order.code, opened.order.state, opened.order.quantity, opened.order.image) == (
        "PG-1",
        "opened",
        500,
        V11,
    )
    done = line_floor.done(quantity=498)
    assert (done.order.state, done.order.done.quantity, done.order.done.machine) == ("done", 498, "GANG-1")
    assert line_floor.read(machine="SOCKET-2").order.left == 1
    assert line_floor.read(sha256=V11.upper()).order.left == 0
    closed = line_floor.closed()
    assert (closed.order.state, closed.order.closed.result) == ("closed", "pass")
    assert [(one.sample, one.right, one.machine) for one in closed.order.read_backs] == [
        (1, True, "SOCKET-2"),
        (2, True, ""),
    ]
    assert programmed("U-1") == [("pass", "station")]
    assert line_floor.mount("U-1").package == "U-1"


def test_who_when_and_which_machine_stand_in_programming_csv(line_floor, actor):
    from asbuilt.built.exchange.exporting import rows_of

    line_floor.opened()
    line_floor.done(happened_at=1_772_500_000_000_000)
    line_floor.read()
    line_floor.read()
    line_floor.closed()
    row = next(iter(rows_of(1, "programming")))
    assert row == (
        "", "board", "1.1.0", V11, "", "GANG-1", "", "pass", "2026-03-03T01:06:40.000000Z", "app", "U-1", "station",
    )  # fmt: skip


def test_a_wrong_sample_stops_the_package_and_fails_the_order(line_floor):
    from asbuilt.kernel.errors import Refused

    line_floor.opened()
    line_floor.done()
    wrong = line_floor.read(sha256=V10)
    assert [one.right for one in wrong.order.read_backs] == [False]
    assert status_of("U-1") == "quarantine"
    line_floor.read()
    with pytest.raises(Refused) as refusal:
        line_floor.closed()
    assert refusal.value.code == "programming.read_back_differs"
    closed = line_floor.closed(result="fail", reason="socket 3 wrote the old image")
    assert closed.order.closed.result == "fail"
    assert (programmed("U-1"), status_of("U-1")) == ([("fail", "station")], "quarantine")
    assert "production.package_not_released" in line_floor.stops("U-1")


def test_what_failed_without_a_wrong_sample_is_stopped_too(line_floor):
    line_floor.opened()
    line_floor.done()
    line_floor.closed(result="fail", reason="checksum on the programmer's display differs")
    assert status_of("U-1") == "quarantine"


def test_a_supplier_programs_with_its_certificate_as_evidence(line_floor, actor):
    from asbuilt.kernel.errors import Refused
    from asbuilt.ledger.evidence import open_evidence

    line_floor.opened(supplier="PROG", read_backs=0)
    with pytest.raises(Refused) as refusal:
        line_floor.done(machine="")
    assert refusal.value.code == "programming.certificate_missing"
    done = line_floor.done(machine="", content=b"%PDF-1.4 certificate", name="coc 17.pdf")
    assert b"".join(open_evidence(1, done.order.done.sha256)) == b"%PDF-1.4 certificate"
    assert done.order.supplier == "Gang Ltd"
    line_floor.closed()
    assert programmed("U-1") == [("pass", "supplier")]


def test_an_order_that_was_never_begun_is_closed_as_aborted(line_floor):
    line_floor.opened()
    assert line_floor.closed(result="aborted", reason="wrong reel").order.closed.reason == "wrong reel"
    assert (programmed("U-1"), status_of("U-1")) == ([], "released")
    assert line_floor.opened().order.code == "PG-2"


@pytest.mark.parametrize(
    ("said", "kind", "code"),
    [
        ({"package": "NO"}, "NotFound", "supply.package_unknown"),
        ({"version": "9.9.9"}, "Invalid", "programming.release_unknown"),
        ({"product": "nothing"}, "Invalid", "catalog.product_unknown"),
        ({"quantity": 499}, "Refused", "programming.package_in_part"),
        ({"read_backs": 0}, "Invalid", "programming.read_backs_few"),
        ({"read_backs": 501}, "Invalid", "programming.count_wrong"),
        ({"supplier": "NOBODY"}, "Invalid", "parties.unknown"),
    ],
)
def test_what_cannot_be_ordered_is_refused(line_floor, said, kind, code):
    from asbuilt.kernel import errors

    with pytest.raises(getattr(errors, kind)) as refusal:
        line_floor.opened(**said)
    assert refusal.value.code == code
    from asbuilt.built.programming.programming_orders import programming_orders

    assert programming_orders(1, everything=True) == []


def test_a_package_in_hand_is_neither_ordered_again_nor_mounted(line_floor):
    from asbuilt.kernel.errors import Refused

    line_floor.opened()
    with pytest.raises(Refused) as refusal:
        line_floor.opened()
    assert refusal.value.code == "programming.package_in_hand"
    assert line_floor.stops("U-1") == ["programming.package_in_hand"]


def test_a_mounted_and_a_rejected_package_are_not_programmed(line_floor, actor):
    from asbuilt.built.supply.actions.statuses import reject_packages
    from asbuilt.kernel.errors import Refused

    line_floor.mount("U-1")
    with pytest.raises(Refused) as refusal:
        line_floor.opened("U-1")
    assert refusal.value.code == "production.package_mounted"
    reject_packages(actor, packages=["U-2"], reason="counterfeit")
    with pytest.raises(Refused) as refusal:
        line_floor.opened("U-2")
    assert refusal.value.code == "programming.package_rejected"


def test_steps_out_of_their_order_are_refused(line_floor):
    from asbuilt.kernel.errors import Invalid, NotFound, Refused

    with pytest.raises(NotFound) as refusal:
        line_floor.done("PG-7")
    assert refusal.value.code == "programming.order_unknown"
    line_floor.opened()
    for too_early in (line_floor.read, line_floor.closed):
        with pytest.raises(Refused) as refusal:
            too_early()
        assert refusal.value.code == "programming.order_opened"
    with pytest.raises(Invalid) as refusal:
        line_floor.done(machine=" ")
    assert refusal.value.code == "programming.machine_missing"
    with pytest.raises(Invalid) as refusal:
        line_floor.done(quantity=501)
    assert refusal.value.code == "programming.count_wrong"
    line_floor.done()
    with pytest.raises(Refused) as refusal:
        line_floor.done()
    assert refusal.value.code == "programming.order_done"
    line_floor.read()
    with pytest.raises(Refused) as refusal:
        line_floor.closed()
    assert refusal.value.code == "programming.read_backs_missing"
    with pytest.raises(Invalid) as refusal:
        line_floor.closed(result="fail")
    assert refusal.value.code == "supply.reason_missing"
    line_floor.read()
    line_floor.closed()
    with pytest.raises(Refused) as refusal:
        line_floor.read()
    assert refusal.value.code == "programming.order_closed"


def test_a_sample_is_read_back_once_and_is_one_of_them(line_floor):
    from asbuilt.kernel.errors import Conflict, Invalid

    line_floor.opened()
    line_floor.done()
    line_floor.read(sample=7)
    with pytest.raises(Conflict):
        line_floor.read(sample=7, sha256=V10)
    for sample in (0, 501):
        with pytest.raises(Invalid) as refusal:
            line_floor.read(sample=sample)
        assert refusal.value.code == "programming.sample_unknown"
    with pytest.raises(Invalid) as refusal:
        line_floor.read(sha256="12")
    assert refusal.value.code == "tables.cell_not_hex"
    assert line_floor.read().order.read_backs[-1].sample == 8


def test_the_same_request_twice_is_one_order(line_floor):
    from asbuilt.kernel.errors import Conflict

    first = line_floor.opened(request_key="k1")
    again = line_floor.opened(request_key="k1")
    assert (first.order.code, first.entry) == (again.order.code, again.entry)
    with pytest.raises(Conflict):
        line_floor.opened("U-2", request_key="k1")
    for verb in (line_floor.done, line_floor.read):
        one, two = verb(request_key=verb.__name__), verb(request_key=verb.__name__)
        assert one.entry == two.entry
    assert len(line_floor.read().order.read_backs) == 2
    assert line_floor.closed(request_key="k4").entry == line_floor.closed(request_key="k4").entry


def test_only_those_who_may_do_so(line_floor, person, stranger):
    from asbuilt.kernel.errors import AsbuiltError, NotAllowed

    operator = person("operator")
    with pytest.raises(NotAllowed):
        line_floor.opened(by=operator)
    line_floor.opened(by=person("engineer"))
    with pytest.raises(NotAllowed):
        line_floor.done(by=person("auditor"))
    line_floor.done(by=operator)
    line_floor.read(by=operator)
    with pytest.raises(NotAllowed):
        line_floor.closed(by=operator)
    with pytest.raises(AsbuiltError) as refusal:
        line_floor.read(by=stranger)
    assert refusal.value.code == "programming.order_unknown"


def test_the_label_names_the_image(line_floor):
    from asbuilt.built.supply.label_texts import package_label

    assert package_label(1, "U-1").lines == ("MCU  M-MCU", "Lot LU1  DC 2601", "500", "")
    line_floor.opened(read_backs=1)
    line_floor.done()
    line_floor.read()
    assert package_label(1, "U-1").lines[2:] == ("500", "")
    line_floor.closed()
    assert package_label(1, "U-1").lines == ("MCU  M-MCU", "Lot LU1  DC 2601", "500", "board app 1.1.0 b2b2b2b2")


def test_what_was_programmed_answers_questions(line_floor, load, actor):
    from asbuilt.questions.genealogy.answering import answers

    for step in (line_floor.opened, line_floor.done, line_floor.read, line_floor.read, line_floor.closed):
        step()
    material = {
        "order": "WO",
        "refdes": "U1",
        "package": "U-1",
        "first_serial": "B1",
        "last_serial": "B5",
        "certainty": "certain",
    }
    load({"materials": [material | {"machine": "", "feeder": "", "happened_at": "2026-03-02T08:00:00Z"}]}, "placed")
    assert answers.ask(actor, "firmware:1.1.0 product:board").affected.counts()["certain"] == 5


def test_a_part_split_off_came_programmed_as_its_source_did(line_floor, actor):
    """The demand passes with the part, and stops it with another image: named for a reel whose half nobody could mount."""
    from asbuilt.built.exchange.exporting import rows_of
    from asbuilt.built.supply.actions.splits import split_package
    from asbuilt.ledger.verifying import verify

    line_floor.demand(order="WO", part="MCU", version="1.1.0")
    before = split_package(actor, package="U-1", quantity=10, new="U-1A").package
    line_floor.opened(read_backs=1)
    line_floor.done(quantity=490)
    line_floor.read()
    line_floor.closed()
    split = split_package(actor, package="U-1", quantity=200, new="U-1B", request_key="k-1")
    assert split_package(actor, package="U-1", quantity=200, new="U-1B", request_key="k-1") == split
    split_package(actor, package="U-1B", quantity=50, new="U-1C")
    assert [line_floor.stops(code) for code in ("U-1", "U-1B", "U-1C")] == [[], [], []]
    assert line_floor.stops(before) == ["programming.package_unprogrammed"]
    line_floor.demand(order="WO", part="MCU", version="1.0.0")
    assert line_floor.stops("U-1B") == ["programming.other_image"]
    told = {row[10]: row for row in rows_of(1, "programming")}
    assert told["U-1B"][:10] == told["U-1C"][:10] == told["U-1"][:10]
    assert verify(1).as_json()["findings"] == []


def test_what_was_programmed_after_the_split_is_not_the_parts(line_floor, actor):
    from asbuilt.built.supply.actions.splits import split_package

    line_floor.demand(order="WO", part="MCU", version="1.1.0")
    split_package(actor, package="U-1", quantity=10, new="U-1B")
    line_floor.opened(read_backs=1)
    line_floor.done(quantity=490)
    line_floor.read()
    line_floor.closed()
    assert programmed("U-1B") == []
    assert line_floor.stops("U-1B") == ["programming.package_unprogrammed"]
