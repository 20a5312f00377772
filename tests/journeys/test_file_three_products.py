"""A sensor, a router and a firewall from scope to declaration, and an authority that asks: by commands, by the API where another person has to do it.

examples/three-products: Nordwind makes ten sensors, six routers and four firewalls in November 2027. Each goes its way: class and routes, risks and the
matrix of Annex I with evidence counted from the record, support period, technical file, declaration, shipments over the day on which the law changes.
In March 2028 an authority asks for the firewall's papers and gets them with their gaps. Numbers are counted by hand in examples/three-products/README.md.
"""

import csv
import hashlib
import io
import json
import zipfile
from pathlib import Path

import pytest
from cast import pages
from commands import here, here_json
from compliance_floor import in_force
from houses import House

EXAMPLE = Path(__file__).parents[2] / "examples" / "three-products"
PRODUCTS = {"TS-10": "default", "RT-20": "routers-modems-switches", "FW-30": "firewalls-ids-ips"}
ANSWERS = ("--digital-elements", "yes", "--connection", "direct", "--market", "yes")
# (allowed, available) of each route, by law and on 20 November 2027: no body was notified, nothing is cited
ROUTES = {
    "TS-10": {"A": (True, True), "B+C": (True, False), "H": (True, False), "cert": (True, False)},
    "RT-20": {"A": (False, False), "B+C": (True, False), "H": (True, False), "cert": (False, False)},
    "FW-30": {"A": (False, False), "B+C": (True, False), "H": (True, False), "cert": (True, False)},
}
CLASSES = {"TS-10": "default", "RT-20": "important-I", "FW-30": "important-II"}
NO_USER_DATA = ("I.2.g", "I.2.m")  # what does not apply to the sensor: it keeps nothing of its user
# requirement of Annex I -> how it stands for the firewall, all answered: its four units carry all the evidence there is
FIREWALL = {
    "I.1": "proved", "I.2.a": "proved", "I.2.b": "described", "I.2.c": "missing", "I.2.d": "described", "I.2.e": "described",
    "I.2.f": "partly", "I.2.g": "described", "I.2.h": "described", "I.2.i": "described", "I.2.j": "partly", "I.2.k": "described",
    "I.2.l": "described", "I.2.m": "described", "II.1": "partly", "II.2": "proved", "II.3": "partly", "II.4": "described",
    "II.5": "missing", "II.6": "missing", "II.7": "missing", "II.8": "missing",
}  # fmt: skip
ANNEX_II = ("AII.1", "AII.2", "AII.3", "AII.4", "AII.5", "AII.7", "AII.8.a", "AII.8.b", "AII.8.c", "AII.8.d")
# points of which nothing is on file, and points without a known gap, before the declarations
BARE, FULL = (
    {"AVII.1.c", "AVII.2.c", "AVII.7", "revisions", "cessation"},
    {"AVII.1.a", "AVII.2.a", "AVII.4", "identity"},  # of cases and requests nothing is recorded
)
FILES = {
    "TS-10": {"missing": BARE | {"AVII.1.d"}, "evidence": FULL},
    "RT-20": {"missing": BARE | {"AVII.1.d"}, "evidence": FULL | {"AVII.6"}},
    "FW-30": {"missing": BARE, "evidence": FULL | {"AVII.1.d"}},
}
# duty of Article 13 -> how the firewall's file stands when the authority asks
DUTIES = {
    "13.1": "missing", "13.2": "gaps", "13.3": "gaps", "13.4": "gaps", "13.5": "gaps", "13.6": "gaps", "13.7": "gaps", "13.8": "gaps",
    "13.9": "gaps", "13.10": "gaps", "13.11": "gaps", "13.12": "evidence", "13.13": "evidence", "13.14": "missing", "13.15": "evidence",
    "13.16": "evidence", "13.17": "gaps", "13.18": "evidence", "13.19": "evidence", "13.20": "evidence", "13.21": "nothing",
    "13.22": "evidence", "13.23": "missing", "13.24": "gaps", "13.25": "gaps", "31.1-2": "evidence", "12-18": "evidence",
}  # fmt: skip
# what the answer declares not to know of the points that were demanded
GAPS = [
    "AVII.2.b: Without an SBOM: A.", "AVII.2.b: Nobody said who publishes.", "AVII.2.c: No routing for: A.",
    "AVII.2.c: No process run of this product is recorded.", "AVII.2.c: No calibration is recorded at: TEST-1.",
    "AVII.2.c: No process of this product is under change control.", "AVII.3: Without evidence: I.2.c, II.5, II.6, II.7, II.8.",
    "AVII.3: Evidence of some units only: I.2.f, I.2.j, II.1, II.3.", "AVII.8: Without an SBOM: A.",
]  # fmt: skip
LANGUAGES = ["en", "de", "pl", "fr"]
COUNTS = ("proved", "failed", "without", "of")
LOCKED = {"TS-10": {"SEC-TS": (8, 1, 1, 10)}, "RT-20": {"SEC-RT": (6, 0, 0, 6)}, "FW-30": {"SEC-FW": (3, 0, 1, 4)}}
DEMANDED = ("AVII.2.b", "AVII.2.c", "AVII.3", "AVII.7", "AVII.8")
SAID = {
    "manufacturer": "Nordwind Instruments GmbH", "address": "Kai 7, 24103 Kiel", "laws": ["Regulation (EU) 2024/2847"], "standards": ["none applied"],
    "place": "Kiel", "signed_on": "2027-11-25", "signatory": "N. Wind", "function": "Head of products",
}  # fmt: skip
BODY = {"body": "Prüfhaus Nord, 9999", "procedure": "B+C", "certificate": "CRA-2027-014"}
DECLARED = {"TS-10": "D-1", "RT-20": "D-2", "FW-30": "D-3"}
SENT = {"TS-10": ("S-1", "S-2"), "RT-20": ("S-3",), "FW-30": ("S-4",)}


