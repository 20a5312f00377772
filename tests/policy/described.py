"""What the generated reference pages say beyond what the code knows: an example and a grade rule a term, an opening a
table, a meaning a variable and a limit. `generated_pages.py` puts them together; `test_docs.py` refuses what is missing.
"""

from asbuilt.questions.genealogy.words import terms

VALUES = {
    terms.WORD: ("a word", "stands alone, no value"),
    terms.CODES: ("codes", "one code or several with commas: any of them"),
    terms.STRETCHES: ("codes, ranges", "a code, several, or `A..B` with both ends; an end may be left open"),
    terms.ORDERED: ("values in order", "a value, several, `A..B`, or `<` `<=` `>` `>=`"),
    terms.RELEASES: ("releases", "`[ROLE/]VERSION`, several, `A..B`, `<` `<=` `>` `>=`; without a role: app"),
    terms.WINDOWS: ("a window", "a day or an instant, `A..B`, `A..`, `..B`, `<` `<=` `>` `>=`"),
    terms.OUTCOMES: ("outcomes", "an outcome, a plan, or `PLAN=OUTCOME`; `failed` is fail, error or aborted"),
    terms.PASSES: (
        "passes",
        "`STEP-or-MACHINE[(name=value …)][@window]`, of `tested:` `STATION-or-PLAN`; conditions in the bracket speak of one pass",
    ),
    terms.READINGS: ("a reading", "`STEP-or-MACHINE.READING` with `<` `<=` `>` `>=` or `=`"),
    terms.COMPONENTS: ("a component", "`NAME` with a version: `<` `<=` `>` `>=` `=`"),
    terms.SCOPE: ("a question", "a question in brackets"),
}

_CARRIED = (
    "*certain*: at some position every candidate is known and fits. *possible*: at least one fits. "
    "*unrecorded*: a position that admits {part} has no run, or {unknown} of its package is not known"
)
_CERTAIN = "*certain* or *no*"
_PROGRAMMED = (
    "*certain* by the last record that passed, *possible* where that record says so, or where a record with a time ahead of its recording "
    "stands beside an older one of another release; no record means *no*, so `-{term}` holds for such a unit"
)

# term -> (example, how sure); the order of the page is that of the code
SURE = {
    "lot": ("lot:2EKR1", _CARRIED.format(part="the lot's part", unknown="the lot code")),
    "package": ("package:PK-003969", _CARRIED.format(part="the package's part", unknown="what is asked")),
    "part": ("part:ATECC608B-SSHDA-T", _CARRIED.format(part="the part", unknown="the MPN")),
    "maker": ("maker:Murata", _CARRIED.format(part="a part of this maker", unknown="the maker")),
    "supplier": ('supplier:"Part House"', _CARRIED.format(part="any part", unknown="the supplier")),
    "datecode": ("datecode:2327..2330", _CARRIED.format(part="any part", unknown="the date code")),
    "feeder": (
        "feeder:P1/12",
        _CARRIED.format(part="a part that ever came through it", unknown="the feeder")
        + ". `12` is feeder 12 of any machine. What a hand put in came through none",
    ),
    "at": ("(lot:6B15 at:R12)", "narrows the material terms of its bracket: one bracket speaks of one position"),
    "order": ("order:WO-1035#1..WO-1035#40", _CERTAIN + "; also by batch number"),
    "product": ("product:EG-200", _CERTAIN),
    "revision": ("revision:B", _CERTAIN),
    "bom": ("bom:3", _CERTAIN),
    "panel": ("panel:P-000017", _CERTAIN),
    "unit": ("unit:10000..10099", _CERTAIN + "; a range runs in the order printed on labels, within one product"),
    "firmware": ("firmware:<2.3.2", _PROGRAMMED.format(term="firmware:2.3.1")),
    "image": ("image:" + "9f86d081" * 8, _PROGRAMMED.format(term="image:…")),
    "passed": (
        "passed:OVEN-2@2027-03-15..2027-03-17",
        "*certain*: the run lies inside the window, or is of one unit and overlaps it. *possible*: a run of several "
        "units only overlaps it. A run that touches the window overlaps it",
    ),
    "tested": (
        "tested:ICT-1@2027-03-15..2027-03-17",
        _CERTAIN
        + "; a test run at that station or of that plan that touches the window, whatever came out. In the bracket: "
        "`plan=`, `station=`, `outcome=`",
    ),
    "reading": ("reading:OVEN-2.zone5>260", _CERTAIN),
    "paste": ("paste:SP-0412", _CERTAIN + "; a run whose [readings](readings.md) name it, by package or lot code"),
    "stencil": ("stencil:ST-19", _CERTAIN + "; a run whose [readings](readings.md) name it"),
    "tool": ("tool:T-7", _CERTAIN + "; a run whose [readings](readings.md) name it as tool, stencil or fixture"),
    "station": ("station:PROG-3", _CERTAIN),
    "operator": ("operator:045", _CERTAIN + "; needs a right of its own, off until the tenant turns it on"),
    "alarm": (
        "alarm:zone5",
        _CERTAIN
        + "; a run of which that reading lay outside the limits of its step, or whose [readings](readings.md) name the alarm",
    ),
    "test": ("test:EOL=fail", _CERTAIN + "; the last run of each plan, with `ever:` any run"),
    "defect": ("defect:D12", "units whose last run of some plan found it; not what a person rejected as a false call"),
    "reworked": ("-reworked", _CERTAIN + "; a replacement is rework"),
    "held": ("held", _CERTAIN + "; a hold on a lot or a question also holds what it only possibly speaks of"),
    "scrapped": ("scrapped", _CERTAIN),
    "in": ("in:shipped", _CERTAIN + "; each unit is in one state. Looks at the outermost unit that contains it"),
    "customer": ('customer:"Distributor X"', _CERTAIN + "; looks at the outermost unit"),
    "owner": ('owner:"Halden Energy Systems"', _CERTAIN),
    "country": ("country:DE", _CERTAIN + "; looks at the outermost unit"),
    "shipment": ("shipment:SH-0031", _CERTAIN + "; looks at the outermost unit"),
    "placed": ("placed:2027-03-11..", _CERTAIN + "; looks at the outermost unit"),
    "component": (
        "component:mbedtls<2.28.8",
        "by the current SBOMs: *certain* where the unit certainly runs, is built to or carries what lists it; *possible* where its version "
        "cannot be compared; *unrecorded* where a release that runs has no SBOM",
    ),
    "cve": (
        "cve:CVE-2024-23170",
        "as `component:`, by findings: *possible* where a finding is unsure; what a standing decision says is not affected or fixed is *no*",
    ),
    "ever": ("ever:(lot:2EKR1)", "reaches every material, firmware and test term in its bracket; what came out counts"),
    "inside": ("inside:(product:EG-200 customer:X)", "the highest grade among the units it is inside"),
    "contains": ("contains:(lot:2EKR1)", "the highest grade among the units inside"),
}

