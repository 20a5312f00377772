"""Every term that the exchange tables answer, on a factory small enough to count by hand.

WO-1 is eight boards B1 to B8 on two panels, WO-2 four boards of another revision without serial numbers, WO-3 two boxes.

    unit   R1 R2                    U1            then
    B1 B2  reel A (lot 77, Acme)    reel U        B1 inside box X1, shipped to Shop X
    B3     reel A or reel B         reel U        B3 reworked at R1: reel A came out, reel B went in
    B4     reel A or reel B         reel U        failed ICT, then passed
    B5 B6  reel B (lot 77, Bolt)    reel U        B6 failed ICT
    B7     no record                reel U        scrapped
    B8     reel N (lot not known)   no record     skipped
"""

import pytest

from asbuilt.kernel.errors import Invalid, NotAllowed, NotFound

HEADERS = {
    "parties": "party|name|roles|country",
    "parts": "part|description|mpn|manufacturer|lifecycle|msl",
    "bom": "product|revision|bom_version|line|part|quantity|refdes",
    "lots": "package|package_kind|part|mpn|manufacturer|supplier|lot_code|date_code|quantity|received_at|delivery|coc|status",
    "orders": "order|product|revision|bom_version|quantity|customer|opened_at|batch",
    "units": "order|serial|panel|position|state",
    "materials": "order|refdes|package|first_serial|last_serial|certainty|machine|feeder|happened_at",
    "processes": "order|step|machine|program|first_serial|last_serial|started_at|finished_at|operator|result|readings|side|pass",
    "replacements": "serial|refdes|removed_package|installed_package|operator|reason|happened_at",
    "assemblies": "parent_serial|child_serial|position|happened_at",
    "firmware": "product|version|role|image|sha256|revisions|released_at|security_relevant",
    "programming": "serial|product|version|sha256|uid|station|operator|result|happened_at|role",
    "tests": "serial|plan|plan_version|station|operator|outcome|started_at|finished_at|measurements",
    "shipments": "shipment|customer|country|first_serial|last_serial|shipped_at|placed_on_market_at",
}
ROWS = {
    "parties": "own|Own Brand|manufacturer|DE\nsup|Parts & Co|supplier|US\ncx|Shop X|customer|FR",
    "parts": "RES|resistor|RC-1|Acme|active|1\nRES|resistor|BN-1|Bolt & Nut|active|1\nMCU|controller|M4|Zinc|active|3\nBRD|board||||",
    "bom": "board|A|1|10|RES|2|R1 R2\nboard|A|1|20|MCU|1|U1\nboard|B|2|10|RES|2|R1 R2\nbox|A|1|10|BRD|1|",
    "lots": "A|reel|RES|RC-1|Acme|sup|77|2327|900|2027-03-01T08:00Z|D1||released\n"
    "B|reel|RES|BN-1|Bolt & Nut|sup|77|2330|900|2027-03-01T08:00Z|D1||released\n"
    "N|reel|RES|RC-1|Acme|sup|||900|2027-03-01T08:00Z|D1||released\n"
    "U|tray|MCU|M4|Zinc|sup|C 1|2401|90|2027-03-01T08:00Z|D1||released\n"
    "V|tray|MCU|M4|Zinc|sup|never used|2401|90|2027-03-01T08:00Z|D1||released",
    "orders": "WO-1|board|A|1|8|own|2027-03-01T08:00Z|BATCH7\nWO-2|board|B|2|4||2027-03-01T08:00Z|\nWO-3|box|A|1|2|own|2027-03-01T08:00Z|",
    "units": "\n".join(
        f"WO-1|B{n}|PN{(n + 3) // 4}|{(n - 1) % 4 + 1}|{ {7: 'scrapped', 8: 'skipped'}.get(n, '') }"
        for n in range(1, 9)
    )
    + "\nWO-2|-|||\nWO-2|-|||\nWO-2|-|||planned\nWO-3|X1|||\nWO-3|X2|||",
    "materials": "WO-1|R1 R2|A|B1|B2|certain|M1|F1|2027-03-02T08:00Z\nWO-1|R1 R2|A|B3|B4|possible|M1|F1|2027-03-02T08:00Z\n"
    "WO-1|R1 R2|B|B3|B4|possible|M1|F1|2027-03-02T08:00Z\nWO-1|R1 R2|B|B5|B6|certain|M1|F1|2027-03-02T08:00Z\n"
    "WO-1|R1 R2|N|B8|B8|certain|M1|F1|2027-03-02T08:00Z\nWO-1|U1|U|B1|B7|certain|M1|F2|2027-03-02T08:00Z",
    "processes": 'WO-1|REFLOW|OV1|P7|B1|B4|2027-03-15T23:00Z|2027-03-16T01:00Z|045|completed|{"zone5": 261}|top|1\n'
    'WO-1|REFLOW|OV2|P8|B5|B8|2027-03-16T08:00Z|2027-03-16T09:00Z|046|completed|{"zone5": 247}|top|2\n'
    "WO-1|AOI|AOI1||B1|B1|2027-03-15T23:59Z|2027-03-16T00:01Z|045|failed|||",
    "replacements": "B3|R1|A|B|047|dead|2027-03-20T08:00Z",
    "assemblies": "X1|B1|slot|2027-03-21T08:00Z",
    "firmware": f"board|1.9.0|app||{'a' * 64}||2027-03-01T08:00Z|false\nboard|1.10.0|app||{'b' * 64}||2027-03-02T08:00Z|false\n"
    f"board|1.0|boot||{'c' * 64}||2027-03-01T08:00Z|false",
    "programming": "B1|board|1.9.0|||PG1|045|pass|2027-03-17T08:00Z|\nB1|board|1.10.0|||PG1|045|pass|2027-03-18T08:00Z|app\n"
    "B2|board|1.9.0|||PG1|045|pass|2027-03-17T08:00Z|\nB2|board|1.10.0|||PG2|045|fail|2027-03-18T08:00Z|\n"
    "B2|board|1.0|||PG1|045|pass|2027-03-17T07:00Z|boot",
    "tests": "B4|ICT|1|T1|045|fail|2027-03-17T08:00Z|2027-03-17T08:01Z|\nB4|ICT|1|T1|045|pass|2027-03-17T09:00Z|2027-03-17T09:01Z|\n"
    "B6|ICT|1|T1|045|fail|2027-03-17T08:00Z|2027-03-17T08:01Z|\nB5|FCT|1|T2|046|pass|2027-03-17T08:00Z|2027-03-17T08:01Z|",
    "shipments": "S1|cx|FR|X1|X1|2027-03-25T08:00Z|2027-03-27",
}
TABLES = {
    name: [dict(zip(HEADERS[name].split("|"), line.split("|"), strict=True)) for line in text.split("\n")]
    for name, text in ROWS.items()
}