@pytest.fixture
def house(home, tmp_path):
    """Nordwind as its own record keeps it: what was made, test plans in force, an SBOM of each release; nothing is sold yet."""
    with pages(ALLOWED_HOSTS=["*"]):
        home.enter()
        made = House(home, tmp_path, began="2027-11-20T08:00:00Z")
        here("import", EXAMPLE / "made")
        for file in sorted((EXAMPLE / "plans").iterdir()):
            in_force(made.actors["carl"], file.read_bytes())
        for file in sorted((EXAMPLE / "sboms").iterdir()):
            here("sbom", "add", file)
        yield made


def test_three_products_go_from_scope_to_declaration_and_an_authority_is_answered(house):
    for product, function in PRODUCTS.items():
        if product == "FW-30":
            a_feed_is_taken()
        is_judged(product, function)
        has_a_support_period(product)
        is_assessed(house, product)
    assert [(one["product"], one["class"]) for one in here_json("compliance", "list")["products"]] == sorted(
        CLASSES.items()
    )
    has_user_information(house)
    the_file_shows_class_risks_and_support()
    house.clock.at("2027-11-25T08:00:00Z")
    for product in PRODUCTS:
        is_declared(house, product)
    are_sold_over_the_change_of_the_law(house)
    an_authority_is_answered(house)


def a_feed_is_taken() -> None:
    """Before it nobody looked for vulnerabilities, and no evidence says that none is open; nor while no name in the SBOM is of a kind that the
    feed speaks of: a person says what the components are called there."""
    place = EXAMPLE.parent / "vulnerabilities" / "feeds" / "nvd"
    here("vuln", "feed", "add", "nvd", "--kind", "nvd", "--source", place)
    here("vuln", "feed", "take", "nvd")
    for name, cpe in (("linux", "cpe:2.3:o:linux:linux_kernel:*"), ("nftables", "cpe:2.3:a:netfilter:nftables:*")):
        here("vuln", "identify", name, "--confirm", f"cpe={cpe}", "--basis", "NVD's dictionary")
    here("vuln", "match")


def is_judged(product: str, function: str) -> None:
    open_ = here_json("compliance", "show", product)
    assert open_["judgement"] is None
    asked = here_json("classify", "--function", function, "--on", "2027-11-20")
    judged = here_json("compliance", "judge", product, *ANSWERS, "--function", function, "--why", "its core function as a whole")  # fmt: skip
    assert (judged["judgement"]["scope"], judged["judgement"]["class"], asked["class"]) == (
        "in",
        *[CLASSES[product]] * 2,
    )
    for said in (judged["judgement"]["routes"], asked["routes"]):
        assert {one["route"]: (one["allowed"], one["available"]) for one in said} == ROUTES[product]
    found = here_json("compliance", "role", product, "NORDWIND", "--fact", "makes", "--fact", "own_name")
    assert [(one["party"], one["role"]) for one in found["roles"]] == [("Nordwind Instruments", "manufacturer")]
    # the law names routes that nobody can go yet; that is a gap, not an error
    reachable = any(available for _, available in ROUTES[product].values())
    assert found["gaps"] == ([] if reachable else ["No conformity route is available yet."])


