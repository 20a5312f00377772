"""When it happens: three cases of the example factory from the signal to the end, by commands and API, each with the report of its drill.

1. Firmware 2.3.1 of the gateway is exploited: Halden, the brand, is the manufacturer. Reports, notices by mail, an advisory, an update until it counts.
2. The signing server of Ostwerk, which builds the gateways, is compromised: a notice upward, and the severe incident of its own radio boards.
3. The profile of one oven was wrong for three days: units are taken back, and no authority is told.

What is expected is counted from the CSV files of the example alone, or stands in examples/README.md. Moments are of May 2027; the clock is set.
"""

import csv
import io
import json
from email.message import EmailMessage

import independent_count as count
import pytest
from cast import pages
from commands import here, here_json
from houses import House, approve_and_submit, drilled, due, minutes, sent_to
from notice_floor import mail_server
from publishing_floor import PUBLISHER
from reprogrammed import STATION, Depot

CVE = "CVE-2027-21417"
RUNS = "firmware:2.3.1 product:EG-200"
OVEN = "passed:OVEN-2@2027-03-15..2027-03-17"
AEV, INCIDENT = ("--duty", "cra.aev"), ("--duty", "cra.incident")
WARNING = ("--stage", "early_warning")
VECTOR = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
HOST = "psirt.halden.example"
LANGUAGE = {"DISTX": "de", "BALTIC": "pl", "VELDHUIS": "en", "RESEAU": "fr"}
UNION = {"DE", "FR", "NL", "PL"}


@pytest.fixture
def house(example_copy, tmp_path, monkeypatch):
    """house(own, makers): the example as this party keeps it."""
    monkeypatch.setenv("ASBUILT_PUBLIC", f"{HOST}=main")
    with pages(ALLOWED_HOSTS=["*"]):
        yield lambda own, makers: House(example_copy, tmp_path, own, makers)


@pytest.fixture
def mails(tmp_path, monkeypatch):
    """A real mail server on this machine; what it took."""
    monkeypatch.setenv("ASBUILT_MAIL_FROM", "psirt@house.example")
    with mail_server(tmp_path / "mails") as (port, taken):
        monkeypatch.setenv("ASBUILT_MAIL_SERVER", f"127.0.0.1:{port}")
        yield taken


# ---- 1: firmware 2.3.1


@pytest.fixture
def halden(house):
    """Halden is told by KEV at 07:10 that its gateways are exploited; at 08:05 it knows. Answer frozen, duty decided."""
    made = house("HALDEN", {"EG-200": "HALDEN", "MB-200": "HALDEN", "RB-50": "OSTWERK"})
    here("case", "coordinator", "HALDEN", "--state", "DE", "--csirt", "BSI", "--rule", "users", "--why", "3,000 of 4,460",
         "--not-before", "no establishment, representative or importer in the Union")  # fmt: skip
    made.clock.at("2027-05-03T07:20:00Z")
    noted = here_json("case", "signal", f"{CVE} is on the list", "--source", "kev", "--received", "2027-05-03T07:10:00Z")  # fmt: skip
    assert noted == {"signal": "S-1"}
    made.clock.at("2027-05-03T08:05:00Z")
    opened = made.post("cara", "/cases", kind="aev", title=f"{CVE} in the update client", signals=["S-1"])
    assert opened["case"] == "C-1" and opened["moments"]["signal_received_at"]["at"] == "2027-05-03T07:10:00Z"
    made.post("cara", "/cases/C-1/products", product="EG-200")
    made.post("cara", "/cases/C-1/moments", moment="aware_at", at="2027-05-03T08:05:00Z", why="logs of a customer")
    made.clock.at("2027-05-03T08:12:00Z")
    here("case", "freeze", "C-1", RUNS, "--why", "early warning")
    made.clock.at("2027-05-03T08:15:00Z")
    ground = {"ground": "exploited_in_product", "why": "a shell in the logs", "duty": "cra.aev"}
    made.case = made.post("carl", "/cases/C-1/decisions", reportable=True, **ground)
    return made


