"""What journeys of cases share: a house that keeps the example factory, its clock, its people; what a drill's report and deadlines say."""

import independent_count as count
from cast import PASSWORD, write_tables
from commands import here, here_json


class Clock:
    """What the record takes for now: at("2027-05-03T08:00:00Z") sets it, never back."""

    def __init__(self, began: str):
        from asbuilt.ledger import clock

        self.now = 0
        self.at(began)
        clock.set_clock(lambda: self.now)

    def at(self, text: str) -> str:
        from asbuilt.kernel.instants import parse_instant

        self.now = parse_instant(text)
        return text


class House:
    """A copy of the example as one party keeps it, with two people of product security."""

    def __init__(
        self, place, folder, own: str = "", makers: dict[str, str] | None = None, began: str = "2027-05-03T05:00:00Z"
    ):
        from django.test import Client

        from asbuilt.access.actions import accept_link, first_link, invite, issue_token

        self.place, self.folder, self.clock = place, folder, Clock(began)
        if own:  # else the tables of the house say it
            roles = [("", own, "own"), *((product, party, "manufacturer") for product, party in (makers or {}).items())]
            self.load("roles", product_roles=[_role(*row) for row in roles])
        ada = accept_link(first_link(), name="Ada", login="ada", password=PASSWORD)
        self.people, self.actors = {}, {}
        for who in ("cara", "carl"):
            role = {"cara": "psirt", "carl": "compliance"}[who]
            link = invite(ada, name=who.title(), roles=[role], code=who)[1]
            actor = accept_link(link, name=who.title(), login=who, password=PASSWORD)
            token = issue_token(actor, name="journey", person=actor.person, days=365)[1]
            self.actors[who] = actor
            self.people[who] = Client(headers={"Authorization": f"Bearer {token}", "Accept": "application/json"})

    def load(self, name: str, **tables) -> None:
        """Import these rows by command."""
        write_tables(self.folder / name, tables)
        here("import", self.folder / name)

    def post(self, who: str, path: str, **said) -> dict:
        """What the API answers this person."""
        answer = self.people[who].post(f"/api/v1{path}", said, "application/json")
        assert answer.status_code in (200, 201), answer.content
        return answer.json()

    def file(self, name: str, content: str):
        """A file of the house."""
        path = self.folder / name
        path.write_text(content, encoding="utf-8")
        return path


def _role(product: str, party: str, role: str) -> dict:
    said = {"product": product, "party": party, "role": role, "operator": ""}
    return {**said, "happened_at": "2026-10-01T08:00:00Z"}


def drilled(place, began: str) -> None:
    """From here on the home is a drill that began then."""
    from asbuilt.kernel.instants import parse_instant
    from asbuilt.storage import drills

    drills.mark(place.folder, "when it happens", parse_instant(began))


def minutes(report: dict) -> dict[str, float]:
    """Step -> minutes, of the one case of a drill."""
    (case,) = report["cases"]
    return {one["step"]: one["minutes"] for one in case["steps"]}


def sent_to() -> dict[str, list[str]]:
    """Party -> the serial numbers that shipments.csv says it got: plain numbers from first to last."""
    found: dict[str, list[str]] = {}
    for row in count.table("shipments"):
        span = range(int(row["first_serial"]), int(row["last_serial"]) + 1)
        found.setdefault(row["customer"], []).extend(map(str, span))
    return found


def due(case: dict, duty: str) -> dict[str, str | None]:
    """Report -> deadline."""
    (run,) = [one for one in case["duties"] if one["duty"] == duty]
    return {one["stage"]: one["due_at"] for one in run["clocks"]}


def approve_and_submit(house: House, duty: str, stage: str, at: str) -> dict:
    """Carl approves what stands in the draft; at that moment it is submitted."""
    path = f"/cases/C-1/reports/{duty}/{stage}"
    read = house.people["carl"].get(f"/api/v1{path}").json()
    gaps = [one["field"] for one in read["fields"] if one["gap"]]
    house.post("carl", f"{path}/approval", sha256=read["sha256"], **({"why": "not known yet"} if gaps else {}))
    house.clock.at(at)
    which = ("--duty", duty, "--stage", stage, "--at", at, "--reference", f"SRP-{stage}")
    return here_json("case", "submit-report", "C-1", *which)
