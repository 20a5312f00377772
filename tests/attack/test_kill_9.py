"""kill -9 at any moment of imports and verbs, a hundred times: what was acknowledged is there, what was not is absent as a whole.

A nursery has the product loaded and forks the processes that are killed, so that a kill costs milliseconds.
"""

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time

import pytest
from plant import one, plant

ROUNDS = int(os.environ.get("ASBUILT_KILL_ROUNDS", "100"))
VERIFIED_EVERY = 10  # kills; the heads of every round are held against the log each time
UNITS = 40
TESTS = 3_000

NURSERY = """
import json, os, sys
import django
django.setup()
from asbuilt.answers.register import actions as _
from asbuilt.built.exchange import actions as _, withdrawing as _
for line in sys.stdin:
    said = json.loads(line)
    pid = os.fork()
    if pid == 0:
        sys.argv = ["killed", said["first"], said["folder"]]
        os.dup2(os.open(said["pipe"], os.O_WRONLY), 1)
        exec(said["script"], {"__name__": "killed"})
        os._exit(0)
    print(pid, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
"""

BEGIN = """
import sys
from pathlib import Path
from asbuilt.access.actor import local_system
from asbuilt.access.queries import tenant_of_slug
actor = local_system(tenant_of_slug("main").number)
first, folder = int(sys.argv[1]), Path(sys.argv[2])
def done(*said):
    print("done", *said, flush=True)
print("ready", flush=True)
"""

IMPORTS = (
    BEGIN
    + """
from asbuilt.built.exchange.actions import import_file
span = "order,refdes,package,first_serial,last_serial,certainty,machine,feeder,happened_at"
for n in range(first, first + 10_000):
    code = f"K-{n}"
    files = {
        "orders": ["order,product,revision,bom_version,quantity,customer,opened_at",
                   f"{code},board,A,1,%UNITS%,own,2027-03-01T08:00:00Z"],
        "units": ["order,serial,panel,position"] + [f"{code},{code}-{u},," for u in range(1, %UNITS% + 1)],
        "materials": [span, f"{code},R1 R2,P1,{code}#1,{code}#%UNITS%,certain,M1,F1,2027-03-02T08:00:00Z"],
        "tests": ["serial,plan,plan_version,station,operator,outcome,started_at,finished_at,measurements"]
                 + [f"{code}#{u},ICT,1,T1,045,pass,2027-03-07T08:00:00Z,2027-03-07T08:01:00Z," for u in range(1, %UNITS% + 1)],
    }
    for table, lines in files.items():
        path = folder / f"{table}.csv"
        path.write_text("\\n".join(lines) + "\\n")
        report = import_file(actor, path, table)
        done(table, code, report.entry, report.sha256)
"""
).replace("%UNITS%", str(UNITS))

VERBS = (
    BEGIN
    + """
from asbuilt.answers.register.actions import freeze_answer
from asbuilt.built.exchange.withdrawing import Withdraw, withdraw_facts
facts = (folder / "facts").read_text().split()
for n in range(first, len(facts)):
    entry = withdraw_facts(actor, [Withdraw(facts[n], f"reason {n}", "045", 1_800_000_000_000_000)], f"w{n}").entry
    done("withdrawn", facts[n], entry)
    frozen = freeze_answer(actor, "test:FCT=pass", request_key=f"f{n}")
    done("frozen", frozen.ulid, frozen.entry)
"""
)


class Nursery:
    """Forks a process that runs a script, and kills it at a random moment."""

    def __init__(self, place, folder):
        env = {**place.env(), "DJANGO_SETTINGS_MODULE": "asbuilt.site.settings"}
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        self.process = subprocess.Popen([sys.executable, "-c", NURSERY], env=env, **pipes)
        self.pipe = folder / "said"
        os.mkfifo(self.pipe)

    def kill_one(self, script: str, first: int, folder, chance: random.Random) -> list[list[str]]:
        """The acknowledgements that came out whole."""
        said = {"script": script, "first": str(first), "folder": str(folder), "pipe": str(self.pipe)}
        self.process.stdin.write(json.dumps(said) + "\n")
        self.process.stdin.flush()
        pid = int(self.process.stdout.readline())
        with open(self.pipe) as out:
            assert out.readline() == "ready\n"
            lines = [out.readline() for _ in range(chance.randrange(6))]
            time.sleep(chance.random() * 0.06)
            os.kill(pid, signal.SIGKILL)
            lines += out.readlines()
        assert int(self.process.stdout.readline()) == -signal.SIGKILL
        return [line.split()[1:] for line in lines if line.startswith("done ") and line.endswith("\n")]

    def close(self) -> None:
        """End it."""
        self.process.stdin.close()
        assert self.process.wait(timeout=30) == 0
        self.process.stdout.close()


@pytest.fixture
def nursery(home, tmp_path):
    found = Nursery(home, tmp_path)
    yield found
    found.close()


def rows(sql: str) -> list[tuple]:
    from asbuilt.storage import reading

    return reading.fetch(sql, ())


def entry_types(tenant: int) -> dict[int, str]:
    """Number -> type of every entry."""
    from asbuilt.storage import reading

    sql = "SELECT number, body FROM ledger_entry WHERE tenant = %s"
    return {number: json.loads(body)["type"] for number, body in reading.fetch(sql, (tenant,))}