def test_an_exploited_firmware_is_warned_of_told_published_and_updated(halden, mails, monkeypatch):
    assert [(one["duty"], one["manufacturer"]) for one in halden.case["duties"]] == [("cra.aev", "HALDEN")]
    assert due(halden.case, "cra.aev") == {
        "early_warning": "2027-05-04T08:05:00Z", "notification": "2027-05-06T08:05:00Z", "final_report": None,
    }  # fmt: skip
    warning_has_the_right_numbers(halden)
    halden.clock.at("2027-05-03T09:00:00Z")
    customers_are_told_of_their_own_units(halden, mails, monkeypatch)
    advisory_is_published_and_served(halden)
    the_final_report_runs_from_the_workaround(halden)
    the_update_is_permitted_and_counted(halden)
    drilled(halden.place, "2027-05-03T08:05:00Z")
    report = here_json("drill", "report")
    assert minutes(report) == {
        "opened": 0.0, "product": 0.0, "aware_at": 0.0, "answer": 7.0, "decision": 10.0, "approved early_warning": 10.0,
        "submitted early_warning": 45.0, "notice_queued": 55.0, "advisory_published": 75.0, "measure": 85.0, "field_action": 175.0,
    }  # fmt: skip
    assert report["cases"][0]["missing"] == ["task", "closed"]


def warning_has_the_right_numbers(halden):
    report = here_json("case", "draft", "C-1", *AEV, *WARNING)
    told = {one["field"]: one["text"] for one in report["fields"]}
    units = sent_to()
    assert {party: len(serials) for party, serials in units.items()} == {
        "DISTX": 3000, "BALTIC": 720, "VELDHUIS": 480, "RESEAU": 260,
    }  # fmt: skip
    assert told["member_states"] == ", ".join(sorted(UNION)) and told["cve"] == CVE
    assert told["manufacturer"] == "Halden Energy Systems" and told["product_name"] == "EG-200"
    assert told["product_version"] == "firmware 2.3.1; hardware revision B"
    assert "5,001 units certainly, 0 possibly; of 0 the record does not say" in told["summary"]
    assert "Shipped to 4 customers: DE 3,000, PL 720, NL 480, FR 260. Not shipped: 541." in told["summary"]
    sent = approve_and_submit(halden, "cra.aev", "early_warning", "2027-05-03T08:50:00Z")
    assert sent["state"] == "submitted" and sent["submitted"][0]["late"] is False


def customers_are_told_of_their_own_units(halden, mails, monkeypatch):
    monkeypatch.setenv("ASBUILT_NOTICE_APPROVAL", "another")
    rows = [f"{party},mail,psirt@{party.lower()}.example,{language}" for party, language in LANGUAGE.items()]
    here("case", "contacts", "load", halden.file("contacts.csv", "\n".join(("party,channel,address,language", *rows))))
    drafted = halden.post("cara", "/cases/C-1/notices", texts={"": {"contact": "psirt@halden.example"}})
    assert {one["party"]: one["certain"] for one in drafted["recipients"]} == {
        party: len(serials) for party, serials in sent_to().items()
    }
    halden.post("cara", "/notices/N-1/reviews", version=1)
    here("case", "notices", "send", "N-1", "--version", "1", expect=4)  # nobody else approved it
    halden.post("carl", "/notices/N-1/approvals", version=1)
    here("case", "notices", "send", "N-1", "--version", "1")
    assert here_json("case", "notices", "deliver") == {"accepted": 4}
    read = {one["To"]: units_of(one) for one in mails.all()}
    assert read == {f"psirt@{party.lower()}.example": serials for party, serials in sent_to().items()}
    bodies = {one["To"]: one.get_body(("plain",)).get_content() for one in mails.all()}
    assert not [to for to, words in bodies.items() if "C-1" in words]


def units_of(mail: EmailMessage) -> list[str]:
    """The serial numbers of a notice's list."""
    (listed,) = [one for one in mail.iter_attachments() if one.get_filename().endswith(".csv")]
    content = listed.get_content()
    text = content.decode() if isinstance(content, bytes) else content
    return [row["serial_number"] for row in csv.DictReader(io.StringIO(text))]


