"""The page People, and one's own tokens."""

import re

import pytest

pytestmark = pytest.mark.once


def secret_on(answer) -> str:
    return re.search(r'id="secret">([^<]+)<', answer.content.decode())[1]


def test_an_invitation_shows_its_link_once_and_the_link_works(signed_in, browser, password):
    one = signed_in()
    said = {"name": "H. Brandt", "roles": ["engineer", "compliance"], "request_key": "k1"}
    link = secret_on(one.send("/people/", said))
    assert link.startswith("http://testserver/welcome/asbl_1_")
    again = one.send("/people/", said)
    assert "Already recorded" in again.content.decode() and "asbl_" not in again.content.decode()
    assert "asbl_" not in one.get("/people/").content.decode()
    new = browser()
    new.get(link.removeprefix("http://testserver"))
    new.send("/welcome/", {"name": "H. Brandt", "login": "brandt", "password": password, "again": password})
    assert "quality" not in new.get("/you/").content.decode()
    assert "engineer" in new.get("/you/").content.decode()


def test_a_refused_invitation_keeps_what_was_typed(signed_in):
    answer = signed_in().send("/people/", {"name": "H. Brandt", "roles": ["party_reader"]})
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "A party reader has one party and no other role." in text and 'value="H. Brandt"' in text
    assert re.search(r'value="party_reader" checked', text)


def test_roles_login_and_erasure_on_the_page_of_a_person(signed_in):
    one, other = signed_in(), signed_in("engineer")
    person = other.get("/you/").wsgi_request.actor.person
    place = f"/people/{person}/change/"
    assert one.send(place, {"verb": "roles", "roles": ["auditor"]}).status_code == 302
    assert "auditor" in other.get("/you/").content.decode()
    assert one.send(place, {"verb": "close"}).status_code == 302
    assert other.get("/you/").status_code == 302
    untyped = one.send(place, {"verb": "erase", "typed": ""})
    assert untyped.status_code == 422 and "P. engineer" in one.get(f"/people/{person}/").content.decode()
    assert one.send(place, {"verb": "erase", "typed": str(person)}).status_code == 302
    page = one.get(f"/people/{person}/").content.decode()
    assert "Erased by entry" in page and "P. engineer" not in page
    assert one.send("/people/1/change/", {"verb": "roles", "roles": ["auditor"]}).status_code == 409
    assert one.send("/people/99/change/", {"verb": "close"}).status_code in (404, 409)
    assert one.get("/people/99/").status_code == 404


def test_who_does_not_manage_people_changes_nobody(signed_in):
    one = signed_in("engineer", "quality_lead", "auditor", "compliance")
    for place, said in (
        ("/people/", {"name": "X", "roles": ["operator"]}),
        ("/people/1/change/", {"verb": "close"}),
        ("/people/1/change/", {"verb": "link"}),
        ("/people/tokens/", {"name": "X", "role": "machine", "days": "7"}),
    ):
        assert one.send(place, said).status_code == 403


def test_a_token_is_shown_once_and_can_be_revoked(signed_in):
    from asbuilt.access.identity import actor_of_token

    one = signed_in("engineer")
    token = secret_on(one.send("/you/", {"name": "laptop", "days": "30"}))
    actor = actor_of_token(token)
    assert actor.roles == {"engineer"}
    page = one.get("/you/").content.decode()
    assert token not in page and "laptop" in page
    number = re.search(r"/tokens/(\d+)/revoke/", page)[1]
    assert signed_in("engineer").send(f"/tokens/{number}/revoke/").status_code == 404
    assert one.send(f"/tokens/{number}/revoke/").status_code == 302
    assert "Revoked" in one.get("/you/").content.decode()


def test_names_are_escaped(signed_in):
    one = signed_in()
    one.send("/people/", {"name": "<script>alert(1)</script>", "roles": ["operator"]})
    page = one.get("/people/").content.decode()
    assert "<script>alert" not in page and "&lt;script&gt;alert(1)" in page


def test_a_badge_is_shown_once_with_its_data_matrix_and_ends_again(signed_in):
    from asbuilt.access.actions import accept_link, invite
    from asbuilt.built.programming.contacts import _operators
    from asbuilt.kernel.station_documents import badge_sha256
    from asbuilt.ledger import clock

    one = signed_in()
    number, link = invite(signed_in.first, name="K. Lis", roles=["operator"], code="045")
    accept_link(link, name="K. Lis", login="lis", password="nine reels of solder")
    place = f"/people/{number}/"
    assert "Issue a new badge" in one.get(place).content.decode()
    answer = one.send(f"{place}change/", {"verb": "badge"})
    badge = secret_on(answer)
    path = re.search(r'<path class="matrix-dark" d="([^"]+)"', answer.content.decode())[1]
    size = int(re.search(r'class="matrix" [^>]*viewBox="0 0 (\d+) ', answer.content.decode())[1])
    assert drawn(path, size) == badge
    page = one.get(place).content.decode()
    assert badge not in page and "matrix-dark" not in page and "End the badge" in page
    assert [row["badge_sha256"] for row in _operators(1, clock.now())] == [badge_sha256(badge)]
    assert one.send(f"{place}change/", {"verb": "badge_revoke"}).status_code == 302
    assert _operators(1, clock.now()) == [] and "End the badge" not in one.get(place).content.decode()
    assert signed_in("engineer", "quality_lead").send(f"{place}change/", {"verb": "badge"}).status_code == 403


def drawn(path: str, size: int) -> str:
    """What a reader sees in the drawing: its boxes painted as points, ten to a module."""
    import zxingcpp
    from PIL import Image, ImageDraw

    picture = Image.new("L", (size * 10, size * 10), 255)
    pen = ImageDraw.Draw(picture)
    for box in re.findall(r"M(\d+) (\d+)h(\d+)v(\d+)h-\d+z", path):
        x, y, wide, high = (int(number) * 10 for number in box)
        pen.rectangle((x, y, x + wide - 1, y + high - 1), fill=0)
    return zxingcpp.read_barcode(picture).text