@pytest.fixture
def ask(actor, load):
    """ask(question) -> the answer as JSON with the serial numbers, of the factory above."""
    from asbuilt.questions.genealogy.answering import answers

    load(TABLES)
    return lambda question, **options: answers.ask(
        options.pop("by", actor), question, serials=True, **options
    ).as_dict()


ALL_BOARDS = "B1 B2 B3 B4 B5 B6 B7"
ANSWERS = {
    # question: (certain, possible, unrecorded); B8 is skipped, so in none
    "lot:77": ("B1 B2 B3 B4 B5 B6", "", "B7 WO-2#1 WO-2#2"),  # both candidates of B3 and B4 are of a lot 77
    "package:A": ("B1 B2", "B3 B4", "B7 WO-2#1 WO-2#2"),
    "package:B": ("B3 B5 B6", "B4", "B7 WO-2#1 WO-2#2"),
    "package:A,B": ("B1 B2 B3 B4 B5 B6", "", "B7 WO-2#1 WO-2#2"),
    "ever:(package:A)": ("B1 B2 B3", "B4", "B7 WO-2#1 WO-2#2"),
    "ever:(package:B)": ("B3 B5 B6", "B4", "B7 WO-2#1 WO-2#2"),
    "part:RES": ("B1 B2 B3 B4 B5 B6", "", "B7 WO-2#1 WO-2#2"),
    "part:BN-1": ("B3 B5 B6", "B4", "B7 WO-2#1 WO-2#2"),
    "part:MCU": (ALL_BOARDS, "", ""),
    'maker:"Bolt & Nut"': ("B3 B5 B6", "B4", "B7 WO-2#1 WO-2#2"),
    'lot:"C 1"': (ALL_BOARDS, "", ""),
    "unit:b1..b2": ("B1 B2", "", ""),
    "unit:wo-1#1..wo-1#2": ("B1 B2", "", ""),
    "unit:pn1/2": ("B2", "", ""),
    'lot:"c 1"': (ALL_BOARDS, "", ""),  # case-blind, since only one fits
    'lot:"never used"': ("", "", ""),
    "datecode:2401": (ALL_BOARDS, "", "WO-2#1 WO-2#2 X1 X2"),
    "(package:A at:R1)": ("B1 B2", "B4", "B7 WO-2#1 WO-2#2"),  # B3 had it replaced at R1 and may have it at R2
    "(package:A at:R2)": ("B1 B2", "B3 B4", "B7 WO-2#1 WO-2#2"),
    "(lot:77 maker:Acme at:R1)": ("B1 B2", "B4", "B7 WO-2#1 WO-2#2"),
    "feeder:F1": (
        "B1 B2 B3 B4 B5 B6",
        "",
        "B7 WO-2#1 WO-2#2",
    ),  # whichever reel it was on B3 and B4, it came through F1
    "feeder:m1/f1": ("B1 B2 B3 B4 B5 B6", "", "B7 WO-2#1 WO-2#2"),
    "feeder:F2": (ALL_BOARDS, "", ""),  # WO-2 has no controller
    "feeder:F1,F2": (ALL_BOARDS, "", "WO-2#1 WO-2#2"),
    "(feeder:F1 at:R1)": ("B1 B2 B4 B5 B6", "", "B7 WO-2#1 WO-2#2"),  # a hand put another into B3
    "ever:(feeder:F1 at:R1)": (
        "B1 B2 B3 B4 B5 B6",
        "",
        "B7 WO-2#1 WO-2#2",
    ),  # the reel that came out had been fed by it
    "(feeder:F1 package:A at:R2)": ("B1 B2", "B3 B4", "B7 WO-2#1 WO-2#2"),
    "(feeder:F2 package:A at:R2)": ("", "", ""),
    "-feeder:F1 order:WO-1": ("", "", "B7"),
    "order:WO-1": (ALL_BOARDS, "", ""),
    "order:wo-1": (ALL_BOARDS, "", ""),
    "order:BATCH7": (ALL_BOARDS, "", ""),
    "order:WO-1#2..WO-1#3": ("B2 B3", "", ""),
    "order:WO-1#6..": ("B6 B7", "", ""),
    "product:box": ("X1 X2", "", ""),
    "revision:A product:board": (ALL_BOARDS, "", ""),
    "bom:2": ("WO-2#1 WO-2#2 WO-2#3 WO-2#4", "", ""),
    "panel:PN2": ("B5 B6 B7", "", ""),
    "unit:B2": ("B2", "", ""),
    "unit:B2..B4": ("B2 B3 B4", "", ""),
    "unit:WO-2#1": ("WO-2#1", "", ""),
    "unit:PN1/2": ("B2", "", ""),
    "firmware:1.10.0": ("B1", "", ""),
    "firmware:1.9.0": ("B2", "", ""),  # the failed attempt changes nothing
    "ever:(firmware:1.9.0)": ("B1 B2", "", ""),
    "firmware:<1.10.0": ("B2", "", ""),  # by version, not by text
    "firmware:>=1.9.0": ("B1 B2", "", ""),
    "firmware:>1.10.0": ("", "", ""),
    "firmware:boot/1.0": ("B2", "", ""),
    f"image:{'b' * 64}": ("B1", "", ""),
    "-firmware:1.10.0 unit:B1..B3": ("B2 B3", "", ""),
    "passed:REFLOW": (ALL_BOARDS, "", ""),
    "passed:OV1": ("B1 B2 B3 B4", "", ""),
    "passed:OV1@2027-03-15": ("", "B1 B2 B3 B4", ""),
    "passed:OV1@2027-03-15..2027-03-16": ("B1 B2 B3 B4", "", ""),
    "passed:OV1@2027-03-17..": ("", "", ""),
    "passed:AOI@2027-03-15": ("B1", "", ""),  # of one unit, so certain
    "passed:REFLOW(program=P8 side=top)": ("B5 B6 B7", "", ""),
    "passed:REFLOW(program=P7 side=bottom)": ("", "", ""),
    "reading:OV1.zone5>260": ("B1 B2 B3 B4", "", ""),
    "reading:REFLOW.zone5<=247": ("B5 B6 B7", "", ""),
    "station:PG1": ("B1 B2", "", ""),
    "station:T2": ("B5", "", ""),
    "test:failed": ("B6", "", ""),
    "ever:(test:failed)": ("B4 B6", "", ""),
    "test:ICT=pass": ("B4", "", ""),
    "reworked": ("B3", "", ""),
    "scrapped": ("B7", "", ""),
    "in:scrapped": ("B7", "", ""),
    "in:shipped": ("B1 X1", "", ""),  # the place is that of the box
    "in:stock product:box": ("X2", "", ""),
    "customer:cx": ("B1 X1", "", ""),
    'customer:"Shop X"': ("B1 X1", "", ""),
    "country:FR": ("B1 X1", "", ""),
    "shipment:S1": ("B1 X1", "", ""),
    "placed:2027-03-27": ("B1 X1", "", ""),
    "placed:..2027-03-26": ("", "", ""),
    'owner:"Own Brand"': (f"{ALL_BOARDS} X1 X2", "", ""),
    "inside:(product:box)": ("B1", "", ""),
    "contains:(package:A)": ("X1", "", ""),
    "package:A or package:B": ("B1 B2 B3 B5 B6", "B4", "B7 WO-2#1 WO-2#2"),
    "package:A -package:B": ("B1 B2", "B4", "B7 WO-2#1 WO-2#2"),
    "-package:A order:WO-1": ("B5 B6", "B3 B4", "B7"),
    "package:A firmware:1.10.0": ("B1", "", ""),
    "unit:WO-1#2..WO-1#4": ("B2 B3 B4", "", ""),
    "unit:PN1/1..PN1/3": ("B1 B2 B3", "", ""),
    "order:WO-1#2": ("B2", "", ""),
    "unit:WO-2#1..WO-2#3": ("WO-2#1 WO-2#2 WO-2#3", "", ""),
    "passed:REFLOW(pass>=2)": ("B5 B6 B7", "", ""),
    "passed:REFLOW(pass=1..2 side=top)": (ALL_BOARDS, "", ""),
    "passed:REFLOW(pass>2)": ("", "", ""),
    "passed:REFLOW(side=bottom)": ("", "", ""),
    "passed:REFLOW(result=aborted)": ("", "", ""),
    "reading:REFLOW.zone5>999": ("", "", ""),
}