def is_assessed(house, product: str) -> None:
    from asbuilt.answers.compliance.assessing.actions import say_requirement

    here("compliance", "context", product, "--purpose", f"{product} in homes and plants", "--use", "without updates", "--years", "7")  # fmt: skip
    here("compliance", "asset", product, "update key")
    said = ("--asset", "AS-1", "--likelihood", "medium", "--impact", "high")
    here("compliance", "threat", product, "firmware read out over the debug port", *said)
    here("compliance", "measure", product, "debug port locked", "--threat", "TH-1", "--requirement", "I.2.j")
    left = ("--likelihood", "low", "--impact", "high", "--why", "needs a laboratory")
    here("compliance", "residual", product, "TH-1", *left)
    here("compliance", "requirement", product, "I.2.j", "--applies", "yes", "--how", "fuses are burnt at the station")
    for key in FIREWALL.keys() - {"I.2.j"}:  # in this process: a command each would take half a minute
        out = product == "TS-10" and key in NO_USER_DATA
        said = {"applies": "no", "why": "keeps nothing of its user"} if out else {"applies": "yes", "how": f"see {key}"}
        say_requirement(house.actors["carl"], product=product, requirement=key, **said)
    matrix = {one["key"]: one for one in here_json("compliance", "matrix", product)["matrix"]}
    assert list(matrix) == list(FIREWALL)
    counted = {one["name"]: tuple(one[name] for name in COUNTS) for one in matrix["I.2.j"]["evidence"]}
    assert counted == LOCKED[product]
    if product == "FW-30":
        assert {key: one["state"] for key, one in matrix.items()} == FIREWALL
    else:
        out = {key for key, one in matrix.items() if one["state"] == "not_applicable"}
        assert out == (set(NO_USER_DATA) if product == "TS-10" else set())
        assert matrix["I.2.a"]["state"] == matrix["II.2"]["state"] == "missing"
    assert house.post("carl", f"/compliance/{product}/revisions", why="first")["revision"] == "1"
    review = f"/compliance/{product}/revisions/1/review"
    own = house.people["carl"].post(f"/api/v1{review}", {"approved": True, "why": "mine"}, "application/json")
    assert own.json()["code"] == "compliance.revision_own"
    assert house.post("cara", review, approved=True, why="read")["state"] == "approved"


def has_a_support_period(product: str) -> None:
    period = ("--start", "2027-12-10", "--years", "7", "--why", "used for seven years")
    refused = json.loads(here("compliance", "support", product, "--end", "2031-12-10", *period, "--format", "json", expect=4))  # fmt: skip
    assert refused["code"] == "compliance.support_short"
    here("compliance", "support", product, "--end", "2034-12-31", *period)


def has_user_information(house) -> None:
    """The firewall's in four languages, checked by another person; of the others nobody wrote it."""
    from asbuilt.answers.compliance.filing.information import check_text, write_text

    for point in ANNEX_II:
        for language in LANGUAGES:
            text = {"product": "FW-30", "point": point, "language": language}
            write_text(house.actors["cara"], **text, words=f"{point} ({language})")
            check_text(house.actors["carl"], **text)
    assert here_json("filing", "information", "FW-30")["gaps"] == []
    assert len(here_json("filing", "information", "TS-10")["gaps"]) == len(ANNEX_II)


def the_file_shows_class_risks_and_support() -> None:
    states = {}
    for product in PRODUCTS:
        points = {one["point"]: one for one in here_json("dossier", product)["points"]}
        said = {key: json.dumps(one["parts"], ensure_ascii=False) for key, one in points.items()}
        states[product] = {
            state: {key for key, one in points.items() if one["state"] == state} for state in ("missing", "evidence")
        }
        assert f"class {CLASSES[product]}" in said["AVII.5"]
        assert f"{product} in homes" in said["AVII.1.a"] and "2034-12-31" in said["AVII.4"]
        routes = [row for part in points["AVII.5"]["parts"] for table in part["tables"] for row in table["rows"]]
        assert {row[0]: tuple(cell == "yes" for cell in row[1:3]) for row in routes} == ROUTES[product]
        assert "{" not in "".join(row[3] for row in routes) and "No body was notified" in routes[1][3]
    assert states == FILES


def is_declared(house, product: str) -> None:
    draft = {
        "products": [{"product": product, "variants": [f"{product}-EU"]}], "languages": LANGUAGES, "texts": dict.fromkeys(LANGUAGES, product),
        "said": {**SAID, "url": f"https://nordwind.example/doc/{product.lower()}"},
    }  # fmt: skip
    signed = house.file("signed.pdf", f"%PDF signed {product}")
    if product != "TS-10":  # neither class may be declared by internal control alone
        given = {"draft": json.dumps(draft), "why": "first"}
        refused = house.people["carl"].post("/api/v1/conformity-declarations", given).json()
        assert refused["code"] == "compliance.declaration_gaps" and len(refused["facts"]["gaps"]) == 1
        assert refused["facts"]["gaps"][0].startswith(f"AV.7: {product} may not be declared by route A alone")
        draft["said"] |= BODY
    here("filing", "declare", house.file("draft.json", json.dumps(draft)), "--why", "first", "--signed", signed)
    (one,) = here_json("filing", "declarations", product)["declarations"]
    assert (one["declaration"], one["version"], one["gaps"]) == (DECLARED[product], "1", [])
    points = {each["point"]: each["text"] for each in one["texts"]["en"]}
    assert list(points) == ["AV.1", "AV.2", "AV.3", "AV.4", "AV.5", "AV.6", "AV.7", "AV.8"]
    assert points["AV.1"] == f"{product} ({product}-EU)" and "none applied" in points["AV.6"]
    assert points["AV.7"] == ("" if product == "TS-10" else "Prüfhaus Nord, 9999, B+C, CRA-2027-014")
    here("filing", "keep", product, "--why", "before the first shipment")