QUESTIONS_HEAD = """# The question language

`term term` is AND · `or` · `-term` or `not term` · `( … )`. `not` binds tighter than AND, AND tighter than `or`. A value runs to the
next blank; in double quotes `\\"` and `\\\\` stand for themselves. Codes compare exactly, else case-blind if only one fits. Versions
compare by the release order of their product, never as text. A day is the whole day in the tenant's time zone.

| grade | the record says |
|---|---|
| *certain* | it is so |
| *possible* | one of several candidates is so: a splice, a run that only overlaps the window |
| *unrecorded* | nothing, at a place where it could be so |
| *no* | it is not so |

`and` takes the lowest grade, `or` the highest, `not` swaps certain and no and leaves the two between. `not` ranges over all units
built, scrapped ones too. Each answer shows all three numbers. [How it is counted](../design/genealogy.md).
"""


OPENING = {
    "parties": "Companies and what they are. Customer, supplier and owner elsewhere name one by id or name.",
    "parts": "Internal part numbers. A maker needs no party.",
    "bom": "What is meant to be built. Products and revisions begin with their first row.",
    "documents": "Work instructions, inspection criteria and test procedures by revision. `file` is a path below the folder; its "
    "bytes are kept as evidence where they have this SHA-256.",
    "routings": "The way of a hardware revision through the factory: its steps in the order of `place_in_route`, with the "
    'documents that apply, each written `CODE@REVISION`, and limits such as `{"zone5": [240, 255]}`. Of several routings the one with the latest `from_at` that has come is '
    "in force. A run outside of its limits raises an alarm; `qualifications` are what whoever does the step must have, as `IPC-A-610;ESD`. "
    "`subcontractor` is the party that does the step outside, `evidence` the papers that must come back with the units.",
    "programs": "What each feeder of a machine places on a side of a hardware revision. A program places each position once on a side, "
    "also where several machines share its name, and a feeder one part. Of several programs of a machine for a side the one recorded last is in "
    "force. `grey_pieces`: of a splice there.",
    "lots": "Packages and the lot in each. An empty lot or date code is not known: answers count it as unrecorded.",
    "lives": "How long a part or one package lasts: moisture level, dates, hours. A package's row goes before its part's, cell by cell.",
    "declarations": "Papers of suppliers and makers: who said so, until when. `file` is a path below the folder.",
    "inspection_plans": "How packages of a part and supplier are inspected. An empty part or supplier means any; the most specific holds.",
    "inspections": "Incoming inspections, as they were judged. `packages` is a JSON list.",
    "inspection_checks": "Checks within inspections. `file` is the picture's path below the folder.",
    "samples": "Pieces that were kept: where, until when.",
    "statuses": "What became of packages after they came: lots.csv has the first status, the last by `happened_at` holds.",
    "handling": "Opened, dried, baked, thawed. A bake says `temperature_c` and `hours`, a dry cabinet `rh_percent_max`.",
    "silicon_revisions": "Of which revision the silicon of a package, or of a lot by its five cells, is, and who says so. What is said otherwise of "
    "the same stands beside it: either may be true.",
    "orders": "Work orders. `customer` is the brand owner or buyer.",
    "blocks": "Units that an order got after it opened: new ones at the end of the axis, or the last ones of `from_order`, from "
    "place `from_place` on. Something recorded of a unit, but its names, keeps it in its order.",
    "serial_rules": "How units of a product are numbered: prefix, counter of so many digits, check digit (Luhn; ISO/IEC 7064). The rule "
    "recorded last is in use.",
    "mark_rules": "What the mark on units of a product holds: `plain` serial number, or `gs1` with GTIN (AI 01) and serial number (AI 21). "
    "The rule recorded last is in use.",
    "package_names": "Further names of packages: the EPC of an RFID tag, a customer's number. A name finds one package.",
    "numberings": "Stretches of a serial rule's counter that were given to units of an order. None is given twice.",
    "mark_readings": "What was read of the mark on a unit before it went on. The last reading counts.",
    "closings": "Orders that get no more units.",
    "panel_places": "Where the units of a revision lie on its panel, as a machine on each side sees and counts them. The panel "
    "recorded last is in use.",
    "placements": "Where components sit on the board of a revision, in the frame of the tool that wrote the file. Lengths in mm, y upwards; an "
    "empty side is not said. The placement recorded last is in use. Files of KiCad, JLCPCB and Altium go in as they are "
    "(`asbuilt import FILE --kind placements --product … --revision …`).",
    "record_demands": "How good the record of a revision's units is to be, from a time on: a level of material, one of process; an empty "
    "cell demands nothing.",
    "test_plans": "Versions of test plans: what is measured, between which limits, what each step proves. `document` is the plan in its canonical "
    "form (RFC 8785); its SHA-256 names it. A further version says what changed.",
    "test_plan_approvals": "Which versions may be used from when, or no longer. The one approved last is in force.",
    "units": "The units of an order, in the order of the axis. `-` is a unit not yet named.",
    "panels": "Units put on a panel after the order was planned, as a machine does that begins to work on it. Empty positions "
    "are 1, 2, 3 …; `skipped` are the places not built.",
    "names": "Names that came later: a new label, a MAC, a customer's number. The old one is still found.",
    "mounts": "What happened at feeders: a package was mounted, spliced behind the one there (of the next `grey_pieces` pieces both are "
    "possible; only a splice has them), or removed. What is mounted follows from the last one by time.",
    "calibrations": "Calibrations of instruments and testers: as found, as left, the last day. `station` is where its results arise; empty: the "
    "instrument is a station or machine itself. `file` is the certificate, a path below the folder.",
    "qualifications": "What people are qualified for, by badge; `valid_until` is the last day, empty means no end. `file` is the certificate.",
    "areas": "In which area of the factory a machine stands from a time on; an empty area: in none that is watched.",
    "environment": "What was measured in an area. An empty cell was not measured; one of the three is needed.",
    "alarm_closings": "What a person decided about process runs outside of their limits: `held` with the hold, or `dismissed`. The alarms themselves "
    "follow from processes.csv and routings.csv.",
    "materials": "Which package fed which positions for which units.",
    "mappings": "How the files of machines that speak no CFX are read, by the pattern of their names. `columns` is a JSON object: column of "
    'processes.csv or tests.csv, or `readings.NAME`, `measurements.NAME` -> `{"from": COLUMN}` with `words` or `as`, or `{"text": TEXT}`. '
    "`header` 0: none; `rows_at`: where records stand in JSON.",
    "processes": "Which step or machine made which units, and when. Names of readings that mean the same from every door: [readings](readings.md).",
    "nonconformities": "What is not as it should be: where it was found, how bad, at which product. `question` says in words of the question language "
    "which units it is about; those it is about now are rows of nonconformity_units.csv.",
    "nonconformity_units": "Units that a nonconformity is about; with a disposition, those that it decides about. A unit stands once in each.",
    "nonconformity_causes": "Why it came to be: the whys by number, the branches of Ishikawa's diagram by name (man machine material method "
    "measurement environment). `root` marks what has to be mended.",
    "dispositions": "What becomes of units: proposed, agreed to by the manufacturer where that is another party, approved by a second person, refused, "
    "carried out. `file` is the manufacturer's signed document.",
    "nonconformity_actions": "Corrective and preventive actions; `person` owns it. The row stated last says how it stands.",
    "nonconformity_states": "Contained by a hold, closed, opened again.",
    "effectiveness_checks": "How it will be seen whether the actions helped: of at least `units_min` units that `among` gives, at most so many of a million "
    "may be found by `question`. Units of the nonconformity itself do not count.",
    "effectiveness_results": "What an effectiveness check counted when, and the frozen answer it rests on.",
    "sent_out": "Units that left for a step at a subcontractor. A note has one order, one party and one step, and holds a unit once. They "
    "are outside until the note brings them back.",
    "taken_back": "Units that came back with the note they left with, how the step ended there and when. Its process run is a row of "
    "processes.csv, with the party as machine.",
    "product_roles": "Which party has which role for which product, from a time on; `own`, without a product, is the party that keeps this record. "
    "The manufacturer has to agree to concessions and to what is used as it is.",
    "concessions": "Units that may leave although something is missing: what (`allows`, as the gate says it), which (`subject`, empty: any), until when. "
    "Rows that came with a table are history: they open no gate.",
    "concession_decisions": "Who agreed to a concession: a person of the house, or with `party` that party by its person or its signed document; or who ended it.",
    "waivers": "With which known vulnerability a product, one release of it or the units of a question may go, until when. Rows that came with "
    "a table are history: they open no gate.",
    "waiver_decisions": "Who agreed to a waiver: a person of the house, or with `party` that party by its person or its signed document; or who ended it.",
    "vex_decisions": "What a vulnerability is to a release, a hardware revision, a bought part or the units of a question. `components` and `known` "
    "are its premise as an export writes it: it lapses when that changes. The latest of one scope counts.",
    "own_entries": "What reached us otherwise than by a feed, each version a row. `file` is the entry as JSON (docs/work/feeds.md) beside the table: its words "
    "stand there alone, encrypted, and can be erased; an erased entry is left out of an export.",
    "upstream_reports": "Steps of telling the maker of a component: found, reported to whom, answered, or not reported and why.",
    "build_configurations": "Files that say with what a firmware release was built: a Kconfig `.config` of a project, or which source files were "
    "compiled or left out. Evidence for VEX decisions; the newest of each kind and project counts.",
    "containers": "What happened to boxes, pallets and shipments. One begins with its row `opened`; a shipment has a customer and a country.",
    "packed": "Units, boxes and pallets put into a container or taken out of it. What happened last says where something is.",
    "placings": "Decisions that placed a shipment, or one unit of it, on the market: by which party, by whose decision, on what basis, since when.",
    "returns": "What happened to units that came back. `replaced` names the unit that stands for it from then on; `sent_back` the shipment it left with.",
    "outside_papers": "Papers that came with the units of a note. `file` is a path below the folder.",
    "replacements": "What came out and what went in, at one position of one unit. Empty: whatever was there; not known.",
    "assemblies": "A unit inside a unit.",
    "firmware": "Releases and their images. `image` is a path below the folder.",
    "trust_stores": "Versions of the trust store, each the signed envelope on one line. The first is trusted by its SHA-256, each later one by "
    "the roots of the one before.",
    "release_drafts": "Images in the release register: what their signers sign. `change_log` is a JSON list of lines; `boot` and "
    "`device_encrypted` are JSON objects; `provenance` the SHA-256 of the statement kept. The bytes move by `backup` or `firmware archive`.",
    "release_signatures": "Signatures of drafts by keys of a version of the trust store, in base64. One that was not made over the draft is refused.",
    "sboms": "SBOMs of a release (product, role, version), of a hardware revision (product, revision) or of a part (with a lot, where it is of "
    "one). `file` is a path below the folder; the newest of its kind is in force.",
    "component_identities": "What components of a name are called by feeds (a CPE, a purl, a repository, vendor/product without a version), or are not, "
    "as a person said; `maker` empty: of any maker. What was said last of the same counts.",
    "release_states": "Drafts that were released, under which version of the trust store, and releases that were withdrawn, and why.",
    "firmware_demands": "Which release an order, or else a hardware revision, takes in an image role; `part` comes programmed with it. An "
    "empty `version` takes any release for the revision; `of_product` where the release is another product's. The last row by its time counts, "
    "the order's before the revision's.",
    "configurations": "Which release a configuration of a hardware revision takes in an image role, as firmware_demands.csv; a row with an `order` "
    "names the order's configuration and nothing else. An order's own demand goes before its configuration's, and that before the revision's.",
    "module_firmware": "With which release a maker's part comes: one lot, or date codes from .. until, both in it, or all lots. No two rows speak "
    "of the same lots.",
    "programming_orders": "Orders to program a package before it is placed, and how many samples are to be read back.",
    "programming_order_states": "A programming order was `done` (pieces, machine, the supplier's certificate) or `closed` with its result. What the "
    "package was programmed with stands in programming.csv.",
    "read_backs": "SHA-256 of what was read back of a sample of a programming order.",
    "programming": "Who runs what since when. Only `pass` changes it. A row with a package and no serial number says "
    "that its devices came programmed.",
    "grants": "Grants as brand owners signed them, each the envelope on one line. One that no grant issuer's key signed is refused.",
    "station_plans": "Plans by which stations program, under the SHA-256 of their bytes.",
    "stations": "Programming stations: enrolled with their public keys (algorithm, blank, base64), or closed. The newest row of a name counts.",
    "permits": "Permits as issuers signed them, each the envelope on one line. Splits above the grant are refused.",
    "permit_states": "Permits that were revoked or closed, and shares that ended: `spent` units, by the certificate with this SHA-256.",
    "station_records": "What stations signed: attempts, alarms, their releases. `scanned` is what was read of the unit, `serial` the unit it is; empty "
    "where `problem` says why. `tool_only` names image roles of which only a tool's word is known: a unit runs them possibly. The signed bytes "
    "are evidence and move by `backup`.",
    "alarm_releases": "Alarms of stations that were released here, by the key of the alarm's record.",
    "tests": "Test runs with their measurements.",
    "shipments": "What went where, and when it was placed on the market.",
    "holds": "Holds, a row for each thing held: `kind` lot needs the five cells of the lot as in lots.csv, units a span, "
    "question a question; rows of one code are one hold. The units that a question gave when the hold was placed are rows too. "
    "`silent` holds units of which the record is silent as well, `lifted_by` is the role that may lift it (quality_lead where "
    "empty). A row that lifts leaves `kind` empty, or says units where only those go free. A row that allows says what goes through the hold, in "
    "`question`: `release` a JSON list of product, role, version and SHA-256, `step` a step of the route, `done` the question whose certain units it "
    "holds no more.",
    "corrections": "Facts withdrawn, or corrected: `cells` says column and right cell, each as text, and what it leaves out stays. An export leaves this table empty: it writes only what stands.",
}

