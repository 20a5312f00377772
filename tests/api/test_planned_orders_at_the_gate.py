"""Orders that grew or were split, at the gate: their traveller, a hold along their places, scrap of their last unit."""

import pytest

JSON = "application/json"
NEW = {"product": "A-LAMP", "revision": "B", "bom_version": "1", "owner": "ALPINA"}


def post(client, address, said):
    done = client.post(address, said, JSON)
    assert done.status_code in (200, 201), done.content
    return done.json()


@pytest.fixture
def planned(cast):
    """WO-91 of 4 units that grew by 3 behind another order, and WO-93 that took the last 2 of the 7 over; verified at the end."""
    from asbuilt.ledger.verifying import verify

    eva = cast.program("eva")
    post(eva, "/api/v1/orders", {**NEW, "order": "WO-91", "quantity": 4})
    post(eva, "/api/v1/orders", {**NEW, "order": "WO-92", "quantity": 5})
    post(eva, "/api/v1/orders/WO-91/grow", {"quantity": 3})
    post(eva, "/api/v1/orders/WO-91/split", {"new_order": "WO-93", "quantity": 2})
    yield cast
    assert [one.code for one in verify(1).findings] == []


def test_the_traveller_says_how_many_units_the_order_has_now(planned):
    anna = planned.program("anna")
    said = {
        code: anna.get(f"/api/v1/orders/{code}/traveller").json()["quantity"] for code in ("WO-91", "WO-92", "WO-93")
    }
    assert said == {"WO-91": 5, "WO-92": 5, "WO-93": 2}


def test_a_hold_goes_along_the_places_of_the_order(planned):
    ben = planned.program("ben")
    held = post(ben, "/api/v1/holds", {"units": ["WO-91#4..WO-91#5"], "reason": "dropped"})
    assert held["units"] == 2 and held["names"] == ["WO-91#4", "WO-91#5"]
    stopped = ben.get("/api/v1/units/WO-91%235/verdict", {"step": "COAT"}).json()
    assert [stop["code"] for stop in stopped["verdicts"][0]["stops"]] == ["gate.held"]
    assert ben.get("/api/v1/units/WO-92%231/verdict", {"step": "COAT"}).json()["go"]


def test_the_last_unit_of_a_grown_order_is_scrapped(planned):
    ben = planned.program("ben")
    post(ben, "/api/v1/units/WO-91%235/scrap", {"reason": "cracked"})
    assert ben.get("/api/v1/ask", {"question": "scrapped order:WO-91"}).json()["affected"]["certain"] == 1
    assert ben.get("/api/v1/ask", {"question": "scrapped order:WO-92"}).json()["affected"]["certain"] == 0
    # the order that took units over is stated by itself
    post(ben, "/api/v1/units/WO-93%232/scrap", {"reason": "cracked"})
    assert ben.get("/api/v1/ask", {"question": "scrapped order:WO-93"}).json()["affected"]["certain"] == 1
