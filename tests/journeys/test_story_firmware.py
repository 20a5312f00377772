"""Story a: firmware 2.3.1 turned bad. Which gateways run it, and who holds them?

The numbers are those of the issue, of examples/README.md and of the independent count, which reads the CSV files alone.
"""

import subprocess
import sys

import independent_count as count
import pytest
from told import compare, nulls_last

EXAMPLES = count.FOLDER.parent
QUESTION = "firmware:2.3.1 product:EG-200"


def test_the_committed_factory_is_what_its_script_writes():
    command = [sys.executable, "-B", str(EXAMPLES / "build_factory.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_everything_is_loaded(example_loaded):
    read = {name: len(count.table(name)) for name in (report.table for report in example_loaded.reports)}
    assert {report.table: (report.rows, report.stored) for report in example_loaded.reports} == {
        name: (rows, rows) for name, rows in read.items()
    }
    assert set(read) == {path.stem for path in count.FOLDER.glob("*.csv")}


def test_the_numbers_of_the_issue(ask):
    said = ask(QUESTION)
    assert said["affected"] == said["finished"] == {"certain": 5001, "possible": 0, "unrecorded": 0}
    assert [(row["customer"], row["certain"]) for row in said["by"]["customer"]] == [
        ("Distributor X", 3000),
        ("Baltic Meters", 720),
        ("Veldhuis Energie", 480),
        ("Atelier Réseau", 260),
        (None, 541),
    ]
    assert [row["serial"] for row in said["serials"]] == [str(number) for number in range(10000, 15001)]
    assert said["gaps"] == []


def test_the_independent_count_agrees(ask):
    compare(ask(QUESTION), count.story_a())


def test_each_gateway_once_by_owner_order_firmware_and_state(ask):
    by = ask(QUESTION)["by"]
    axis = count.Axis()
    orders = [row["order"] for unit, row in enumerate(axis.rows) if axis.product(unit) == "EG-200"]
    assert nulls_last(by["order"], "order") == [(code, orders.count(code), 0, 0) for code in sorted(set(orders))]
    assert nulls_last(by["owner"], "owner") == [("Halden Energy Systems", 5001, 0, 0)]
    assert nulls_last(by["firmware"], "firmware") == [("2.3.1", 5001, 0, 0)]
    assert nulls_last(by["state"], "state") == [("shipped", 4460, 0, 0), ("stock", 541, 0, 0)]


def test_what_ran_before_is_known_too(ask):
    """320 gateways ran 2.3.0 before (examples/README.md); today none does."""
    ran = {row["serial"] for row in count.table("programming") if (row["version"], row["result"]) == ("2.3.0", "pass")}
    said = ask("ever:(firmware:2.3.0) product:EG-200")
    assert {row["serial"] for row in said["serials"]} == ran and said["affected"]["certain"] == len(ran) == 320
    assert ask("firmware:2.3.0 product:EG-200")["affected"]["certain"] == 0


@pytest.mark.parametrize("version", ["1.7.9", "1.8.0"])
def test_chips_that_came_programmed(ask, version):
    compare(ask(f"firmware:radio/{version} product:RB-50"), count.radio_story()[version])


def test_those_of_one_customer_and_the_rest_make_all(ask):
    mine = ask(f'{QUESTION} customer:"Distributor X"')["affected"]["certain"]
    rest = ask(f'{QUESTION} -customer:"Distributor X"')["affected"]["certain"]
    assert (mine, rest) == (3000, 2001)