TABLES_HEAD = """# The exchange tables

A folder of CSV files, loaded in this order with `asbuilt import FOLDER`; the same tables come out of `asbuilt export FOLDER`.

- UTF-8 with a header row; RFC 4180. A byte order mark, CRLF, empty last lines and columns in any order are taken. Unknown or doubled
  columns, another encoding and control characters are refused.
- Each file goes in whole or not at all. Every wrong row is named with line (the header is 1), column, reason and remedy. Files before
  the refused one stay, later ones are not begun.
- The same folder twice changes nothing. A row that contradicts one loaded before is a `Conflict`; the way out is a
  [correction](../work/correct.md).
- A cell is text as it stands: zeros in front and a leading `= + - @` are kept.
- A unit is written as its serial number, `ORDER#17` or `PANEL/3`. `first_serial` to `last_serial` runs along its order in the order of
  units.csv, both ends included. The finder columns (last, optional) are needed only where a bare number names several units.
- A position is a reference designator, or `#LINE` for a BOM line without designators.
- Missing tables are fine; other files in the folder are left alone and named.
- What happened is recorded even where a rule would refuse it today: such rows are warnings, and warnings never change the exit code.

BOM files as KiCad, JLCPCB and Altium write them are read as they are: `asbuilt import FILE --kind bom`.
"""


