"""Roles and what they may do. Deny by default: a right that no role of the actor holds is refused.

The roles are those of the design (section 4). A party reader reads, and may agree to concessions as the manufacturer; every read of his is
narrowed to what belongs to his party's products. The auditor reads and verifies and writes nothing. The administrator
keeps people and settings and records no facts.
"""

RECORD_READ = "record.read"  # units, lots, orders, answers
LOG_READ = "log.read"  # entries, checkpoints, proofs
LOG_VERIFY = "log.verify"
EVIDENCE_READ = "evidence.read"  # the bytes as they arrived
HISTORY_IMPORT = "history.import"  # the exchange tables
FACT_WITHDRAW = "fact.withdraw"  # withdraw and correct
PACKAGE_RECEIVE = "package.receive"  # goods-in: packages, deliveries and the papers that come with them
PACKAGE_HANDLE = "package.handle"  # opened, dried, baked, thawed; put into quarantine
PACKAGE_INSPECT = "package.inspect"  # incoming inspection: counts, checks, pictures, samples kept
PACKAGE_DECIDE = "package.decide"  # release and reject; inspection plans
ORDER_PLAN = "order.plan"  # open, grow, split, close orders; serial numbers, marks and panel maps
MARK_READ = "mark.read"  # put units on panels, read their marks back, tag them
ANSWER_FREEZE = "answer.freeze"
PEOPLE_MANAGE = "people.manage"
SETTINGS_MANAGE = "settings.manage"
PERSON_ERASE = "person.erase"
RECORD_EXPORT = "record.export"
BACKUP = "record.backup"
HOLD_PLACE = "hold.place"  # stop units and lots
HOLD_LIFT = "hold.lift"  # let them go on, where the hold names one of the actor's roles
SETUP_CHANGE = "setup.change"  # mount, splice, take off packages at machines; place by hand
STEP_RECORD = "step.record"  # steps, at the gate
OUTSIDE_SEND = "outside.send"  # units leave for a subcontractor, at the gate
OUTSIDE_TAKE_BACK = "outside.take_back"  # and come back with their evidence
REWORK = "rework.record"  # replace a part, put units into units and take them out, at the gate
SCRAP = "unit.scrap"
PACK = "unit.pack"  # boxes, pallets, shipments: open, put in, take out, close
SHIP = "shipment.ship"  # let a shipment go
MARKET_PLACE = "market.place"  # say that units were placed on the market, and by whose decision
RETURN_RECORD = "return.record"  # what came back, and what happened to it
CONCESSION_PROPOSE = "concession.propose"  # let units go with something missing, if others agree
CONCESSION_APPROVE = "concession.approve"  # agree for the house, keep what the manufacturer signed, end one
CONCESSION_AGREE = (
    "concession.agree"  # agree for one's own party, the manufacturer: all that a party's person may say here
)
WAIVER_PROPOSE = "waiver.propose"  # let releases and units go with a known vulnerability, if others agree
WAIVER_APPROVE = "waiver.approve"  # agree for the house, keep what the manufacturer signed, end one
VEX_DECIDE = "vex.decide"  # say what a vulnerability is to our products; reports to makers of components
GATE_ASK = "gate.ask"  # may this unit go on
OPERATOR_ASK = "operator.ask"  # questions by operator, off until the tenant turns them on

_READS = frozenset({RECORD_READ, LOG_READ})
_FLOOR = frozenset(
    {
        SETUP_CHANGE, STEP_RECORD, REWORK, GATE_ASK, MARK_READ, PACKAGE_RECEIVE, PACKAGE_HANDLE, PACKAGE_INSPECT, OUTSIDE_SEND,
        OUTSIDE_TAKE_BACK, PACK, SHIP, RETURN_RECORD,
    }
)  # fmt: skip
_OFFICE = _READS | {LOG_VERIFY, EVIDENCE_READ, ANSWER_FREEZE, RECORD_EXPORT}

