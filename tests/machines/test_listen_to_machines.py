"""CFX over AMQP into an endpoint of our own: recorded once each, acknowledged after that, requests answered."""

from machine_floor import at, completed, envelope, installed, material, panel_run
from mouth import ask, send, wait_for


def placed(n: int) -> dict:
    return installed(f"T-{n}", material("RES-1", "R1", "R2", unit=f"S{n:05}"), time=at(1))


def counted(sql) -> int:
    return int(sql("SELECT coalesce(sum(count), 0) FROM messages_machine_count")[0][0])


def test_messages_are_recorded_and_acknowledged(door, sql):
    one = door()
    assert send(one.url, *panel_run(1, "PNL-1")) == ["accepted"] * 3
    assert counted(sql) == 3  # what was acknowledged is there
    assert sql("SELECT first_unit, until_unit FROM production_material_run") == [(1, 5)] * 3
    told = one.stop()
    assert (told["payloads"], told["recorded"], told["dead"]) == (3, 3, 0)


def test_many_messages_are_few_entries(door, sql):
    one = door()
    before = sql("SELECT max(number) FROM ledger_entry")[0][0]
    assert send(one.url, *map(placed, range(1, 1201))) == ["accepted"] * 1200
    assert sql("SELECT first_unit, until_unit - first_unit FROM production_material_run")[0][1] == 1200
    assert sql("SELECT max(number) FROM ledger_entry")[0][0] - before <= 8
    again = send(one.url, *map(placed, range(1, 3)), packed=False)
    assert again == ["accepted"] * 2


def test_an_array_plain_text_and_what_is_broken(door, sql):
    one = door()
    import json

    array = json.dumps([placed(1), placed(2)]).encode()
    assert send(one.url, array, b"{broken", b"", placed(3)) == ["accepted"] * 4
    assert counted(sql) == 5
    assert sql("SELECT count(*) FROM messages_dead_letter") == [(2,)]


def test_twice_over_the_wire_does_nothing(door, sql):
    one = door()
    message = placed(1)
    assert send(one.url, message) == send(one.url, message, message)[:1]
    assert counted(sql) == 1
    assert one.stop()["known"] == 2


def test_our_own_echo_is_dropped(door, sql):
    one = door()
    own = envelope("Production.WorkStarted", {"TransactionID": "T"}, source=one.listens["handle"])
    assert send(one.url, own) == ["accepted"]
    assert counted(sql) == 0
    assert one.stop()["echoes"] == 1


def request(*places: tuple[str | None, int], primary: str | None = None) -> dict:
    units = [{"UnitIdentifier": name, "PositionNumber": n} for name, n in places]
    body = {"Validations": ["UnitRouteValidation"], "PrimaryIdentifier": primary, "Units": units}
    name = "InformationSystem.UnitValidation.ValidateUnitsRequest"
    return envelope(name, body, RequestID="R-17", Target="Asbuilt.Record.1")


def test_a_request_is_answered(door, load, sql):
    load({"units": [{"order": "WO-2", "serial": "SN1", "panel": "", "position": "", "state": "planned"}]}, "again")
    one = door()
    message, said = ask(one.url, request(("S00001", 0), ("NOBODY", 1)))
    assert said["MessageName"].endswith("ValidateUnitsResponse")
    assert (said["Source"], said["Target"], said["RequestID"]) == ("Asbuilt.Record.1", "Acme.Placer.P1", "R-17")
    assert message.correlation_id == "ask-1" and message.properties["cfx-message"].endswith("ValidateUnitsResponse")
    body = said["MessageBody"]
    assert [(one["Result"], one["FailureCode"]) for one in body["ValidationResults"]] == [("Passed", 0), ("Failed", 1)]
    assert (body["Result"]["Result"], body["PrimaryResult"]["Result"]) == ("Success", "Failed")
    wait_for(lambda: counted(sql) == 1)  # the request is kept like any message


def test_a_panel_with_a_skipped_position(door):
    from machine_floor import started

    one = door()
    send(one.url, started("T-1", "PNL-1", skip=(2,)))
    _, said = ask(one.url, request(("PNL-1", 1), ("PNL-1", 2), primary="PNL-1"))
    assert [one["FailureCode"] for one in said["MessageBody"]["ValidationResults"]] == [0, 3]
    _, said = ask(one.url, request(primary="S00007"))
    assert said["MessageBody"]["PrimaryResult"]["Result"] == "Passed"
    _, said = ask(one.url, request())
    assert said["MessageBody"]["Result"]["Result"] == "Failed"


def test_what_was_received_is_recorded_before_it_stops(door, sql):
    one = door()
    from threading import Thread

    states: list[str] = []
    mouth = Thread(target=lambda: states.extend(send(one.url, *map(placed, range(1, 101)))))
    mouth.start()
    wait_for(lambda: mouth.is_alive())
    mouth.join()
    told = one.stop()
    assert states == ["accepted"] * 100 and told["recorded"] == counted(sql) == 100


def test_a_dead_letter_is_acknowledged(door, sql):
    one = door()
    assert send(one.url, completed("NEVER")) == ["accepted"]
    assert sql("SELECT cause FROM messages_dead_letter") == [("messages.pass_unknown",)]