def advisory_is_published_and_served(halden):
    from django.test import Client

    said = {**PUBLISHER, "name": "Halden Energy Systems", "namespace": "https://halden.example", "prefix": "HALDEN"}
    here("publisher", "set", halden.file("publisher.json", json.dumps(said)))
    here("publisher", "key")
    halden.clock.at("2027-05-03T09:20:00Z")
    # no feed knows a flaw of one's own before the house says it
    refused = json.loads(here("advisory", "draft", "--case", "C-1", "--format", "json", expect=3))
    assert refused["code"] == "cases.advisory_vulnerability_unknown" and "vuln note" in refused["remedy"]
    entry = {"vulnerability": CVE, "title": "Overflow in the update client", "exploited": True, "severity": [{"vector": VECTOR}]}  # fmt: skip
    here("vuln", "note", halden.file("entry.json", json.dumps(entry)))
    # the case's title names the vulnerability, as the drafts of its reports do
    drafted = here_json("advisory", "draft", "--case", "C-1")
    assert drafted["failing"] == []
    seen = halden.people["carl"].get("/api/v1/advisories/A-1").json()
    halden.post("carl", "/advisories/A-1/approve", draft=seen["draft"])
    assert here_json("advisory", "publish", "A-1", "--summary", "First issue.")["version"] == 1
    served = Client(headers={"Host": HOST}).get("/.well-known/csaf/white/2027/halden-sa-2027-0001.json")
    content = b"".join(served) if served.streaming else served.content
    assert served.status_code == 200
    checked = halden.folder / "halden-sa-2027-0001.json"
    checked.write_bytes(content)
    assert here_json("csaf", "check", checked)["valid"] is True
    (flaw,) = json.loads(content)["vulnerabilities"]
    assert flaw["cve"] == CVE and flaw["product_status"]["known_affected"]
    assert "first=10000&last=15000" in content.decode()
    told = [one["kind"] for one in here_json("case", "show", "C-1")["timeline"]]
    assert "advisory_published" in told


def the_final_report_runs_from_the_workaround(halden):
    """Fourteen days from the first measure, be it a workaround; the fix that comes later moves nothing."""
    halden.clock.at("2027-05-03T09:30:00Z")
    when = {"kind": "mitigating", "at": "2027-05-03T09:30:00Z"}
    case = halden.post("cara", "/cases/C-1/measures", **when, why="Close port 8883.")
    assert due(case, "cra.aev")["final_report"] == "2027-05-17T09:30:00Z"
    halden.clock.at("2027-05-03T11:00:00Z")
    when = ("--at", "2027-05-03T11:00:00Z", "--why", "Update to 2.3.2.")
    case = here_json("case", "measure", "C-1", "corrective", *when)
    assert due(case, "cra.aev")["final_report"] == "2027-05-17T09:30:00Z"


def the_update_is_permitted_and_counted(halden):
    """The update names its release: its own hold lets the permit through, and stops another one. Five of the stock are programmed again and leave the
    hold by their records; a unit with a second hold stands. 50 in the field by record, 60 more as Distributor X says, of which one is there already."""
    halden.clock.at("2027-05-03T10:30:00Z")
    depot = Depot(halden, "EG-200", "WO-1042")
    sha256 = depot.release("2.3.2")
    depot.enrol()
    halden.clock.at("2027-05-03T11:00:00Z")
    said = ("update", "All to 2.3.2", RUNS, "--remedy", "firmware:>=2.3.2", "--why", CVE)
    begun = here_json("case", "action", "start", "C-1", *said)
    assert (begun["reach"]["units"], begun["accounted"], begun["left"]) == (5001, 0, 5001)
    draft = depot.granted(5)
    assert depot.issue(draft, expect=4)["code"] == "gate.order_held"
    stock = [str(serial) for serial in range(13800, 13805)]
    ordered = here_json("case", "action", "order", "F-1", "--release", "EG-200 app/2.3.2", "--why", "2.3.2 is out")
    assert [one["sha256"] for one in ordered["releases"]] == [sha256]
    here("hold", "place", "--unit", "13799", "--reason", "dropped")
    halden.clock.at("2027-05-07T08:00:00Z")
    permit = depot.issue(draft)
    done = depot.program([*stock, "13799"])
    assert [one.result for one in done[:5]] == ["pass"] * 5 and done[5].reason == "station.unit_held"
    holds = {one["code"]: one["units"] for one in here_json("hold", "list")["holds"]}
    assert holds[begun["hold"]] == 5001 - 5
    told = here_json("permit", "show", permit["permit"])
    assert [(one["passed"], one["units"]) for one in told["stations"]] == [(5, 5)]
    assert depot.close(permit["permit"])["state"] == "closed"
    found = here_json("ask", f"firmware:2.3.2 station:{STATION}", "--serials")
    assert [one["serial"] for one in found["serials"]] == stock
    halden.clock.at("2027-05-10T08:00:00Z")
    row = {"product": "EG-200", "version": "2.3.2", "sha256": sha256, "uid": "", "operator": "045", "result": "pass", "role": "app", "package": ""}  # fmt: skip
    field = {**row, "station": "", "source": "field", "happened_at": "2027-05-07T08:00:00Z"}
    halden.load("updated", programming=[{"serial": str(serial), **field} for serial in range(10000, 10050)])
    lines = [f"{serial},updated,2027-05-08T08:00:00Z," for serial in range(10049, 10109)]
    file = halden.file("distx.csv", "\n".join(("serial,state,at,note", *lines)))
    shown = here_json("case", "action", "report", "F-1", "--source", "customer", "--file", file)
    standings = {one["standing"]: one["units"] for one in shown["standings"] if one["units"]}
    assert standings == {"updated": 5 + 50 + 59, "in_house": 541 - 5, "open": 5001 - 114 - 536}
    rows = {one["customer"]: (one["accounted"], one["units"]) for one in shown["customers"]}
    assert rows == {
        "Distributor X": (109, 3000), "Baltic Meters": (0, 720), "Veldhuis Energie": (0, 480), "Atelier Réseau": (0, 260), None: (5, 541),
    }  # fmt: skip