def are_sold_over_the_change_of_the_law(house) -> None:
    house.clock.at("2027-12-20T08:00:00Z")
    here("import", EXAMPLE / "sold")
    for product, shipments in SENT.items():
        here("filing", "sent", DECLARED[product], "1", *shipments, "--form", "simplified")
    gone = {one["shipment"]: one["declaration"] for product in PRODUCTS for one in here_json("filing", "declarations", product)["shipments"]}  # fmt: skip
    assert gone == {"S-1": "D-1", "S-2": "D-1", "S-3": "D-2", "S-4": "D-3"}
    assert [here_json("compliance", "unit", f"TS-000{n}")["regime"] for n in (3, 4)] == ["before", "after"]
    sensors = here_json("compliance", "support", "TS-10")
    assert (sensors["units"], sensors["placed"], sensors["not_placed"]) == (10, 7, 3)
    assert {one["regime"]: one["units"] for one in sensors["regimes"]} == {"before": 3, "after": 4}
    assert sensors["documents"]["until"] == "2037-12-13"  # ten years after the last unit under the whole law
    trade = here_json("filing", "trade")
    assert all(part in trade["source"] for part in ("23(1)(a)", "23(1)(b)", "23(2)"))
    assert [(one["party"], one["packages"], one["shown_until"]) for one in trade["supplied_us"]] == [("KONTOR", 4, "2037-11-02")]  # fmt: skip
    assert {one["paper"]: (one["party"], one["units"], one["shown_until"]) for one in trade["we_supplied"]} == {
        "S-1": ("GROSS", 3, "2037-12-10"), "S-2": ("GROSS", 4, "2037-12-13"), "S-3": ("RESEAUX", 4, "2037-12-14"), "S-4": ("GROSS", 2, "2037-12-15"),
    }  # fmt: skip


def an_authority_is_answered(house) -> None:
    house.clock.at("2028-03-01T08:00:00Z")
    assert here_json("case", "open", "Papers of the firewall", "--kind", "authority")["case"] == "C-1"
    due = ("--due", "2028-03-15T08:00:00Z", "--received", "2028-03-01T07:00:00Z", "--language", "en")
    letter = house.file("letter.txt", "Bitte um Unterlagen nach Artikel 13(22).")
    demanded = [word for point in DEMANDED for word in ("--demand", point)]
    here("filing", "request", "C-1", "--product", "FW-30", "--authority", "BNetzA", "--state", "DE", "--basis", "13(22)",
         "--words", "Risks, production, declaration, SBOM", "--file", letter, *due, *demanded)  # fmt: skip
    house.clock.at("2028-03-08T08:00:00Z")
    here("filing", "answer", "C-1", "1", "--to", "cra@bnetza.example", "--at", "2028-03-08T07:00:00Z")
    (asked,) = here_json("filing", "requests", "C-1")["requests"]
    (sent,) = asked["sent"]
    assert (sent["to"], sent["not_sent"]) == ("cra@bnetza.example", ["AVII.2.c"]) and sent["gaps"] == GAPS
    content = b"".join(house.people["carl"].get(f"/api/v1/evidence/{sent['sha256']}").streaming_content)
    assert hashlib.sha256(content).hexdigest() == sent["sha256"]
    package = house.folder / "sent.zip"
    package.write_bytes(content)
    assert "unaltered" in here("verify", package)
    with zipfile.ZipFile(package) as opened:
        rows = list(csv.DictReader(io.StringIO(opened.read("AVII.3-1.csv").decode())))
        assert {row["requirement"]: row["state"] for row in rows} == FIREWALL
        gaps = opened.read("gaps.txt").decode()
        assert {name.rpartition("-")[0] for name in opened.namelist() if name.endswith(".csv")} <= set(DEMANDED)
    assert gaps.startswith("This is part of the technical file: ") and "Not asked for, and not part of it: " in gaps
    assert "\nOf 5 points 1 are missing, 3 have gaps, 1 have evidence" in gaps and "compliant" not in gaps
    file = here_json("dossier", "FW-30")
    assert {one["duty"]: one["state"] for one in file["duties"]} == DUTIES
    kinds = [one["kind"] for one in here_json("case", "show", "C-1")["timeline"]]
    assert kinds.count("request") == kinds.count("request_sent") == 1
    here("ledger", "verify")
