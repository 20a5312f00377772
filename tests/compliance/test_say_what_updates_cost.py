"""Annex I, II.8: security updates are free of charge and go out with advisories. A person says the first with a paper, the record counts the second.

`board` has an update with a security fix that a published advisory names as fixed; MAKER, its manufacturer, keeps the record itself, or does not.
"""

import pytest

from asbuilt.kernel.errors import Invalid, NotAllowed, NotFound, Refused

PAPER = {"content": b"%PDF-1.4 terms", "name": "terms.pdf"}
NOBODY = "Nobody said whether security updates are free of charge, and until when."


@pytest.fixture
def people(actor):
    """carl decides on compliance, olga audits, brand reads for a party."""
    from asbuilt.access.actor import person_actor

    roles = {"carl": "compliance", "olga": "auditor"}
    found = {
        name: person_actor(actor.tenant, 100 + n, frozenset({role}), None)
        for n, (name, role) in enumerate(roles.items())
    }
    return found | {"brand": person_actor(actor.tenant, 110, frozenset({"party_reader"}), 1)}


@pytest.fixture
def updated(actor, load, on, tmp_path):
    """An update of `board` of 1 June 2026, named as fixed by an advisory of 11 June: all that was made."""
    from publishing_floor import published, set_up
    from vulnerable_factory import MBEDTLS, boards, component, secured

    on("2026-12-11")
    security = secured(actor, load, tmp_path / "security")
    fix = {**boards()["firmware"][0], "released_at": "2026-12-01T12:00:00Z", "security_relevant": "true"}
    load({"firmware": [{**fix, "version": "1.2.0", "sha256": "8" * 64}]}, "updates")
    security.sbom(component("mbedtls", "2.28.8"), version="1.2.0")
    set_up(actor)
    published(actor, vulnerabilities=(MBEDTLS,))
    return actor


def say(actor, **more):
    from asbuilt.answers.compliance.keeping.terms import state_update_terms

    said = {"product": "board", "free": "yes", "until_on": "2033-01-31", "why": "terms of sale 3", **PAPER}
    return state_update_terms(actor, **said | more)


def state(actor) -> tuple[str, list[str]]:
    """How II.8 stands and what of it speaks of terms."""
    from asbuilt.answers.compliance.assessing import actions as assessing
    from asbuilt.answers.compliance.assessing.seen import assessment_told

    assessing.say_requirement(actor, product="board", requirement="II.8", applies="yes", how="by the updater")
    (row,) = (one for one in assessment_told(actor, "board")["matrix"] if one["key"] == "II.8")
    return row["state"], [one["says"] for one in row["evidence"] if one["source"] == "terms"]


def own(load, party: str) -> None:
    """From now on this party keeps the record."""
    row = {"product": "", "party": party, "role": "own", "operator": "", "happened_at": "2026-12-02T08:00:00Z"}
    load({"product_roles": [row]}, "own")


def supported(actor, until: str = "2033-01-31") -> None:
    from asbuilt.answers.compliance.keeping.actions import set_support

    set_support(actor, product="board", start_on="2028-01-15", end_on=until, expected_years=5, why="w")


def test_updates_that_went_out_are_proved_free_once_a_person_said_so_with_a_paper_for_as_long_as_support_lasts(
    updated, people, load
):
    own(load, "BRAND")
    supported(updated)
    assert state(updated) == ("missing", [NOBODY])
    assert say(people["carl"], request_key="a") == say(people["carl"], request_key="a")
    says = "Security updates are free of charge until 2033-01-31 (terms.pdf)."
    assert state(updated) == ("proved", [says])
    supported(updated, "2035-01-31")
    assert state(updated) == ("partly", [f"{says} Support lasts longer, until 2035-01-31."])
    say(people["carl"], until_on="2035-01-31")
    assert state(updated)[0] == "proved"
    say(people["carl"], free="no", until_on="")
    assert state(updated) == ("missing", ["Security updates are not free of charge (terms.pdf)."])
    say(people["carl"], free="agreed", until_on="2035-01-31")
    agreed = "What security updates cost is agreed with the user for whom it is made, until 2035-01-31 (terms.pdf)."
    assert state(updated) == ("proved", [agreed])


def test_words_alone_prove_it_never(actor, people, load, on):
    """No update was made yet: that they would be free shows nothing that went out."""
    from vulnerable_factory import boards

    on("2026-12-11")
    load(boards())
    supported(actor)
    say(people["carl"])
    assert state(actor)[0] == "described"


