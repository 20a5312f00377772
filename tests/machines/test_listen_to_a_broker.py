"""CFX through a real RabbitMQ: at least once in, exactly once recorded, whatever is killed."""

import pytest
from machine_floor import at, installed, material
from mouth import send, wait_for

PLAIN = {"sasl_enabled": True, "allowed_mechs": "PLAIN"}


def placed(n: int) -> dict:
    return installed(f"T-{n}", material("RES-1", "R1", "R2", unit=f"S{n:05}"), time=at(1))


def publish(broker, queue: str, *messages: dict) -> None:
    """Send until the broker took all: one that has just come up turns senders away for a while."""
    wait_for(lambda: send(broker.url, *messages, address=queue, **PLAIN) == ["accepted"] * len(messages), 60)


@pytest.fixture
def queue(request):
    """An address of the broker that this test alone uses."""
    return f"/queue/{request.node.name}"


@pytest.fixture
def client(door, broker, queue):
    """client() starts a door that receives from the queue."""
    return lambda: door("--broker", f"amqp://guest@127.0.0.1:{broker.port}", "--from", queue, password="guest")


def recorded(sql) -> int:
    return int(sql("SELECT coalesce(sum(count), 0) FROM messages_machine_count")[0][0])


def covered(sql) -> int:
    return sum(until - first for first, until in sql("SELECT first_unit, until_unit FROM production_material_run"))


def test_messages_of_a_queue_are_recorded(broker, client, queue, sql):
    publish(broker, queue, *map(placed, range(1, 101)))
    one = client()
    wait_for(lambda: recorded(sql) == 100)
    assert covered(sql) == 100
    assert one.stop()["recorded"] == 100


def test_two_queues_and_a_topic(broker, door, sql, request):
    name = request.node.name
    one = door(
        "--broker",
        f"amqp://guest@127.0.0.1:{broker.port}",
        "--from",
        f"/queue/{name}",
        "--from",
        "/topic/CFX.#",
        password="guest",
    )
    wait_for(lambda: one.process.poll() is None)
    publish(broker, f"/queue/{name}", placed(1))
    wait_for(lambda: recorded(sql) == 1)
    publish(broker, "/topic/CFX.Production.Assembly.MaterialsInstalled", placed(2))
    wait_for(lambda: recorded(sql) == 2)


def test_the_listener_is_killed_in_midstream(broker, client, queue, sql):
    """kill -9, three times, while 2,000 messages are on the way: each is recorded once."""
    messages = [placed(n) for n in range(1, 2001)]
    publish(broker, queue, *messages[:1000])
    one = client()
    for seen in (1, 500, 1000):
        wait_for(lambda seen=seen: recorded(sql) >= seen or recorded(sql) == 2000, 60)
        one.kill()
        if seen == 1:
            publish(broker, queue, *messages[1000:])
        one.start()
    wait_for(lambda: recorded(sql) == 2000, 90)
    told = one.stop()
    assert told["recorded"] <= 2000
    assert covered(sql) == 2000
    assert sql("SELECT count(*) FROM messages_dead_letter") == [(0,)]
    assert [finding.code for finding in _verify().findings] == []


def test_the_broker_is_killed_and_comes_back(broker, client, queue, sql):
    """kill -9 of the broker while the door holds unacknowledged messages: they come again, and are recorded once."""
    messages = [placed(n) for n in range(1, 401)]
    one = client()
    publish(broker, queue, *messages[:300])
    broker.kill()
    assert one.process.poll() is None
    broker.start()
    publish(broker, queue, *messages)  # the machine sends all of it again, and more
    wait_for(lambda: recorded(sql) == 400, 90)
    assert covered(sql) == 400
    assert one.process.poll() is None
    told = one.stop()
    assert told["recorded"] == recorded(sql)
    assert [finding.code for finding in _verify().findings] == []


def _verify():
    from asbuilt.access.queries import tenant_of_slug
    from asbuilt.ledger.verifying import verify

    return verify(tenant_of_slug("main").number)