def test_every_answer_counted_by_hand(ask):
    wrong = {}
    for question, expected in ANSWERS.items():
        said = ask(question)
        found = [
            [row["serial"] for row in said["serials"] if row["certainty"] == grade]
            for grade in ("certain", "possible", "unrecorded")
        ]
        if [sorted(names) for names in found] != [sorted(names.split()) for names in expected]:
            wrong[question] = [" ".join(names) for names in found]
    assert not wrong, "\n".join(map(str, wrong.items()))


def test_finished_units_and_who_has_them(ask):
    said = ask("package:A")
    assert said["finished"] == {
        "certain": 2,
        "possible": 2,
        "unrecorded": 3,
    }  # X1 for B1, and B2; B3, B4; B7, two of WO-2
    customers = [
        (row["customer"], row["certain"], row["possible"], row["unrecorded"]) for row in said["by"]["customer"]
    ]
    assert customers == [("Shop X", 1, 0, 0), (None, 1, 2, 3)]
    assert [(row["state"], row["certain"]) for row in said["by"]["state"] if row["certain"]] == [
        ("stock", 1),
        ("shipped", 1),
    ]


def test_silence_is_named(ask):
    gaps = ask("package:A")["gaps"]
    assert len(gaps) == 2
    assert all(word in gaps[0] for word in ("WO-1", "R1", "R2", "1 unit"))
    assert all(word in gaps[1] for word in ("WO-2", "R1", "R2", "2 units"))