VARIABLES = {
    "ASBUILT_SSCC_PREFIX": ("the house's GS1 company prefix, 4 to 12 digits: boxes and pallets get an SSCC", "none"),
    "ASBUILT_HOME": ("folder of database, blobs and uploads", "`var/home`"),
    "ASBUILT_KEYS": ("folder of the private keys; no backup holds it", "`HOME-keys` beside the home, or `var/keys`"),
    "ASBUILT_ISSUER_KEY": ("`pkcs11:` URI of the P-256 key that signs permits", "`issuer.pem` in the keys folder"),
    "ASBUILT_IMAGE_KEY": (
        "`pkcs11:` URI of the AES key that wraps the keys of firmware images",
        "`image.key` in the keys folder",
    ),
    "ASBUILT_TOKEN_PIN": ("PIN of a token, where its URI names no `pin-source`", "none"),
    "ASBUILT_TOKEN_MODULE": ("PKCS#11 module, where the URI names no `module-path`", "none"),
    "ASBUILT_DATABASE_URL": (
        "`postgresql://USER@HOST:PORT/DATABASE` in place of SQLite; the password in `PGPASSWORD` or `.pgpass`",
        "SQLite in the home",
    ),
    "ASBUILT_HOSTS": (
        "names the pages answer to, with commas; another than this machine's turns on secure cookies and HSTS",
        "`localhost,127.0.0.1,[::1]`",
    ),
    "ASBUILT_BEHIND_PROXY": (
        "`1` where a proxy ends TLS and sets `X-Forwarded-Proto` and `X-Forwarded-For`",
        "nobody's word is taken",
    ),
    "ASBUILT_SITE": (
        "first part of the name a log is signed under; read once, when its keys are made",
        "`asbuilt.example`",
    ),
    "ASBUILT_RELEASE_GATE": (
        "`stop`: a firmware draft without an SBOM is released with a waiver of `unrecorded` only",
        "the rule set decides",
    ),
    "ASBUILT_MARKET_GATE": (
        "`stop`: units with an open vulnerability do not leave, before the rule set says so",
        "the rule set decides",
    ),
    "ASBUILT_PUBLIC": (
        "hosts that show public pages (advisories, security.txt, policy, form for tips), each with its tenant: `psirt.brand.example=main`; "
        "the first of a tenant is the one that documents name; it stands in `ASBUILT_HOSTS` too",
        "nobody sees anything",
    ),
    "ASBUILT_MARKET_UNRECORDED": (
        "`stop`: units that run a release without an SBOM leave with a waiver of `unrecorded` only, before the rule set says so",
        "the rule set decides",
    ),
    "ASBUILT_RETESTS": (
        "how many failures of a test plan a later pass answers; a unit that failed it more often waits for a nonconformity or a repair",
        "`1`",
    ),
    "ASBUILT_VEX_NAMESPACE": ("the address under which VEX documents of the house are named", "`https://vex.invalid`"),
    "ASBUILT_MAIL_LISTS": (
        "mail lists by name, `psirt=psirt@example.com`; an ECO tells `eco-ROLE` and `eco-PARTY`, the portal `PARTY`, where no person and no contact has an address",
        "nobody is told by mail",
    ),
    "ASBUILT_MAIL_SERVER": ("SMTP server, host:port; TLS where it offers it", "mails wait"),
    "ASBUILT_MAIL_FROM": ("sender of mails", "mails wait"),
    "ASBUILT_MAIL_USER": ("who signs in at the mail server; never without TLS", "nobody signs in"),
    "ASBUILT_MAIL_PASSWORD": ("the password for that", "none"),
    "ASBUILT_WEBHOOKS": (
        "webhooks by name, `oncall=https://hooks.example.com/asbuilt`; https alone, no address stands in the record",
        "nobody is told by webhook",
    ),
    "ASBUILT_WEBHOOK_SECRET": ("what their messages are signed with (HMAC-SHA256), 16 characters or more", "they wait"),
    "ASBUILT_WEBHOOK_CA": ("file of certificates of the house's own authority, for webhooks", "those of the system"),
    "ASBUILT_ESCALATION_LIST": ("mail list that clocks of cases call", "no mail"),
    "ASBUILT_ESCALATION_LANGUAGE": ("language of their mails, `en` or `de`", "`en`"),
    "ASBUILT_ESCALATION_WEBHOOK": ("webhook that clocks of cases call", "no webhook"),
    "ASBUILT_CSAF": (
        "which CSAF advisories are written in: `2.0`, or `2.1`, a draft, by which documents of 2.1 are judged then too",
        "`2.0`",
    ),
    "ASBUILT_ESCALATION_PERCENT": ("at which parts of their time they call, with commas", "`50,75,90,100`"),
    "ASBUILT_CHANGE_NOTICE_LIST": (
        "mail list of the house that last days of change notices call",
        "brand owners alone, on the lists named by their parties' codes",
    ),
    "ASBUILT_CHANGE_NOTICE_PERCENT": (
        "at which parts of the time until a last day they call, with commas",
        "`50,75,90,100`",
    ),
    "ASBUILT_MAIL_BOUNCES": ("address that delivery reports of notices go to", "`ASBUILT_MAIL_FROM`"),
    "ASBUILT_NOTICE_APPROVAL": (
        "`another`: a notice is approved by a person who wrote none of it",
        "a review is enough",
    ),
    "ASBUILT_NOTICE_CONTACT": ("whom customers may ask, where a notice itself does not say", "each notice says it"),
    "ASBUILT_PORTAL": (
        "address of these pages as customers reach them, such as `https://asbuilt.example.com`",
        "mails carry no link",
    ),
    "ASBUILT_WEBHOOK_HOSTS": (
        "hosts of the own network that webhooks may call, with commas: `psirt.plant`, `psirt.plant:8443`",
        "public addresses only",
    ),
    "ASBUILT_PRINTERS": (
        "label printers by name, `goods-in=192.0.2.7:9100,line-2=printer2:9100`; ZPL II over TCP",
        "labels are files only",
    ),
    "ASBUILT_BROKER_PASSWORD": ("the password of the broker that `asbuilt machines listen` receives from", "none"),
    "ASBUILT_FEED_HOSTS": (
        "hosts that vulnerability feeds may be fetched from, with commas: `www.cisa.gov`, `http://mirror.plant:8080`",
        "none: folders and files only",
    ),
    "ASBUILT_FEED_UNKNOWN_KEYS": (
        "feeds with trusted OpenPGP keys, with commas, that take files signed by another key too; each take says so",
        "none: such files are refused",
    ),
    "ASBUILT_NVD_API_KEY": (
        "key of NVD's API, sent in a header over https only; 50 requests in 30 seconds instead of 5",
        "none",
    ),
    "ASBUILT_FEED_PACE": (
        "requests in seconds that an API of a feed may be asked, `5/30`; for a mirror without limits `1000/1`",
        "`5/30`, with a key `50/30`",
    ),
    "ASBUILT_RULE_SETS": (
        "folder of newer files of the law (`cra-DATE.json`) that a house keeps beside those of its version",
        "those of the version alone",
    ),
    "ASBUILT_LOG_LEVEL": ("what goes to standard error: `DEBUG` `INFO` `WARNING` `ERROR`", "`WARNING`"),
}