ROLES: dict[str, frozenset[str]] = {
    "operator": frozenset({RECORD_READ}) | _FLOOR,
    "engineer": _OFFICE | {HISTORY_IMPORT, FACT_WITHDRAW, HOLD_PLACE, SCRAP, ORDER_PLAN, CONCESSION_PROPOSE} | _FLOOR,
    "quality_lead": _OFFICE
    | {HISTORY_IMPORT, FACT_WITHDRAW, OPERATOR_ASK, HOLD_PLACE, HOLD_LIFT, SCRAP, ORDER_PLAN, PACKAGE_DECIDE}
    | {CONCESSION_PROPOSE, CONCESSION_APPROVE, MARKET_PLACE, WAIVER_PROPOSE, WAIVER_APPROVE}
    | _FLOOR,
    "release_signer": _READS,
    "permit_issuer": _READS,
    "psirt": _OFFICE | {HOLD_PLACE, HOLD_LIFT, GATE_ASK, VEX_DECIDE, WAIVER_PROPOSE, WAIVER_APPROVE},
    "compliance": _OFFICE | {PERSON_ERASE, MARKET_PLACE},
    "auditor": _READS | {LOG_VERIFY, EVIDENCE_READ, RECORD_EXPORT, OPERATOR_ASK},
    "party_reader": frozenset({RECORD_READ, CONCESSION_AGREE}),
    "administrator": frozenset({PEOPLE_MANAGE, SETTINGS_MANAGE, PERSON_ERASE, BACKUP}),
    "station": frozenset({STEP_RECORD, GATE_ASK}),
    "machine": frozenset({GATE_ASK}),
}
# machines: what they say, what people see of it and do about it
MESSAGE_RECORD = "message.record"
MACHINE_READ = "machine.read"  # machines, their messages, dead letters
DEAD_LETTER_RETRY = "dead_letter.retry"
MACHINE_NAME = "machine.name"  # what the floor calls a machine
MACHINE_MAP = "machine.map"  # how the files of a machine are read
# the process record: instruments, people, areas, alarms
CALIBRATE = "instrument.calibrate"  # calibrations of instruments; in which area a machine stands
QUALIFY = "person.qualify"  # qualifications of people
QUALIFICATION_READ = "qualification.read"  # who holds which until when
ENVIRONMENT_MEASURE = "environment.measure"  # what was measured in an area, by people and loggers
ALARM_CLOSE = "alarm.close"  # decide about a run out of limits
# the release register: drafts and images; signatures and their release; whose keys count
FIRMWARE_DRAFT = "firmware.draft"
FIRMWARE_RELEASE = "firmware.release"  # record signatures, release, withdraw, erase after the retention
TRUST_SET = "firmware.trust"  # a version of the trust store, which carries its own root signatures
SBOM_ADD = "sbom.add"  # SBOMs of releases, hardware revisions and parts
IMAGE_READ = "firmware.image"  # image bytes, clear or sealed for a station
# permits and stations
TEST_PLAN_READ = "test_plan.read"  # test plans with their limits: of the house, never of a party
TEST_PLAN_PROPOSE = "test_plan.propose"  # write versions of test plans
TEST_PLAN_APPROVE = "test_plan.approve"  # let a version be used, or no longer; never one of one's own
NONCONFORMITY_RAISE = "nonconformity.raise"
NONCONFORMITY_WORK = "nonconformity.work"  # causes, actions, effectiveness checks; propose what becomes of units
NONCONFORMITY_DECIDE = "nonconformity.decide"  # the review board: approve dispositions, carry out, close
DISPOSITION_AGREE = "disposition.agree"  # a party's own person: agree to what becomes of its units
PERMIT_ISSUE = "permit.issue"  # record grants and plans, issue, revoke and close permits
STATION_MANAGE = "station.manage"  # enrol and close stations
STATION_RELEASE = "station.release"  # let a station go on after an alarm
STATION_SYNC = "station.sync"  # a station's own folder and records; also whoever carries its folder on a stick
# programmed before it is placed: what is demanded, orders for it; what the programmer's operator does; what devices report
PROGRAMMING_ORDER = (
    "programming.order"  # demand a version, say what modules come with, open and close programming orders
)
PACKAGE_PROGRAM = "package.program"  # a programming order is done; samples read back
FIELD_REPORT = "field.report"  # which versions units in the field report
# vulnerabilities: what feeds say, which the house keeps to itself where a person told it
VULNERABILITY_READ = "vulnerability.read"
IDENTITY_CONFIRM = "vulnerability.identity"  # say what components of a name are called by feeds
FEED_TAKE = "vulnerability.feed"  # set feeds, take from them, enter what reached the house otherwise
# cases: who must be told what by when; of the house, never of a party's person
SIGNAL_NOTE = "signal.note"  # say that something may have happened
CASE_READ = "case.read"
CASE_WORK = "case.work"  # open a case, say what it is about, when what happened, what was submitted
CASE_DECIDE = "case.decide"  # since when the house is aware, reportable or not, close and reopen
CONTACT_SET = "contact.set"  # where a party is told of what happened
NOTICE_WRITE = "notice.write"  # draft and review notices, say who was told otherwise, read what came back
NOTICE_SEND = "notice.send"  # approve, hold, let go and send
NOTICE_RECEIVE = "notice.receive"  # a party's person: read and acknowledge the party's own notices
# what the house says to everybody, and what strangers report to it
ADVISORY_WRITE = "advisory.write"  # draft and edit advisories
ADVISORY_PUBLISH = "advisory.publish"  # approve and publish them; the publisher, its key, security.txt
TIP_HANDLE = "tip.handle"  # read what strangers reported, and answer them
# files of products that authorities ask for; of the house, never of a party's person
FILING_READ = "filing.read"
FILING_WRITE = "filing.write"  # state what is on file, write user information, note requests
FILING_DECIDE = "filing.decide"  # keep a revision, issue declarations, check texts, say what was sent
# compliance: what products are in the sense of the law, what was assessed of them; of the house, never of a party's person
COMPLIANCE_READ = "compliance.read"
COMPLIANCE_ASSESS = (
    "compliance.assess"  # say what a risk assessment and the matrix of requirements say; draft revisions
)
COMPLIANCE_DECIDE = "compliance.decide"  # judge scope and class, review revisions, set support periods
# changes: what makers tell of parts, alternates, deviations, design reviews
SOURCING_WORK = "sourcing.work"  # take notices, compare parts, start runs, propose deviations, review designs
SOURCING_DECIDE = "sourcing.decide"  # decide about a notice, judge a run, agree to a deviation, close a review
_FIRMWARE = frozenset({FIRMWARE_DRAFT, FIRMWARE_RELEASE, TRUST_SET, IMAGE_READ})
_PROCESS = frozenset({CALIBRATE, ENVIRONMENT_MEASURE, ALARM_CLOSE, QUALIFICATION_READ})
_MACHINES = frozenset({MESSAGE_RECORD, MACHINE_READ, DEAD_LETTER_RETRY, MACHINE_NAME, MACHINE_MAP})
for _role, _more in {
    "operator": {MACHINE_READ, PACKAGE_PROGRAM, TEST_PLAN_READ, NONCONFORMITY_RAISE},
    "engineer": _MACHINES
    | _PROCESS
    | {FIRMWARE_DRAFT, SBOM_ADD, PROGRAMMING_ORDER, PACKAGE_PROGRAM, FIELD_REPORT, TEST_PLAN_READ, TEST_PLAN_PROPOSE}
    | {STATION_MANAGE, STATION_RELEASE, STATION_SYNC, NONCONFORMITY_RAISE, NONCONFORMITY_WORK, NONCONFORMITY_DECIDE},
    "quality_lead": _MACHINES
    | _PROCESS
    | {QUALIFY, PROGRAMMING_ORDER, PACKAGE_PROGRAM, FIELD_REPORT, STATION_RELEASE}
    | {TEST_PLAN_READ, TEST_PLAN_PROPOSE, TEST_PLAN_APPROVE}
    | {NONCONFORMITY_RAISE, NONCONFORMITY_WORK, NONCONFORMITY_DECIDE},
    "party_reader": {DISPOSITION_AGREE},
    "psirt": {SBOM_ADD, FIELD_REPORT, TEST_PLAN_READ, NONCONFORMITY_RAISE},
    "compliance": {SBOM_ADD, TEST_PLAN_READ},
    "release_signer": _FIRMWARE | {SBOM_ADD, RECORD_EXPORT, TEST_PLAN_READ},
    "permit_issuer": {TEST_PLAN_READ, PERMIT_ISSUE, STATION_MANAGE, STATION_SYNC},
    "auditor": {MACHINE_READ, QUALIFICATION_READ, TEST_PLAN_READ},
    "machine": {MESSAGE_RECORD, ENVIRONMENT_MEASURE},
}.items():
    ROLES[_role] |= _more