def test_a_lot_code_of_two_makers_says_which(ask):
    (note,) = ask("lot:77")["notes"]
    assert all(word in note for word in ("2 lots", "Acme", "Bolt & Nut", "2327", "2330", "package:A", "package:B"))


UNKNOWN = {
    "feeder:F3": "F1", "feeder:M9/F1": None, "feeder:OV1/F1": None, "lot:78": None, "package:AA": None, "part:RESI": "RES", "maker:Acmee": "Acme", "maker:Acme,Nobody": None, "supplier:supp": "sup",
    "order:WO-9": "WO-", "product:bord": "board", "revision:C": None, "panel:PN9": "PN", "unit:B99": None, "firmware:1.9.1": "1.9.0",
    "image:" + "d" * 64: None, "passed:REFLOWW": "REFLOW", "passed:OV1,OV9": "OV", "station:PG9": "PG", "customer:Shop": "Shop X", "owner:Owner": None,
    "country:XX": None, "shipment:S9": "S1", "test:ICTT=pass": "ICT", "(package:A at:R9)": "R1",
    "reading:REFLOW.zone6>1": "zone5", "reading:AOI.zone5>1": None, "passed:REFLOW(zone05>1)": "zone5", "passed:REFLOW(operator=045)": None,
    "passed:REFLOW(side=botom)": "bottom", "passed:REFLOW(result=complete)": "completed", "passed:REFLOW(program=P7,P9)": "P7",
    "order:WO-1#99": "WO-1", "order:WO-9#1": "WO-",
}  # fmt: skip