def test_where_the_house_is_not_the_manufacturer_the_paper_is_his_and_nobody_checked_its_signature(updated, people):
    from asbuilt.answers.compliance.filing.technical_file import technical_file
    from asbuilt.answers.compliance.keeping.seen import support_told

    supported(updated)
    assert support_told(updated, "board")["terms"] is None
    say(people["carl"])
    unchecked = "BRAND says so by a document whose signature Asbuilt did not check."
    says = f"Security updates are free of charge until 2033-01-31 (terms.pdf). {unchecked}"
    assert state(updated) == ("proved", [says])
    found = support_told(updated, "board")["terms"]
    asked = ("free", "until_on", "manufacturer", "by_document")
    assert [found[name] for name in asked] == ["yes", "2033-01-31", "BRAND", True]
    (risks,) = (one for one in technical_file(updated, "board").filed if one.asked.key == "AVII.3")
    matrix = [row for part in risks.parts for table in part.tables for row in table.rows()]
    assert [says in row[5] for row in matrix if row[0] == "II.8"] == [True]


def test_who_may_not_say_it_and_what_shows_nothing_is_refused(updated, people, load):
    line = {"revision": "A", "bom_version": "1", "line": "1", "part": "RES", "quantity": "1", "refdes": "R1"}
    load({"bom": [{"product": "box", **line}]}, "box")  # of which nobody said who makes it
    for who, more, refusal, code in (
        (updated, {}, Refused, "compliance.terms_no_person"), (people["olga"], {}, NotAllowed, "access.right_missing"),
        (people["brand"], {}, NotFound, "compliance.product_unknown"), (people["carl"], {"product": "no"}, NotFound, "compliance.product_unknown"),
        (people["carl"], {"content": None}, Invalid, "compliance.terms_paper"), (people["carl"], {"content": b""}, Invalid, "compliance.file_size"),
        (people["carl"], {"free": "maybe"}, Invalid, "compliance.word_unknown"), (people["carl"], {"until_on": ""}, Invalid, "compliance.day_wrong"),
        (people["carl"], {"why": " "}, Invalid, "compliance.words_missing"), (people["carl"], {"product": "box"}, Refused, "compliance.terms_maker"),
    ):  # fmt: skip
        with pytest.raises(refusal) as refused:
            say(who, **more)
        assert refused.value.code == code, more
    assert state(updated)[1] == [NOBODY]


def test_it_is_said_on_the_page_by_the_api_and_by_command(cast):
    from django.core.files.uploadedfile import SimpleUploadedFile

    def paper():
        return SimpleUploadedFile("terms.pdf", b"%PDF-1.4", "application/pdf")

    carl, place = cast.browser("carl"), "/compliance/A-LAMP/support/"
    roles = "product,party,role,operator,happened_at\n,ALPINA,own,,2026-01-01T08:00:00Z\nA-LAMP,ALPINA,manufacturer,,2026-01-01T08:00:00Z\n"
    rows = {"kind": "product_roles", "file": SimpleUploadedFile("product_roles.csv", roles.encode())}
    assert cast.program("ben").post("/api/v1/imports", rows).status_code == 200
    said = {"verb": "terms", "free": "yes", "until_on": "2033-01-31", "why": "<b>terms</b> 3"}
    assert "Nobody said it." in carl.get(place).content.decode()
    assert carl.post(place, said).status_code == 422
    assert carl.post(place, {**said, "file": paper()}).status_code == 302
    page = carl.get(place, headers={"Accept-Language": "de"}).content.decode()
    assert "Kostenlose Sicherheitsaktualisierungen" in page and "&lt;b&gt;terms" in page and "terms.pdf" in page
    api = cast.program("carl").post(
        "/api/v1/compliance/A-LAMP/update-terms", {**said, "free": "no", "until_on": "", "file": paper()}
    )
    assert api.status_code == 201 and api.json()["terms"]["free"] == "no", api.content
    assert (
        cast.program("olga").post("/api/v1/compliance/A-LAMP/update-terms", {**said, "file": paper()}).status_code
        == 403
    )
    assert cast.browser("olga").post(place, {**said, "file": paper()}).status_code == 403


def test_compliance_attaches_files_to_what_it_files(cast):
    """It files, and could attach nothing: addresses of files that no list named took them only from who imports tables."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    carl, program = cast.browser("carl"), cast.program("carl")

    def paper():
        return SimpleUploadedFile("a.pdf", b"%PDF-1.4", "application/pdf")

    point = {"verb": "point", "point": "AVII.1.a", "words": "w", "file_state": "holds"}
    assert carl.post("/technical-file/A-LAMP/", {**point, "file": paper()}).status_code == 302
    assert "a.pdf" in carl.get("/technical-file/A-LAMP/").content.decode()
    answer = program.post("/api/v1/technical-files/A-LAMP/points", {"point": "AVII.1.b", "words": "w", "file": paper()})
    assert answer.status_code == 201, answer.content
    assert cast.browser("olga").post("/technical-file/A-LAMP/", {**point, "file": paper()}).status_code == 403
