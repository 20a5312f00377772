"""A notice says what the case said when it was written: not what was stated after a person read it, and no measure of another manufacturer."""

from case_floor import AT, TABLES
from notice_floor import contacts, drafted, open_case, shipment


def measure(actor, case: str, why: str, **more) -> None:
    from asbuilt.answers.cases.handling.actions.saying import state_measure

    state_measure(actor, case=case, kind="corrective", at=AT, why=why, **more)


def test_a_measure_stated_after_the_review_is_in_no_mail_and_on_no_page_until_a_new_version_is_read(told, mails):
    from asbuilt.answers.cases.handling.seen import case_seen
    from asbuilt.answers.cases.telling.actions.queuing import send_notice
    from asbuilt.answers.cases.telling.actions.writing import review_notice, revise_notice
    from asbuilt.answers.cases.telling.seen import notice_seen, preview
    from asbuilt.answers.cases.telling.sending import send_due

    contacts(told, HAL="psirt@halden.example de", ALP="psirt@alpina.example")
    case = open_case(told)
    notice = drafted(told, case)
    read = preview(told, notice, "ALP")["text"]
    assert "There is no update yet" in read and not notice_seen(told, notice)["gaps"]
    measure(told, case, "root password of the build server is rotated")
    assert preview(told, notice, "ALP")["text"] == read
    assert any("revise it" in gap for gap in notice_seen(told, notice)["gaps"])
    send_notice(told, notice=notice, version=1)
    send_due(told.tenant)
    texts = [one.get_body(("plain",)).get_content() for one in mails.all()]
    assert len(texts) == 2 and not any("root password" in text for text in texts)
    # who was promised an update is not forgotten
    assert any("by a new version" in gap for gap in case_seen(told, case)["gaps"])
    revise_notice(
        told,
        notice=notice,
        texts={"": {"update": "2.3.2 is out", "contact": "psirt@ostwerk.example"}},
        why="an update is out",
    )
    assert not any("says more since" in gap for gap in case_seen(told, case)["gaps"])
    review_notice(told, notice=notice, version=2)
    send_notice(told, notice=notice, version=2)
    send_due(told.tenant)
    texts = [one.get_body(("plain",)).get_content() for one in mails.all()][2:]
    assert len(texts) == 2 and all("2.3.2 is out" in text for text in texts)


def test_a_measure_towards_one_manufacturer_is_in_no_notice_about_products_of_another(load, actor):
    """Halden's box and Alpina's are both in the case; what was stated towards Alpina is for holders of Alpina's product only."""
    from case_floor import order

    from asbuilt.answers.cases.handling.actions import deciding, opening, saying
    from asbuilt.answers.cases.telling.actions.writing import draft_notice
    from asbuilt.answers.cases.telling.seen import preview

    units = [{"order": "WO-3", "serial": "WO-3-1", "panel": "", "position": "", "state": "built"}]
    sent = [shipment("SH-1", "HAL", "WO-2-1", "WO-2-3"), shipment("SH-2", "ALP", "WO-3-1", "WO-3-1")]
    load({**TABLES, "orders": [*TABLES["orders"], order("WO-3", "ALP-1", "ALP")], "units": [*TABLES["units"], *units], "shipments": sent})  # fmt: skip
    code = opening.open_case(actor, kind="vulnerability", title="Overflow")
    for product in ("HAL-1", "ALP-1"):
        saying.add_product(actor, case=code, product=product)
    deciding.freeze(actor, case=code, question="product:HAL-1,ALP-1", why="w")
    measure(actor, code, "Alpina's own secret way", manufacturer="ALP")
    measure(actor, code, "for everybody")
    for kind in ("upward", "users"):
        notice = draft_notice(actor, case=code, kind=kind)
        halden, alpina = (preview(actor, notice, party)["text"] for party in ("HAL", "ALP"))
        assert "for everybody" in halden and "Alpina's own secret way" not in halden, kind
        assert "for everybody" in alpina and "Alpina's own secret way" in alpina, kind


def test_a_newer_answer_that_no_notice_rests_on_is_said_before_and_after_the_notice_is_sent(told, mails):
    """Halden's two units are in the first answer. The second one, which replaces none, holds Alpina's too: nobody tells Alpina by itself."""
    from asbuilt.answers.cases.handling.actions.deciding import freeze
    from asbuilt.answers.cases.handling.seen import case_seen
    from asbuilt.answers.cases.telling.actions.queuing import send_notice
    from asbuilt.answers.cases.telling.actions.writing import revise_notice
    from asbuilt.answers.cases.telling.seen import notice_seen

    contacts(told, HAL="psirt@halden.example", ALP="psirt@alpina.example")
    case = open_case(told, "unit:WO-1-1..WO-1-2")
    notice = drafted(told, case)

    def newer() -> list[str]:
        gaps = notice_seen(told, notice)["gaps"]
        assert [gap for gap in gaps if "newer answer" in gap] == [gap for gap in case_seen(told, case)["gaps"] if "newer answer" in gap]  # fmt: skip
        return [gap for gap in gaps if "newer answer" in gap]

    assert newer() == []
    freeze(told, case=case, question="product:OWN-1", why="every unit")
    assert len(newer()) == 1
    send_notice(told, notice=notice, version=1)
    assert len(newer()) == 1
    revise_notice(told, notice=notice, why="every unit")
    assert newer() == []