# ---- 2: the signing server

SIGNED = "firmware:2.3.1 product:EG-200 or firmware:radio/1.8.0 product:RB-50"
MAKERS = {"EG-200": "HALDEN", "MB-200": "HALDEN", "RB-50": "OSTWERK"}


@pytest.fixture
def ostwerk(house):
    """Ostwerk, the contract manufacturer: gateways are Halden's, the radio board is its own. The home is a drill from 05:55 on."""
    made = house("OSTWERK", MAKERS)
    made.clock.at("2027-05-03T05:55:00Z")
    drilled(made.place, "2027-05-03T05:55:00Z")
    return made


def test_a_compromised_signing_server_is_told_upward_and_reported_for_own_products(ostwerk, mails):
    case = the_compromise_is_a_case(ostwerk)
    # each duty has its own clock: the contract's twelve hours towards Halden, the law's for the radio board
    assert [(one["duty"], one["manufacturer"], one["products"]) for one in case["duties"]] == [
        ("contract", "HALDEN", ["EG-200"]), ("cra.incident", "OSTWERK", ["RB-50"]),
    ]  # fmt: skip
    assert due(case, "contract") == {"notice": "2027-05-03T18:00:00Z"}
    assert due(case, "cra.incident") == {
        "early_warning": "2027-05-04T06:00:00Z", "notification": "2027-05-06T06:00:00Z", "final_report": None,
    }  # fmt: skip
    axis = count.Axis()
    halden_is_told_of_its_units_and_nothing_leaves_the_drill(ostwerk, axis, mails)
    ostwerk.clock.at("2027-05-03T07:00:00Z")
    contract = here_json("case", "draft", "C-1", "--duty", "contract", "--stage", "notice")
    told = {one["field"]: one["text"] for one in contract["fields"]}
    assert told["product_name"] == "EG-200" and told["proof"].startswith(f"Answer {contract['answer']}")
    assert approve_and_submit(ostwerk, "contract", "notice", "2027-05-03T07:10:00Z")["submitted"][0]["late"] is False
    own_products_have_the_severe_incident(ostwerk, axis)
    report = here_json("drill", "report")
    assert minutes(report) == {
        "opened": 5.0, "product": 5.0, "aware_at": 6.0, "answer": 15.0, "decision": 20.0, "notice_queued": 35.0, "approved notice": 65.0,
        "submitted notice": 75.0, "approved early_warning": 80.0, "submitted early_warning": 95.0,
    }  # fmt: skip
    assert {one["step"]: one["in_time"] for one in report["cases"][0]["steps"]}["submitted early_warning"] is True
    assert report["cases"][0]["missing"] == ["advisory_published", "measure", "task", "field_action", "closed"]