def test_names_that_nothing_has_are_errors_with_the_nearest(ask):
    wrong = []
    for question, near in UNKNOWN.items():
        try:
            said = ask(question)
        except NotFound as refused:
            if refused.exit_code != 3 or (near and near not in refused.remedy):
                wrong.append((question, refused.message, refused.remedy))
        else:
            wrong.append((question, said["affected"]))
    assert not wrong, "\n".join(map(str, wrong))


@pytest.mark.parametrize(
    "question",
    [
        "",
        "lto:77",
        "lot:",
        "77",
        "lot:77 and reworked",
        "at:R1",
        "(reworked at:R1)",
        "in:nowhere",
        "cve:",
    ],
)
def test_what_the_grammar_refuses(ask, question):
    with pytest.raises(Invalid) as refused:
        ask(question)
    assert refused.value.exit_code == 2 and refused.value.remedy


def test_terms_that_meet_only_inside_the_same_finished_unit(ask):
    """No box carries reel A, no board is a box; but box X1 contains board B1."""
    said = ask("package:A product:box")
    assert said["affected"] == {"certain": 0, "possible": 0, "unrecorded": 0}
    (note,) = said["notes"]
    assert "contains:(package:A) product:box" in note and "(1)" in note
    assert ask("contains:(package:A) product:box")["affected"]["certain"] == 1


