"""What the tests of this door share: the door as a process of its own, and a real broker."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest
from machine_floor import tables


def free_port() -> int:
    """A port that nobody has."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class DoorProcess:
    """`asbuilt machines listen` as people start it."""

    def __init__(self, home, *words: str, password: str = ""):
        self.home, self.words, self.password = home, words, password
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "asbuilt.doors.cli.main", "machines", "listen", *self.words]
        env = {**self.home.env(), "PYTHONUNBUFFERED": "1", "ASBUILT_BROKER_PASSWORD": self.password}
        with open(self.home.folder / "door.err", "ab") as errors:
            self.process = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=errors)
        line = self.process.stdout.readline()
        assert line, (self.home.folder / "door.err").read_text()[-2000:]
        self.listens = json.loads(line)

    def kill(self) -> None:
        """kill -9."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> dict:
        """SIGTERM; returns what it says it did."""
        self.process.send_signal(signal.SIGTERM)
        out, _ = self.process.communicate(timeout=60)
        assert self.process.returncode == 0, (self.home.folder / "door.err").read_text()[-2000:]
        return json.loads(out.splitlines()[-1])

    def end(self) -> None:
        if self.process.poll() is None:
            self.kill()


@pytest.fixture
def line(home, load):
    """The line of machine_floor, with an order of 3,000 named units S00001 …, loaded."""
    said = tables()
    said["orders"].append({**said["orders"][1], "order": "WO-9", "quantity": "3000"})
    said["units"] += [{**said["units"][0], "order": "WO-9", "serial": f"S{n:05}"} for n in range(1, 3001)]
    load(said, "line")
    return home


@pytest.fixture
def start_door():
    """start_door(home, "--at", …) starts the door of a home; a port of our own without words."""
    doors = []

    def start(home, *words: str, password: str = "") -> DoorProcess:
        one = DoorProcess(home, *(words or ("--at", f"127.0.0.1:{free_port()}")), password=password)
        one.url = f"amqp://{one.listens['listens']}"
        doors.append(one)
        return one

    yield start
    for one in doors:
        one.end()


@pytest.fixture
def door(line, start_door):
    """door("--at", …) starts the door of the line."""
    return partial(start_door, line)


class Broker:
    """RabbitMQ with its AMQP 1.0 plugin, on a folder and ports of its own."""

    def __init__(self, folder: Path):
        self.folder, self.port = folder, free_port()
        folder.mkdir()
        (folder / "plugins").write_text("[rabbitmq_amqp1_0].")
        self.env = {
            **os.environ, "HOME": str(folder), "RABBITMQ_NODENAME": f"cfx{self.port}@localhost", "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self.port), "RABBITMQ_DIST_PORT": str(free_port()), "ERL_EPMD_ADDRESS": "127.0.0.1",
            "ERL_EPMD_PORT": str(free_port()), "RABBITMQ_MNESIA_BASE": str(folder / "mnesia"), "RABBITMQ_LOG_BASE": str(folder / "log"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"), "RABBITMQ_PID_FILE": str(folder / "pid"),
            "RABBITMQ_CONF_ENV_FILE": str(folder / "none"),
        }  # fmt: skip
        self.url = f"amqp://guest:guest@127.0.0.1:{self.port}"
        self.process = None
        self.start()

    def start(self) -> None:
        """Start it and wait until it takes connections."""
        command = ["/usr/lib/rabbitmq/bin/rabbitmq-server"]
        with open(self.folder / "out", "ab") as out:
            self.process = subprocess.Popen(
                command, env=self.env, stdout=out, stderr=subprocess.STDOUT, start_new_session=True
            )
        until = time.monotonic() + 120
        while time.monotonic() < until:
            assert self.process.poll() is None, (self.folder / "out").read_text()[-3000:]
            try:
                with socket.create_connection(("127.0.0.1", self.port), 1):
                    return
            except OSError:
                time.sleep(0.3)
        raise AssertionError("the broker did not start")

    def kill(self) -> None:
        """kill -9 of all of it."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def end(self) -> None:
        """Stop it and its port mapper."""
        if self.process.poll() is None:
            self.kill()
        command = ["epmd", "-port", self.env["ERL_EPMD_PORT"], "-kill"]
        until = time.monotonic() + 20
        # it refuses until it has seen that the broker is gone
        while b"Killed" not in subprocess.run(command, capture_output=True, check=False).stdout:
            assert time.monotonic() < until, "the broker's port mapper does not end"
            time.sleep(0.2)


@pytest.fixture(scope="session")
def broker_server(tmp_path_factory):
    """One broker a run."""
    one = Broker(tmp_path_factory.mktemp("broker") / "rabbitmq")
    yield one
    one.end()


@pytest.fixture
def broker(broker_server):
    """A running broker."""
    if broker_server.process.poll() is not None:
        broker_server.start()
    return broker_server


@pytest.fixture
def sql():
    """sql(statement, …) -> rows."""
    from asbuilt.storage import reading

    return lambda statement, *values: reading.fetch(statement, values)