def the_compromise_is_a_case(house) -> dict:
    said = {"source": "station_alarm", "received_at": "2027-05-03T05:40:00Z"}
    house.post("cara", "/signals", words="A login on the signing server that nobody made", **said)
    house.clock.at("2027-05-03T06:00:00Z")
    title = "Signing server compromised"
    opened = here_json("case", "open", title, "--kind", "incident", "--signal", "S-1")
    assert opened["case"] == "C-1"
    for product in ("EG-200", "RB-50"):
        here("case", "product", "C-1", product)
    house.clock.at("2027-05-03T06:01:00Z")
    here("case", "moment", "C-1", "aware_at", "--at", "2027-05-03T06:00:00Z", "--why", "a key was exported")
    contract = ("contract", "--hours", "12", "--party", "HALDEN", "--why", "frame contract, paragraph 9")
    here("case", "duty", "C-1", *contract)
    house.clock.at("2027-05-03T06:10:00Z")
    here("case", "freeze", "C-1", SIGNED, "--why", "what it signed since March")
    house.clock.at("2027-05-03T06:15:00Z")
    grounds = {"cra.incident": "severe_incident", "contract": "contract_asks"}
    for duty, ground in grounds.items():
        house.post("carl", "/cases/C-1/decisions", reportable=True, ground=ground, why="keys may be out", duty=duty)
    return here_json("case", "show", "C-1")


def signed(axis) -> dict[int, str]:
    """The units of the question: grade by place on the axis."""
    grades = count.firmware_grades(axis, "EG-200", "2.3.1") | count.firmware_grades(axis, "RB-50", "1.8.0", "radio")
    return {unit: grade for unit, grade in grades.items() if unit in axis.built}


def halden_is_told_of_its_units_and_nothing_leaves_the_drill(house, axis, mails):
    """Halden hears of all 5,001 gateways with the radio boards inside them; loose radio boards are Ostwerk's own."""
    house.clock.at("2027-05-03T06:30:00Z")
    address = house.file("halden.txt", "psirt@halden.example\n")
    here("case", "contacts", "set", "HALDEN", "mail", "--file", address)
    words = house.file("words.json", json.dumps({"": {"contact": "psirt@ostwerk.example"}}))
    drafted = here_json("case", "notices", "draft", "C-1", "--kind", "upward", "--texts", words)
    (halden,) = drafted["recipients"]
    assert (halden["party"], halden["certain"], halden["possible"], halden["unrecorded"]) == ("HALDEN", 5001, 0, 0)
    listed = list(csv.DictReader(io.StringIO(here_json("case", "notices", "preview", "N-1", "HALDEN")["units_csv"])))
    grades = signed(axis)
    inside = {unit: grade for unit, grade in grades.items() if axis.product(axis.outermost(unit)) == "EG-200"}
    assert len({row["serial_number"] for row in listed}) == 5001 and len(listed) == len(inside) > 5001
    assert [row["certainty"] for row in listed].count("possible") == list(inside.values()).count("possible")
    here("case", "notices", "review", "N-1", "--version", "1")
    here("case", "notices", "send", "N-1", "--version", "1")
    assert here_json("case", "notices", "deliver") == {"accepted": 0}
    assert mails.raw() == []


def own_products_have_the_severe_incident(house, axis):
    """The early warning of the radio board: countries are those to which gateways with such boards went."""
    house.clock.at("2027-05-03T07:15:00Z")
    country = {unit: row["country"] for row in count.table("shipments") for unit in axis.span(row)}
    mine = {unit: grade for unit, grade in signed(axis).items() if axis.product(unit) == "RB-50"}
    there = {country[axis.outermost(unit)] for unit in mine if axis.outermost(unit) in country}
    report = here_json("case", "draft", "C-1", *INCIDENT, *WARNING)
    told = {one["field"]: one["text"] for one in report["fields"]}
    assert told["product_name"] == "RB-50" and told["manufacturer"] == "Ostwerk Electronics"
    assert told["member_states"] == ", ".join(sorted(there & UNION)) != ""
    grades = count.three(mine.values())
    assert (grades["certain"], grades["possible"]) == (3298, 4)
    assert "3,298 units certainly, 4 possibly" in told["summary"]
    path = "/cases/C-1/reports/cra.incident/early_warning/texts"
    house.post("cara", path, texts={"malicious_suspected": "yes"}, why="the login came from outside")
    sent = approve_and_submit(house, "cra.incident", "early_warning", "2027-05-03T07:30:00Z")
    assert sent["state"] == "submitted"
    # its final report waits for the 72-hour notification, and an estimate says so
    incident = next(one for one in here_json("case", "show", "C-1")["duties"] if one["duty"] == "cra.incident")
    (final,) = [one for one in incident["clocks"] if one["stage"] == "final_report"]
    assert final["due_at"] is None and final["estimate_at"] == "2027-06-06T06:00:00Z"