for _role in ("engineer", "quality_lead", "psirt", "compliance", "release_signer", "auditor"):
    ROLES[_role] |= {VULNERABILITY_READ}
ROLES["psirt"] |= {FEED_TAKE, IDENTITY_CONFIRM}
for _role in ("engineer", "quality_lead", "psirt", "compliance"):
    ROLES[_role] |= {SIGNAL_NOTE, CASE_READ}
for _role in ("quality_lead", "psirt", "compliance"):
    ROLES[_role] |= {CASE_WORK, CONTACT_SET, NOTICE_WRITE}
for _role in ("psirt", "compliance"):
    ROLES[_role] |= {CASE_DECIDE, NOTICE_SEND, ADVISORY_WRITE, ADVISORY_PUBLISH, TIP_HANDLE}
for _role in ("engineer", "quality_lead", "psirt", "compliance", "auditor"):
    ROLES[_role] |= {COMPLIANCE_READ}
for _role in ("engineer", "quality_lead", "psirt", "compliance"):
    ROLES[_role] |= {COMPLIANCE_ASSESS}
for _role in ("psirt", "compliance"):
    ROLES[_role] |= {COMPLIANCE_DECIDE}
ROLES["party_reader"] |= {NOTICE_RECEIVE}
ROLES["auditor"] |= {CASE_READ}
for _role in ("engineer", "quality_lead", "psirt", "compliance"):
    ROLES[_role] |= {FILING_READ, FILING_WRITE}