# module:NAME or module:Class.field -> what it limits
LIMITS = {
    "formats.smart_pcn:MEMBERS_MAX": "files in a smartPCN archive",
    "formats.smart_pcn:XML_BYTES_MAX": "bytes of an XML file in it",
    "formats.smart_pcn:UNPACKED_BYTES_MAX": "bytes that it would unpack to",
    "formats.smart_pcn:RATIO_MAX": "times that its bytes may grow when unpacked, above a mebibyte",
    "formats.smart_pcn:PARTS_MAX": "parts that it names",
    "designed.changes.said.stating:LINES_MAX": "lines about a change notice, sheet, run, deviation or review",
    "designed.changes.said.stating:FILE_BYTES_MAX": "bytes of a paper, archive or result that one of them rests on",
    "designed.changes.sourcing.actions:PARTS_MAX": "parts of a change notice",
    "designed.changes.sourcing.actions:LOTS_MAX": "lots that a change notice names",
    "designed.changes.qualifying.actions.alternates:CRITERIA_MAX": "criteria of a qualification run",
    "designed.changes.qualifying.actions.deviating:DAYS_MAX": "days that a deviation lasts",
    "designed.changes.qualifying.actions.reviewing:PLACES_MAX": "places of a point of a design review",
    "answers.gate.qualifying:QUALIFICATION_UNITS_MIN": "units of a qualification run, at least",
    "answers.gate.qualifying:QUALIFICATION_UNITS_MAX": "units of a qualification run, at most",
    "answers.compliance.stating:LINES_MAX": "lines said of a product in compliance",
    "answers.compliance.stating:WORDS_CHARACTERS_MAX": "characters of a text of compliance",
    "answers.compliance.judging.classes:FUNCTIONS_MAX": "core functions of a product",
    "answers.compliance.judging.actions:STANDARDS_MAX": "standards of a judgement",
    "answers.compliance.judging.actions:EDGES_MAX": "exclusions and allowances of a judgement",
    "answers.compliance.judging.rule_sets:FILES_MAX": "files of the law that are read",
    "answers.compliance.judging.rule_sets:FILE_BYTES_MAX": "bytes of a file of the law",
    "answers.compliance.assessing.actions:NAMES_MAX": "assets, threats or measures of a product, each",
    "answers.compliance.assessing.actions:QUESTIONS_MAX": "questions that prove a requirement",
    "answers.compliance.assessing.revising:FROZEN_MAX": "answers frozen with a revision",
    "answers.compliance.assessing.house_evidence:VULNERABILITIES_ASKED_MAX": "vulnerabilities that the question behind open ones names",
    "answers.compliance.keeping.actions:YEARS_MAX": "years of expected use",
    "answers.compliance.keeping.seen:DAYS_SHOWN_MAX": "placing days that a page shows",
    "answers.cases.telling.actions.contacts:CONTACTS_MAX": "contacts set at once",
    "answers.cases.telling.actions.writing:RECIPIENTS_MAX": "parties of a notice",
    "answers.cases.telling.actions.writing:NOTICES_A_CASE_MAX": "notices of a case",
    "answers.cases.telling.actions.writing:VERSIONS_MAX": "versions of a notice",
    "answers.cases.telling.actions.writing:WORDS_CHARACTERS_MAX": "characters of a field of a notice",
    "answers.cases.telling.actions.bouncing:MESSAGES_MAX": "delivery reports read at once",
    "answers.cases.telling.letters:ATTACHMENT_BYTES_MAX": "bytes of a list that goes with a mail; a longer one is on the customer's page",
    "answers.cases.telling.sending:MAILS_A_CONNECTION_MAX": "mails over one connection",
    "answers.cases.telling.sending:PAUSE_SECONDS_MAX": "seconds between two tries of a notice, at most",
    "answers.cases.telling.sending:GIVE_UP_SECONDS": "seconds after which a notice that no server takes is given up",
    "formats.delivery_reports:MESSAGE_BYTES_MAX": "bytes of a delivery report",
    "storage.webhooks:SECONDS": "seconds that a webhook's server may take",
    "questions.genealogy.words.terms:Limits.characters": "characters of a question",
    "questions.genealogy.words.terms:Limits.terms": "terms of a question",
    "questions.genealogy.words.terms:Limits.values": "values of one term",
    "questions.genealogy.words.terms:Limits.depth": "brackets and negations inside each other",
    "questions.genealogy.answering.answers:GAPS_MAX": "gaps an answer lists",
    "answers.register.actions:CHARACTERS_MAX": "characters of a frozen answer",
    "answers.register.queries:PAGE_MAX": "frozen answers on a page",
    "built.exchange.actions:FILE_BYTES_MAX": "bytes of a table",
    "built.exchange.actions:IMAGE_BYTES_MAX": "bytes of a firmware image",
    "designed.firmware.images:IMAGE_BYTES_MAX": "bytes of an image in the release register",
    "designed.firmware.actions:CHANGE_LINES_MAX": "lines of a change log",
    "designed.firmware.boot_signatures:SECONDS_MAX": "seconds that a boot tool may take",
    "designed.firmware.archive:RELEASES_MAX": "releases of an archive",
    "formats.advisory.splitting:RECORD_CHARACTERS_MAX": "characters of a record of a feed",
    "formats.advisory.splitting:NESTING_MAX": "levels inside each other in a record of a feed",
    "formats.advisory.documents:XML_BYTES_MAX": "bytes of a CycloneDX document in XML",
    "formats.advisory.documents:YAML_BYTES_MAX": "bytes of an OSV record in YAML",
    "formats.advisory.cells:LIST_MAX": "entries of a list in a record of a feed",
    "formats.advisory.cells:TEXT_CHARACTERS_MAX": "characters kept of a record's prose",
    "formats.advisory.applicability:DEPTH_MAX": "levels of an applicability tree",
    "formats.advisory.csaf:PRODUCTS_MAX": "products of a CSAF document",
    "formats.advisory.csaf:CRITERIA_MAX": "criteria of a vulnerability of a CSAF document",
    "formats.advisory.epss:ROWS_MAX": "lines of an EPSS file",
    "designed.vulnerability.feeds.sources:DOCUMENT_BYTES_MAX": "bytes that a document of a feed unpacks to",
    "designed.vulnerability.feeds.sources:RATIO_MAX": "times its size that a document of a feed unpacks to, beyond 8 MiB",
    "designed.vulnerability.feeds.sources:FILES_MAX": "files of a feed's folder or archive",
    "designed.vulnerability.feeds.groups:GROUP_RECORDS_MAX": "records of a feed recorded together",
    "designed.vulnerability.feeds.groups:GROUP_BYTES_MAX": "bytes of records of a feed recorded together",
    "designed.vulnerability.feeds.groups:BROKEN_KEPT_MAX": "broken records kept of a take; more are counted",
    "designed.vulnerability.feeds.fetching:BYTES_MAX": "bytes of a feed over the network",
    "designed.vulnerability.feeds.fetching:ANSWER_SECONDS": "seconds that a feed's host may be silent",
    "designed.vulnerability.feeds.fetching:WHOLE_SECONDS": "seconds that a feed may take over the network",
    "designed.vulnerability.feeds.fetching:REDIRECTS_MAX": "redirects that are followed to a feed",
    "designed.vulnerability.feeds.paging:PAGE_BYTES_MAX": "bytes of a page of NVD's API",
    "designed.vulnerability.feeds.paging:RECORDS_MAX": "records that a run over NVD's API may promise",
    "designed.vulnerability.feeds.paging:RUN_SECONDS": "seconds of a run over NVD's API",
    "designed.vulnerability.feeds.paging:WAIT_SECONDS_MAX": "seconds of rest that NVD's API may ask for",
    "designed.vulnerability.feeds.paging:TRIES_MAX": "times that a page of NVD's API is asked for",
    "designed.vulnerability.feeds.paging:RESTARTS_MAX": "times that a run over NVD's API begins anew as it changed",
    "designed.vulnerability.feeds.signatures:BESIDE_BYTES_MAX": "bytes read of a sum or signature beside a feed's file",
    "designed.vulnerability.feeds.trusting:KEY_BYTES_MAX": "bytes of a file with public keys for feeds",
    "designed.vulnerability.feeds.trusting:KEYS_MAX": "keys that were ever trusted for feeds and bundles",
    "tokens.openpgp_signatures:CERTIFICATES_MAX": "OpenPGP keys in a file",
    "designed.vulnerability.feeds.bundles:BYTES_MAX": "bytes of a bundle of feeds",
    "designed.vulnerability.feeds.bundles:FILES_MAX": "files of a bundle of feeds",
    "designed.vulnerability.feeds.bundles:FEEDS_MAX": "feeds of a bundle",
    "designed.vulnerability.feeds.bundles:MANIFEST_BYTES_MAX": "bytes of the manifest of a bundle",
    "designed.vulnerability.feeds.setting:FEEDS_MAX": "feeds",
    "designed.vulnerability.feeds.predictions:FILE_BYTES_MAX": "bytes of an EPSS file",
    "designed.vulnerability.feeds.intake:ENTRIES_MAX": "new rows of own_entries.csv",
    "designed.vulnerability.feeds.own_entries:RECORD_BYTES_MAX": "bytes of an own entry",
    "designed.vulnerability.feeds.noting:PAPER_BYTES_MAX": "bytes of the mail or report of an own entry",
    "designed.vulnerability.feeds.seen:BROKEN_SHOWN_MAX": "broken records that a page names",
    "answers.cases.publishing.drafting:VULNERABILITIES_MAX": "vulnerabilities of a draft of an advisory",
    "answers.cases.publishing.affected:RANGES_MAX": "ranges of serial numbers of one revision and firmware in an advisory",
    "answers.cases.publishing.evidence_units:UNITS_NAMED_MAX": "exposed units whose serial numbers a draft names",
    "answers.cases.publishing.actions.advising:VERSIONS_MAX": "versions of an advisory",
    "answers.cases.publishing.publisher:BYTES_MAX": "bytes of the description of the publisher",
    "answers.cases.publishing.publisher:TEXT_CHARACTERS_MAX": "characters of a text of the policy",
    "answers.cases.publishing.actions.taking_tips:WORDS_CHARACTERS_MAX": "characters of a tip",
    "answers.cases.publishing.actions.taking_tips:FILES_MAX": "files of a tip",
    "answers.cases.publishing.actions.taking_tips:FILE_BYTES_MAX": "bytes of a file of a tip",
    "answers.cases.publishing.actions.taking_tips:FILES_BYTES_MAX": "bytes of all files of a tip",
    "answers.cases.publishing.actions.taking_tips:TIPS_A_DAY_MAX": "tips a day",
    "formats.security_txt:BYTES_MAX": "bytes of a security.txt that is checked",
    "formats.csaf.limits:BYTES_MAX": "bytes of a CSAF document (CSAF 2.0, appendix C.1)",
    "formats.csaf.limits:NESTING_MAX": "levels of lists and objects inside each other in a CSAF document",
    "formats.csaf.limits:FINDINGS_TOLD_MAX": "places that a check of a CSAF document names, beside the first of each test",
    "formats.csaf.limits:EXPANDED_MAX": "product ids that a CSAF document names through groups",
    "formats.csaf.revisions:VERSION_CHARACTERS_MAX": "characters of a version in a CSAF document",
    "formats.build_configurations:BYTES_MAX": "bytes of a build configuration",
    "formats.build_configurations:NAMES_MAX": "symbols or files of a build configuration",
    "formats.build_configurations:LINE_CHARACTERS_MAX": "characters of a line of a build configuration",
    "formats.sbom.fixes:CLAIM_CHARACTERS_MAX": "characters of what an SBOM says of a patch, as a proposal shows it",
    "formats.advisory.affected:FILES_MAX": "source files that are read of a product in a CVE record",
    "formats.advisory.affected:FILE_CHARACTERS_MAX": "characters of such a file",
    "formats.sbom.limits:BYTES_MAX": "bytes of an SBOM",
    "formats.sbom.limits:NESTING_MAX": "levels of lists and objects inside each other in an SBOM",
    "formats.sbom.limits:COMPONENTS_MAX": "components of an SBOM",
    "formats.sbom.limits:DEPENDENCIES_MAX": "dependencies of an SBOM",
    "formats.sbom.limits:IDENTIFIERS_MAX": "identifiers of one component of an SBOM",
    "formats.sbom.limits:VALUES_MAX": "values of any kind in an SBOM (of tag-value: lines)",
    "formats.sbom.limits:GRAPH_ELEMENTS_EACH": "elements of XML or of an SPDX 3 graph for each component that an SBOM may have",
    "formats.sbom.limits:PLACES_TOLD_MAX": "places that a refusal of an SBOM names",
    "kernel.releases:CHANGE_LOG_CHARACTERS_MAX": "characters of a change log",
    "kernel.releases:STATEMENT_BYTES_MAX": "bytes of a release statement",
    "kernel.releases:PROVENANCE_BYTES_MAX": "bytes of a provenance statement",
    "kernel.releases:REVISIONS_MAX": "hardware revisions of a release",
    "kernel.trust:KEYS_MAX": "keys of a trust store",
    "kernel.trust:VERSIONS_MAX": "versions of a trust store",
    "kernel.sealing:CLEAR_BYTES_MAX": "bytes sealed at once",
    "kernel.envelope:SIGNATURES_MAX": "signatures of an envelope",
    "built.exchange.actions:WARNINGS_MAX": "warnings an import lists; all are counted",
    "built.exchange.runs:FILES_MAX": "files dropped on the page at once",
    "formats.lines:Limits.rows": "rows of a table",
    "formats.lines:Limits.line_bytes": "bytes of a line",
    "formats.lines:Limits.cell_characters": "characters of a cell",
    "formats.refusals:ERRORS_NAMED_MAX": "wrong rows a refusal names; all are counted",
    "formats.tables:HEADER_COLUMNS_MAX": "columns of a header",
    "formats.cells:JSON_NESTING_MAX": "nesting of a JSON cell",
    "formats.foreign:FILE_BYTES_MAX": "bytes of a BOM or placement file",
    "formats.foreign:ROWS_MAX": "rows of a BOM or placement file",
    "formats.foreign:TITLE_LINES_MAX": "lines above the header of a BOM or placement file",
    "formats.bom:RANGE_DESIGNATORS_MAX": "designators a range such as C1-C20 stands for",
    "formats.bom:DESIGNATOR_CHARACTERS_MAX": "characters of a designator in a BOM file",
    "formats.bom:QUANTITY_MAX": "pieces of a line of a BOM file",
    "formats.labels.reading:LABEL_BYTES_MAX": "bytes of a label, what the largest QR code holds",
    "formats.labels.reading:FIELDS_MAX": "fields of a label",
    "formats.labels.label:QUANTITY_MAX": "pieces on a label",
    "built.supply.actions.receiving:RECEIPTS_MAX": "packages received in one call",
    "built.supply.actions.stating:ROWS_MAX": "packages handled or decided in one call",
    "built.supply.actions.stating:REASON_CHARACTERS_MAX": "characters of the reason of a status",
    "built.supply.actions.inspecting:CHECKS_MAX": "checks of one inspection",
    "built.supply.kept_intakes:PACKAGES_MAX": "packages of one inspection",
    "built.supply.kept_intakes:TEXT_CHARACTERS_MAX": "characters of a reason or readings in these tables",
    "built.supply.provenance:RECORDS_MAX": "records of a provenance chain that are checked",
    "built.supply.declarations:LIST_MAX": "declarations listed at once",
    "built.supply.files:FILE_BYTES_MAX": "bytes of a file that comes with a package or a delivery",
    "built.supply.files:FILE_NAME_CHARACTERS_MAX": "characters kept of such a file's name",
    "doors.api.goods_in:LABEL_CHARACTERS_MAX": "characters of a label over the API, before it is read",
    "designed.catalog.limits:QUANTITY_MAX": "pieces of a line in bom.csv",
    "designed.catalog.positions:POSITIONS_MAX": "positions of a BOM version",
    "designed.catalog.positions:POSITION_CHARACTERS_MAX": "characters of a position",
    "built.production.intake.orders:UNITS_MAX": "units of a tenant",
    "built.production.actions.orders:ORDER_UNITS_MAX": "units that an order gets at once",
    "built.production.actions.orders:REASON_CHARACTERS_MAX": "characters of a reason to grow, split or close an order",
    "built.production.actions.naming:UNITS_NAMED_MAX": "units numbered at once",
    "built.production.actions.naming:LIST_BYTES_MAX": "bytes of a customer's list of serial numbers",
    "designed.catalog.rules:COUNTER_WIDTH_MAX": "digits of a serial rule's counter",
    "formats.marks:IMAGE_BYTES_MAX": "bytes of a picture of a mark",
    "formats.marks:IMAGE_PIXELS_MAX": "points of a picture of a mark",
    "formats.marks:MARKS_MAX": "marks in one laser file",
    "designed.catalog.panel_maps:PANEL_PLACES_MAX": "positions of a panel",
    "designed.catalog.placements:PLACEMENTS_MAX": "components of a placement",
    "questions.evidence.record:ORDERS_MAX": "orders of a product whose record is judged at once",
    "questions.evidence.record:GAPS_MAX": "gaps of a record that are told",
    "built.production.intake.assemblies:DEPTH_MAX": "units inside each other",
    "built.production.holds:HOLDS_BY_QUESTION_MAX": "open holds by question",
    "built.production.actions.holds:SPANS_MAX": "spans of units that one hold names",
    "built.production.intake.holds:REASON_CHARACTERS_MAX": "characters of the reason of a hold",
    "built.production.intake.holds:CODE_CHARACTERS_MAX": "characters of the code of a hold",
    "answers.register.holds:UNITS_NAMED_MAX": "units or spans named in one request for a hold",
    "answers.gate.stops:UNITS_MAX": "units of a panel that go through the gate together",
    "built.production.actions.steps:NAME_CHARACTERS_MAX": "characters of a step, machine or program",
    "built.production.actions.steps:TEXT_CHARACTERS_MAX": "characters of a side or pass",
    "built.production.actions.rework:REASON_CHARACTERS_MAX": "characters of the reason of a replacement",
    "built.production.actions.assembly:POSITION_CHARACTERS_MAX": "characters of a slot",
    "questions.genealogy.seen.held:LIFTED_SHOWN_MAX": "lifted holds that a page shows",
    "questions.genealogy.seen.held:UNITS_SHOWN_MAX": "units that the page of a hold names",
    "built.exchange.finding:READ_MAX": "rows of a table that one look for facts reads; the next goes on behind them",
    "doors.web.facts:HOLDING_CHARACTERS_MAX": "characters of what a row is to hold, on the page that finds facts",
    "built.exchange.withdrawing:ROWS_MAX": "facts withdrawn at once",
    "built.exchange.withdrawing:REASONS_MAX": "different reasons in one correction",
    "built.exchange.withdrawing:REASON_CHARACTERS_MAX": "characters of a reason",
    "built.production.intake.panels:UNITS_MAX": "units of a panel",
    "built.messages.groups:GROUP_MESSAGES_MAX": "machine messages recorded together",
    "built.messages.groups:GROUP_BYTES_MAX": "bytes of machine messages recorded together",
    "doors.machines.listening:BATCH_MESSAGES_MAX": "deliveries of the line recorded together",
    "doors.machines.listening:BATCH_SECONDS": "seconds a delivery waits for others",
    "doors.machines.listening:CREDIT_MAX": "deliveries of all machines together that may be unrecorded",
    "doors.machines.listening:DELIVERY_BYTES_MAX": "bytes of one delivery",
    "doors.machines.listening:UNRECORDED_BYTES_MAX": "bytes of deliveries that may be unrecorded",
    "doors.machines.listening:LINKS_MAX": "links of machines at once",
    "doors.machines.listening:RECONNECT_SECONDS_MAX": "seconds between attempts to reach a broker that is away, at most",
    "doors.machines.listening:HEARTBEAT_SECONDS": "seconds after which a silent broker counts as away",
    "doors.machines.recorder:PAUSE_SECONDS_MAX": "seconds of rest after a batch that could not be recorded, at most",
    "doors.machines.recorder:MESSAGE_CLEAR_BYTES_MAX": "bytes of one delivery, unpacked",
    "built.messages.clocks:AHEAD_SECONDS": "seconds a machine's clock may be ahead of ours before it is flagged",
    "built.messages.clocks:BEHIND_SECONDS": "seconds it may be behind for a message that came over the line",
    "built.messages.passes:KEPT_PASSES_MAX": "passes of a machine that its later messages may still name",
    "built.messages.passes:KEPT_UNBEGUN_MAX": "passes that nobody began, of a machine, that its later messages may still name",
    "built.messages.starting:READINGS_CHARACTERS_MAX": "characters of the readings of one pass, or measurements of one test",
    "built.messages.files:FILES_MAX": "files of messages taken from a folder at once",
    "built.messages.dead_letters:RETRIED_MAX": "dead letters retried at once",
    "built.messages.dead_letters:PAGE_MAX": "dead letters on a page",
    "formats.cfx.envelope:PAYLOAD_BYTES_MAX": "bytes of a CFX payload as it arrives, where it is not a file",
    "formats.cfx.envelope:CLEAR_BYTES_MAX": "bytes of a CFX payload or file, unpacked",
    "formats.cfx.envelope:MESSAGE_BYTES_MAX": "bytes of one CFX message",
    "formats.cfx.envelope:MESSAGES_MAX": "messages of a CFX payload",
    "formats.cfx.envelope:NESTING_MAX": "lists and structures of a CFX message inside each other",
    "formats.cfx.values:LIST_MAX": "entries of a list in a CFX message",
    "formats.cfx.values:TEXT_MAX": "characters of a name in a CFX message",
    "formats.cfx.bodies:UNITS_MAX": "units of one CFX WorkStarted",
    "formats.cfx.bodies:POSITIONS_MAX": "components of one package in a CFX message",
    "formats.cfx.readings:READINGS_MAX": "readings of one pass",
    "kernel.versions:VERSION_CHARACTERS_MAX": "characters of a version",
    "kernel.canonical:ENTRY_BYTES_MAX": "bytes of a log entry",
    "kernel.canonical:DOCUMENT_BYTES_MAX": "bytes of a JSON document",
    "kernel.certificates:ENTRIES_MAX": "entries of a certificate",
    "kernel.certificates:ROWS_MAX": "rows of a certificate",
    "kernel.certificates:HIDDEN_MAX": "hidden values of a certificate",
    "kernel.notes:NOTE_BYTES_MAX": "bytes of a checkpoint",
    "kernel.notes:SIGNATURES_MAX": "signatures on a checkpoint",
    "ledger.checks.report:FINDINGS_MAX": "findings a verification lists; all are counted",
    "access.actions.links:LINK_SECONDS": "seconds a one-time link lasts",
    "access.actions.links:PASSWORD_CHARACTERS_MAX": "characters of a password",
    "access.actions.links:LOGIN_CHARACTERS_MAX": "characters of a login",
    "access.actions.links:NAME_CHARACTERS_MAX": "characters of a person's name",
    "access.actions.tokens:NAME_CHARACTERS_MAX": "characters of a token's name",
    "access.actions.tokens:DAYS_MAX": "days a token lasts",
    "access.actions.signing_in:ATTEMPTS_PER_LOGIN": "wrong passwords of a login in the window below",
    "access.actions.signing_in:ATTEMPTS_PER_ADDRESS": "wrong passwords from an address in the window below",
    "access.actions.signing_in:WINDOW_SECONDS": "seconds in which wrong passwords are counted",
    "doors.web.finding:CODE_CHARACTERS_MAX": "characters of a code in the find box",
    "doors.api.asking:QUESTION_CHARACTERS_MAX": "characters of a question over the API, before it is read",
    "doors.api.facts:CELL_CHARACTERS_MAX": "characters of a cell of a correction over the API",
    "doors.cli.log:NOTE_BYTES_MAX": "bytes of a checkpoint given with --anchor",
    "doors.cli.verifying:FILE_BYTES_MAX": "bytes of a file given to `asbuilt verify`",
    "doors.cli.verifying:KEY_BYTES_MAX": "bytes of a file of public keys",
    "questions.genealogy.answering.sources:FACTS_MAX": "facts of a unit that its page reads",
    "doors.api.log:NOTE_CHARACTERS_MAX": "characters of a checkpoint sent to the API",
    "built.supply.actions.printing:LABELS_MAX": "labels printed in one call",
    "formats.package_labels:CODE_CHARACTERS_MAX": "characters of a code on a package label",
    "storage.outbox:TRIES_MAX": "attempts to send a message of the outbox",
    "storage.outbox:PAYLOAD_BYTES_MAX": "bytes of a message of the outbox",
    "storage.outbox:PAUSE_SECONDS_MAX": "seconds between two attempts",
    "storage.printers:SECONDS": "seconds a printer has to answer",
    "storage.databases:BUSY_SECONDS": "seconds a writer waits for its turn on SQLite",
}