def check_blobs(home) -> None:
    """Every blob is the whole of what its name says."""
    for file in home.folder.glob("blobs/??/*"):
        assert hashlib.sha256(file.read_bytes()).hexdigest() == file.parent.name + file.name


def check_log(actor, heads: list[str], whole: bool) -> None:
    """Waiting entries find their place; now and then the record verifies, with every head that was seen a beginning of it."""
    from asbuilt.ledger import sequencing
    from asbuilt.ledger.verifying import verify

    sequencing.sequence(actor.tenant)
    heads.append(sequencing.head(actor.tenant)[3])
    if not whole:
        return
    report = verify(actor.tenant, [head for head in heads if head.split("\n")[1] != "0"])
    assert report.findings == []


@pytest.fixture
def facts(load, tmp_path) -> list[str]:
    """The plant with many test runs of one unit; the ids of these facts (design, section 7)."""
    runs = [
        one("tests", started_at=f"2027-04-{1 + n // 1440:02d}T{n // 60 % 24:02d}:{n % 60:02d}:00Z", finished_at=f"2027-04-09T{n // 60 % 24:02d}:{n % 60:02d}:30Z")
        for n in range(TESTS)
    ]  # fmt: skip
    load(plant(tests=runs))
    columns = (
        "serial",
        "plan",
        "plan_version",
        "station",
        "operator",
        "outcome",
        "started_at",
        "finished_at",
        "measurements",
    )
    found = []
    for row in runs:
        cells = [row[column].replace("Z", ".000000Z") if column.endswith("_at") else row[column] for column in columns]
        text = json.dumps(["tests", *cells], separators=(",", ":"))
        found.append(hashlib.sha256(text.encode()).hexdigest()[:16])
    return found


def test_killed_while_importing(actor, home, nursery, load, tmp_path):
    load({name: rows for name, rows in plant().items() if name in ("parties", "parts", "bom", "lots")})
    chance, heads, acknowledged = random.Random(9), [], []
    for number in range(ROUNDS // 2):
        folder = tmp_path / f"round{number}"
        folder.mkdir()
        acknowledged += nursery.kill_one(IMPORTS, number * 10_000, folder, chance)
        check_log(actor, heads, (number + 1) % VERIFIED_EVERY == 0)
    check_log(actor, heads, True)
    assert len(acknowledged) > ROUNDS // 2
    types, evidence = entry_types(actor.tenant), {sha for (sha,) in rows("SELECT sha256 FROM ledger_evidence")}
    for table, _, entry, sha256 in acknowledged:
        assert types[int(entry)] == f"exchange.{table}_imported" and sha256 in evidence
    check_whole_files(acknowledged)
    check_blobs(home)


def check_whole_files(acknowledged) -> None:
    """Per order all rows of a file or none; all where the file was acknowledged."""
    orders = {code: number for number, code in rows("SELECT number, code FROM production_order")}
    span = "b.first_unit <= {0} AND b.until_unit > {0} AND b.work_order = {1}"
    counts = {
        "units": "SELECT count(*) FROM production_unit_name n, production_block b WHERE "
        + span.replace("{0}", "n.unit"),
        "tests": "SELECT count(*) FROM quality_test_run t, production_block b WHERE " + span.replace("{0}", "t.unit"),
        "materials": "SELECT coalesce(sum(until_unit - first_unit), 0) FROM production_material_run WHERE work_order = {1}",
    }
    told = {(table, code) for table, code, *_ in acknowledged}
    assert {code for table, code in told if table == "orders"} <= set(orders)
    for code, number in orders.items():
        for table, sql in counts.items():
            count = rows(sql.replace("{1}", str(number)))[0][0]
            assert count in ((UNITS,) if (table, code) in told else (0, UNITS)), (table, code)


def test_killed_during_verbs(actor, home, nursery, facts, tmp_path):
    from asbuilt.answers.register.queries import frozen_answer

    (tmp_path / "facts").write_text("\n".join(facts))
    chance, heads, acknowledged, at = random.Random(3), [], [], 0
    for number in range(ROUNDS // 2):
        said = nursery.kill_one(VERBS, at, tmp_path, chance)
        acknowledged += said
        at += sum(kind == "withdrawn" for kind, *_ in said)
        check_log(actor, heads, (number + 1) % VERIFIED_EVERY == 0)
    check_log(actor, heads, True)
    types = entry_types(actor.tenant)
    gone = {bytes(fact).hex() for (fact,) in rows("SELECT fact FROM ledger_withdrawal")}
    for kind, name, entry in acknowledged:
        if kind == "withdrawn":
            assert name in gone and types[int(entry)] == "exchange.facts_withdrawn"
        else:
            assert frozen_answer(actor, name).entry == int(entry) and types[int(entry)] == "register.answer_frozen"
    (standing,) = rows("SELECT count(*) FROM quality_test_run WHERE until_entry IS NULL")[0]
    assert standing == TESTS + 1 - len(gone)
    assert {kind for kind, *_ in acknowledged} == {"withdrawn", "frozen"}
    check_blobs(home)
