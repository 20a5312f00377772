"""A case whose units went to two customers: Halden has two boxes of our own product, Alpina one; three of Halden's own boards stay in house.

Counted by hand: OWN-1 has WO-1-1, WO-1-2 (Halden, SH-1) and WO-1-3 (Alpina, SH-2); HAL-1 has WO-2-1 … WO-2-3, not shipped.
"""

import subprocess
import sys
from contextlib import contextmanager
from email import message_from_bytes, policy
from pathlib import Path

from case_floor import AT, TABLES

HALDEN, ALPINA = {"WO-1-1", "WO-1-2"}, {"WO-1-3"}
WORDS = {"": {"contact": "psirt@ostwerk.example"}, "de": {"measures": "Stecker ziehen."}}


def shipment(code: str, customer: str, first: str, last: str) -> dict:
    said = {"shipment": code, "customer": customer, "country": "NO", "first_serial": first, "last_serial": last}
    return {**said, "shipped_at": "2026-05-05T08:00:00Z", "placed_on_market_at": ""}


def tables() -> dict:
    """The small house with what it shipped."""
    return {**TABLES, "shipments": [shipment("SH-1", "HAL", "WO-1-1", "WO-1-2"), shipment("SH-2", "ALP", "WO-1-3", "WO-1-3")]}  # fmt: skip


def open_case(actor, question: str = "product:OWN-1", kind: str = "aev") -> str:
    """A case about our own product with a frozen answer."""
    from asbuilt.answers.cases.handling.actions import deciding, opening, saying

    code = opening.open_case(actor, kind=kind, title="Overflow")
    saying.add_product(actor, case=code, product="OWN-1", versions="2.3.1")
    saying.state_moment(actor, case=code, moment="aware_at", at=AT, why="seen")
    deciding.freeze(actor, case=code, question=question, why="to tell")
    return code


def contacts(actor, **of: str) -> None:
    """Mail addresses by party: contacts(actor, HAL="psirt@halden.example de")."""
    from asbuilt.answers.cases.telling.actions.contacts import set_contact

    for party, said in of.items():
        address, _, language = said.partition(" ")
        set_contact(actor, party=party, channel="mail", address=address, language=language or "en")


def drafted(actor, case: str, **said) -> str:
    """A notice that was reviewed."""
    from asbuilt.answers.cases.telling.actions.writing import draft_notice, review_notice

    code = draft_notice(actor, case=case, texts=WORDS, **said)
    review_notice(actor, notice=code, version=1)
    return code


class Mails:
    """What a mail server took, the first first."""

    def __init__(self, folder: Path):
        self.folder = folder

    def raw(self) -> list[bytes]:
        return [file.read_bytes() for file in sorted(self.folder.glob("*.eml"))]

    def all(self) -> list:
        return [message_from_bytes(one, policy=policy.default) for one in self.raw()]

    def to(self) -> list[str]:
        return [file.read_text() for file in sorted(self.folder.glob("*.to"))]

    def connections(self) -> list[str]:
        return [file.read_text() for file in sorted(self.folder.glob("*.peer"))]


@contextmanager
def mail_server(folder: Path, *more: str):
    """A real mail server in a process of its own; gives its port and what it took."""
    folder.mkdir(exist_ok=True)
    command = [sys.executable, Path(__file__).with_name("mail_server.py"), folder, *more]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            yield int(server.stdout.readline()), Mails(folder)
        finally:
            server.kill()