def test_questions_by_operator_are_off_for_people_until_the_tenant_turns_them_on(ask, actor):
    """The local system account may; a quality lead, who may ask everything else, may not."""
    from asbuilt.access.actor import person_actor

    assert ask("operator:046")["affected"]["certain"] == 3  # B5 B6 B7 through OV2
    lead = person_actor(actor.tenant, 2, frozenset({"quality_lead"}), None)
    with pytest.raises(NotAllowed) as refused:
        ask("operator:046", by=lead)
    assert refused.value.exit_code == 5
    assert ask("station:T2", by=lead)["affected"]["certain"] == 1


def test_what_came_later_than_the_moment_of_the_question_is_an_answer_of_none(ask):
    for question in ("order:WO-1", "unit:B1", "unit:WO-1#1", "unit:WO-1#1..WO-1#3", "panel:PN1", "order:WO-1#2"):
        assert ask(question, as_of="2001-01-01")["affected"] == {"certain": 0, "possible": 0, "unrecorded": 0}, question
    with pytest.raises(NotFound):
        ask("order:WO-9", as_of="2001-01-01")


def test_firmware_that_came_inside_a_package_is_counted_with_the_rest(ask, load):
    """Tray U came with 1.9.0; B1 was programmed anew, B2 with the same."""
    came = {"package": "U", "product": "board", "version": "1.9.0", "source": "supplier", "result": "pass"}
    load({"programming": [{**came, "happened_at": "2027-03-01T08:00Z"}]}, "came programmed")
    rows = ask("order:WO-1")["by"]["firmware"]
    assert [(row["firmware"], row["certain"]) for row in rows] == [("1.9.0", 6), ("1.10.0", 1)]
    assert [row["firmware"] for row in ask("firmware:1.9.0")["by"]["firmware"]] == ["1.9.0"]


def test_a_replacement_by_a_package_of_an_unknown_lot_is_named_as_silence(ask, load):
    row = {"serial": "B5", "refdes": "R1", "removed_package": "B", "installed_package": "N", "reason": "dead"}
    load({"replacements": [{**row, "happened_at": "2027-03-22T08:00Z"}]}, "more")
    said = ask("(lot:77 at:R1) unit:B5")
    assert said["affected"] == {"certain": 0, "possible": 0, "unrecorded": 1}
    assert said["gaps"] == ["WO-1: the lot or date code of the package at R1 is not known on 1 unit"]


def more_fed(load):
    """WO-2#1 through feeder F1 of another machine, WO-2#2 at that machine, nobody says through which feeder."""
    cells = {
        "order": "WO-2",
        "refdes": "R1 R2",
        "package": "A",
        "certainty": "certain",
        "machine": "M2",
        "happened_at": "2027-03-05T08:00Z",
    }
    ends = [({"first_serial": f"WO-2#{n}", "last_serial": f"WO-2#{n}"}, feeder) for n, feeder in ((1, "F1"), (2, ""))]
    load({"materials": [{**cells, **end, "feeder": feeder} for end, feeder in ends]}, "more fed")


def test_a_feeder_that_two_machines_have_is_asked_of_both_and_says_which(ask, load):
    more_fed(load)
    said = ask("feeder:F1 order:WO-2")
    assert said["affected"] == {"certain": 1, "possible": 0, "unrecorded": 1}
    assert said["notes"] == [
        "Feeder F1 is on 2 machines: M1; M2. Answered for all. Narrower: feeder:M1/F1 or feeder:M2/F1."
    ]
    assert said["gaps"] == ["WO-2: the feeder, lot or date code of what is at R1 R2 is not known on 1 unit"]
    # what M2 placed did not come from a feeder of M1, whether it says which or not
    assert ask("feeder:M1/F1 order:WO-2")["affected"] == {"certain": 0, "possible": 0, "unrecorded": 0}
    assert ask("feeder:M2/F1")["affected"] == {"certain": 1, "possible": 0, "unrecorded": 2}  # WO-2#2; B7 has no run
    assert ask("feeder:M2/F1")["notes"] == []