# ---- 3: the oven


def test_a_wrong_profile_is_a_matter_of_quality_and_is_taken_back(house, tmp_path):
    made = house("OSTWERK", MAKERS)
    made.clock.at("2027-05-03T09:00:00Z")
    copy = in_a_drill(made.place, tmp_path / "drill")
    made.clock.at("2027-05-03T09:04:00Z")
    received = ("--source", "customer", "--received", "2027-05-03T08:30:00Z")
    here("case", "signal", "Veldhuis: radio boards let go of their module", *received)
    here("case", "open", "Wrong reflow profile on OVEN-2", "--kind", "quality", "--signal", "S-1")
    case = here_json("case", "product", "C-1", "RB-50")
    assert case["duties"] == []  # our own product, nothing exploited: no authority is told
    case = here_json("case", "product", "C-1", "EG-200")
    assert [(one["duty"], one["manufacturer"]) for one in case["duties"]] == [("contract", "HALDEN")]
    made.clock.at("2027-05-03T09:10:00Z")
    here("case", "freeze", "C-1", OVEN, "--why", "15 to 17 March, both boards")
    numbers = made.people["cara"].get("/api/v1/cases/C-1/affected").json()["now"]
    assert (numbers["certain"], numbers["possible"], numbers["unrecorded"]) == (1249, 529, 0)
    assert {row["customer"]: (row["certain"], row["possible"]) for row in numbers["by_customer"]} == {
        "Distributor X": (221, 126), "Veldhuis Energie": (311, 145), "Atelier Réseau": (104, 0), "Baltic Meters": (0, 46), None: (317, 59),
    }  # fmt: skip
    boards_are_taken_back(made)
    report = here_json("drill", "report")
    assert report["scenario"] == "an oven" and minutes(report) == {
        "opened": 4.0, "product": 4.0, "answer": 10.0, "field_action": 30.0,
    }  # fmt: skip
    assert "advisory_published" not in report["cases"][0]["missing"]
    made.place.enter()  # the record itself heard nothing of it
    assert here_json("case", "list") == {"cases": []} and copy.folder != made.place.folder


def in_a_drill(place, folder):
    """A copy for an exercise, as `asbuilt drill start` makes it; this process works in it from here on."""
    began = here_json("drill", "start", folder, "--scenario", "an oven")
    copy = type(place)(folder, "")
    assert (began["home"], began["keys"]) == (str(copy.folder), str(copy.keys))
    copy.enter()
    return copy


def boards_are_taken_back(house):
    """Every board of the answer is in the recall; those in gateways at a customer count there; two gateways come back."""
    axis = count.Axis()
    begin, end = (count.instant(f"2027-03-{day}T00:00Z") for day in (15, 18))
    boards = [unit for unit in count.passed_grades(axis, "OVEN-2", begin, end) if unit in axis.built]
    at: dict[str | None, list[int]] = {}
    for unit in boards:
        at.setdefault(axis.customers.get(axis.outermost(unit)), []).append(unit)
    house.clock.at("2027-05-03T09:30:00Z")
    begun = here_json("case", "action", "start", "C-1", "recall", "Boards of OVEN-2", OVEN, "--why", "wrong profile")
    assert (begun["reach"]["units"], begun["reach"]["certain"], begun["reach"]["possible"]) == (1778, 1249, 529)
    assert {one["customer"]: one["units"] for one in begun["customers"]} == {
        customer: len(units) for customer, units in at.items()
    }
    assert begun["left"] == 1778 - len(at[None])  # what never left the house is in house, or scrapped
    back = sorted({axis.outermost(unit) for unit in at["Veldhuis Energie"]})[:2]
    inside = sum(axis.outermost(unit) in back for unit in boards)
    house.clock.at("2027-05-04T12:00:00Z")
    units = [word for unit in back for word in ("--unit", axis.rows[unit]["serial"])]
    said = ("--source", "customer", "--standing", "returned", "--at", "2027-05-04T10:00:00Z", *units)
    shown = here_json("case", "action", "report", "F-1", *said)
    assert {one["customer"]: one["accounted"] for one in shown["customers"]} == {
        **dict.fromkeys(at, 0), "Veldhuis Energie": inside, None: len(at[None]),
    }  # fmt: skip
    assert inside >= 2