ROLES["compliance"] |= {FILING_DECIDE}
ROLES["auditor"] |= {FILING_READ}
# changes: what is to be built otherwise; a manufacturer's person reads and decides about those of his party's products
CHANGE_READ = "change.read"
CHANGE_WRITE = "change.write"  # propose an ECO, say what it changes, assess it, ask for approval
CHANGE_APPROVE = "change.approve"  # agree or refuse for a role of one's own
CHANGE_AGREE = "change.agree"  # the same for one's party
CHANGE_RELEASE = "change.release"  # set the boundary; put a step's process under control
for _role in ("engineer", "quality_lead", "release_signer", "permit_issuer", "psirt", "compliance", "auditor"):
    ROLES[_role] |= {CHANGE_READ}
for _role in ("engineer", "quality_lead", "psirt"):
    ROLES[_role] |= {CHANGE_WRITE}
for _role in ("engineer", "quality_lead", "release_signer", "psirt", "compliance"):
    ROLES[_role] |= {CHANGE_APPROVE}
ROLES["quality_lead"] |= {CHANGE_RELEASE}
ROLES["party_reader"] |= {CHANGE_READ, CHANGE_AGREE}
for _role in ("engineer", "quality_lead", "psirt", "compliance"):
    ROLES[_role] |= {SOURCING_WORK}
for _role in ("quality_lead", "compliance"):
    ROLES[_role] |= {SOURCING_DECIDE}
SENDS_ONLY = frozenset({MESSAGE_RECORD})  # who has no other right sees nothing, not even that something is there
ALL_RIGHTS = frozenset().union(*ROLES.values())

PROGRAM_ROLES = ("station", "machine")  # tokens of no person
PERSON_ROLES = tuple(role for role in ROLES if role not in PROGRAM_ROLES)
PARTY_READER, ADMINISTRATOR = "party_reader", "administrator"