API_LIMITS = {
    "API_REQUESTS_PER_MINUTE": "requests of one caller a minute, in each web process",
    "API_BODY_BYTES_MAX": "bytes of a JSON body",
    "API_BODY_NESTING_MAX": "nesting of a JSON body",
    "API_IMPORT_BYTES_MAX": "bytes of a file imported while the request waits",
    "API_PAGE_MAX": "rows of a page",
    "API_SERIALS_MAX": "serial numbers inside one answer",
    "API_RUN_BYTES_MAX": "bytes of the files of one import run",
}
WEB_LIMITS = {
    "UPLOAD_REQUEST_BYTES_MAX": "bytes of the files dropped at once",
    "UPLOAD_FILE_BYTES_MAX": "bytes of a file dropped on the page",
    "UPLOAD_PAPER_BYTES_MAX": "bytes of a picture or paper from who may not import",
    "UPLOAD_PAPERS_BYTES_MAX": "bytes of all such files of a form",
    "UPLOAD_TIP_BYTES_MAX": "bytes of a file of a tip",
    "UPLOAD_TIPS_BYTES_MAX": "bytes of a tip",
    "PUBLIC_REQUESTS_PER_MINUTE": "requests a minute for public pages, of one address",
    "PUBLIC_TIPS_PER_MINUTE": "tips a minute, of one address",
    "DATA_UPLOAD_MAX_MEMORY_SIZE": "bytes of a form without its files",
    "DATA_UPLOAD_MAX_NUMBER_FIELDS": "fields of a form",
    "DATA_UPLOAD_MAX_NUMBER_FILES": "files of a form",
    "SESSION_COOKIE_AGE": "seconds a session lasts",
}

EVIDENCE_HEAD = """# Evidence

What arrives is kept byte for byte under its SHA-256, in a class with a retention rule. To erase is to destroy the key (or the bytes,
where a class is not encrypted) and to append an entry that names the rule; hash, size and the facts taken from it stay, and
`asbuilt ledger verify` says "erased on …". While a legal retention runs, erasing is refused. The years run from the newest entry that
rests on the evidence. The rules are a dated file, not code; each entry that erases names the set it went by.
"""