def test_a_feeder_that_something_was_mounted_at_and_that_fed_nothing_is_an_answer_of_none(ask, load):
    mounted = {"machine": "M1", "feeder": "F7", "package": "V", "what": "mounted", "happened_at": "2027-03-05T08:00Z"}
    load({"mounts": [mounted]}, "mounted")
    for question in ("feeder:F7", "feeder:M1/F7"):
        assert ask(question)["affected"] == {"certain": 0, "possible": 0, "unrecorded": 0}
    with pytest.raises(NotFound):
        ask("feeder:M2/F7")


def test_two_feeders_that_are_told_of_one_placement_leave_it_open_which(ask, load):
    """The record keeps one run of a package from a first unit on; once it named the feeder that was told first."""
    cells = {
        "order": "WO-2",
        "refdes": "R1 R2",
        "package": "A",
        "certainty": "certain",
        "machine": "M1",
        "happened_at": "2027-03-05T08:00Z",
    }
    rows = [
        {"first_serial": "WO-2#1", "last_serial": f"WO-2#{n}", "feeder": feeder} for n, feeder in ((1, "F3"), (2, "F1"))
    ]
    load({"materials": [{**cells, **row} for row in rows]}, "told twice")
    assert ask("feeder:F1 order:WO-2")["affected"] == {"certain": 0, "possible": 0, "unrecorded": 2}


def test_feeders_are_completed_alone_and_behind_their_machine(ask, actor, load):
    from asbuilt.questions.genealogy.answering.completion import complete

    more_fed(load)
    for typed, offered in {
        "feeder:F": ["F1", "F2"],
        "feeder:m1/": ["M1/F1", "M1/F2"],
        "feeder:M2/F": ["M2/F1"],
    }.items():
        assert [one.text for one in complete(actor, typed, len(typed))] == offered, typed


@pytest.mark.parametrize(
    ("question", "position", "found"),
    [
        ("passed:OV1@2027-03-17..2027-03-15", 12, "2027-03-17..2027-03-15"),
        ("reworked or passed:OV1@2027-03-17T08:00Z..2027-03-17T07:59Z", 24, "2027-03-17T08:00Z..2027-03-17T07:59Z"),
        ("placed:2027-03-17..2027-03-16", 8, "2027-03-17..2027-03-16"),
        ("in:stock unit:B6..B2", 15, "B6..B2"),
        ("order:WO-1#8..WO-1#3", 7, "WO-1#8..WO-1#3"),
    ],
)
def test_what_runs_backwards_is_no_answer(ask, actor, question, position, found):
    """Two days swapped in a hurry said: no unit is affected."""
    from asbuilt.questions.genealogy.answering.customers_alone import customers

    for door in (ask, lambda text: customers(actor, text)):
        with pytest.raises(Invalid) as refused:
            door(question)
        assert refused.value.code == "question.backwards"
        assert (refused.value.facts["position"], refused.value.facts["found"]) == (position, found)


def test_what_only_looks_backwards_is_asked(ask):
    for question in (
        "passed:OV1@2027-03-15..2027-03-15", "passed:OV1@2027-03-17T23:00Z..2027-03-17", "unit:B2..B2", "unit:B6..C2",
        "reading:OV1.zone5=2.10..2.9", "reading:OV1.zone5=-10..-5",
    ):  # fmt: skip
        try:
            ask(question)
        except Invalid as refused:
            assert refused.code != "question.backwards", question
