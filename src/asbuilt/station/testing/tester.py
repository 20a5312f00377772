"""Tester: may this unit be tested here, by which plans, and what came of it, signed.

    permit → its test plans (by hash) → fixture: there, calibrated, not worn out → golden units shown → tries left
    TESTING (durable before the first run) → the plan's runs → TESTED with the signed record and its files, one transaction

- A PASS without what the plan demands is none: the record says error, without_evidence.
- A key, certificate or password that another unit showed here before is a finding on this one; a key is kept by its SHA-256, a password by
  its keyed commitment. The record carries both, so that the server compares units of all stations.
- A test that a crash cut off is told as aborted as soon as its unit is here again, and counts as a try.
- A fixture's cycles are this station's own and those of the others, as the last bulletin told them: it may have been carried here. The
  record says as of when that was.
- Plans run one after the other; the first that does not pass ends the unit's turn. A unit that a plan
  does not draw (`TestPlan.samples`) is passed over, and told so.
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from asbuilt.kernel import commitments, envelope, test_records
from asbuilt.kernel.canonical import canonical_bytes
from asbuilt.kernel.errors import NotFound, Refused
from asbuilt.kernel.instants import format_instant
from asbuilt.kernel.permits import Permit, PermittedTest
from asbuilt.kernel.test_plans import TestPlan
from asbuilt.station.chain import Entry
from asbuilt.station.home import Fixture, Socket, StationHome
from asbuilt.station.ledger import Ledger
from asbuilt.station.lockout import Scanned
from asbuilt.station.outcomes import plain
from asbuilt.station.testing.findings import OTHERWISE
from asbuilt.station.testing.plan_run import Found, PlanRun, Progress

NOT_SAMPLED = "not_sampled"
HOUR_US = 3_600 * 1_000_000


@dataclass(frozen=True)
class Allowed:
    """Who may test what: the permit, the operator, what was scanned."""

    scanned: Scanned
    permit: Permit
    operator: str


@dataclass(frozen=True)
class Tested:
    """What came of one plan: its name, outcome (not_sampled: the plan asks for others), reason, sentence, what to do, attempt."""

    plan: str
    outcome: str
    reason: str
    said: str
    remedy: str
    attempt: int

    @property
    def passed(self) -> bool:
        """Whether the unit may go on to the next plan: it passed, or was not drawn."""
        return self.outcome in ("pass", NOT_SAMPLED)


class Tester:
    """Test plans at one station."""

    def __init__(
        self, home: StationHome, ledger: Ledger, station: str, fixtures: Sequence[Fixture], private: bytes,
        progress: Callable[[str, Progress], None],
    ):  # fmt: skip
        self._home, self._ledger, self._station = home, ledger, station
        self._fixtures, self._private, self._progress = fixtures, private, progress

    def is_golden(self, permit: Permit, unit: str) -> bool:
        """Whether some plan of the permit knows this unit's outcome: it is tested, and never programmed."""
        plans = (self._home.test_plan(one, permit) for one in permit.tests)
        return any(unit == golden.unit for plan in plans for golden in plan.station.golden)

    def waits_for_test(self, permit: Permit, unit: str) -> bool:
        """Whether the unit was programmed here under the permit and has not passed a test since: programming it again would be wrong."""
        commit = self._last_commit(permit, unit)
        if commit is None:
            return False
        since = [one for one in self._ledger.of_unit(_place(unit)) if one.kind == "TESTED" and one.seq > commit[0]]
        return not since or since[-1].facts["outcome"] != "pass"

    def test(self, allowed: Allowed, socket: Socket) -> list[Tested]:
        """The permit's plans on one unit, up to the first that does not pass; Refused before anything is done to it."""
        if not allowed.permit.tests:
            raise NotFound(
                "station.no_test_plan", f"The permit of order {allowed.permit.work_order} names no test plan.",
                {"permit_id": allowed.permit.permit_id}, "Ask its issuer for a permit with the test plan.",
            )  # fmt: skip
        found: list[Tested] = []
        plans = [(one, self._home.test_plan(one, allowed.permit)) for one in allowed.permit.tests]
        unit = allowed.scanned.unit
        golden = [pair for pair in plans if any(unit == one.unit for one in pair[1].station.golden)]
        for named, plan in golden or plans:
            if not golden and not self._sampled(plan, named, unit):
                said = f"{plan.plan} tests one of {plan.every} units; this one is not drawn."
                found.append(Tested(plan.plan, NOT_SAMPLED, "", said, "", 0))
                continue
            found.append(self._one(allowed, socket, named, plan, bool(golden)))
            if not found[-1].passed:
                break
        return found

    # -- one plan --------------------------------------------------------------------------------------------------------

    def _one(self, allowed: Allowed, socket: Socket, named: PermittedTest, plan: TestPlan, golden: bool) -> Tested:
        fixture = self._fixture(plan, socket)
        if plan.station.compares:
            # without the key a test could not end: it is not begun
            self._home.comparison_key(allowed.permit.product)
        self._end_interrupted(allowed, plan, named)
        tried = self._tried(named, allowed.scanned.unit)
        if not golden:
            self._refuse_without_golden(plan, named, socket)
            if tried >= plan.station.retests:
                raise Refused(
                    "station.retests_exhausted", f"This unit was tested {tried} times by {plan.plan}, as often as the plan allows.",
                    {"plan": plan.plan, "tests": tried}, "Set the unit aside with a nonconformity report.",
                )  # fmt: skip
        facts = {
            "unit": allowed.scanned.unit, "plan": plan.plan, "sha256": named.sha256, "permit": allowed.permit.permit_id,
            "socket": socket.name, "fixture": fixture.fixture if fixture else "", "golden": golden,
            "operator": allowed.operator,
        }  # fmt: skip
        begun = self._ledger.begin_test(
            _place(allowed.scanned.unit), tried + 1, facts, fixture.cycles_max if fixture else 0,
            self._told_of(fixture.fixture) if fixture else (0, ""),
        )  # fmt: skip
        run = PlanRun(
            plan, self._about(allowed, socket, begun), self._home.folder, own={"programmed": lambda: self._programmed(allowed)},
            judged=lambda claims, files: self._judged(allowed, claims, files),
            progress=lambda where: self._progress(allowed.scanned.unit, where),
        )  # fmt: skip
        found = run.carry_out()
        return self._finish(allowed, plan, named, begun, found, fixture)

    def _finish(
        self,
        allowed: Allowed,
        plan: TestPlan,
        named: PermittedTest,
        begun: Entry,
        found: Found,
        fixture: Fixture | None,
    ) -> Tested:
        files = {file.sha256: content for file, content in found.files}
        until = format_instant(fixture.calibrated_until) if fixture else ""

        def record(entry: Entry) -> dict:
            return self._record(allowed, plan, named, begun, entry, found, until)

        unsigned = test_records.parse_test_record(canonical_bytes(record(begun) | {"key": "unsigned"}))
        # what a unit says reaches a screen
        found.said = plain(found.said)
        missing = test_records.lacking(plan, unsigned, files)
        if missing:
            said = f"The test says PASS, but there is {missing[0]}."
            found.outcome, found.reason, found.said, found.remedy = "error", "without_evidence", said, OTHERWISE
        ended = {**begun.facts, "outcome": found.outcome, "reason": found.reason}
        entry = self._ledger.tell(
            "TESTED", ended, lambda entry: self._sign(record(entry)), uid=begun.uid, attempt=begun.attempt, files=files
        )
        remedy = f"Not to be shipped. {found.remedy}" if found.outcome != "pass" else ""
        return Tested(plan.plan, found.outcome, found.reason, found.said, remedy, entry.attempt)

    def _record(
        self,
        allowed: Allowed,
        plan: TestPlan,
        named: PermittedTest,
        begun: Entry,
        entry: Entry,
        found: Found,
        until: str,
    ) -> dict:
        permit, facts = allowed.permit, begun.facts
        return {
            "schema": 1, "station": self._station, "permit_id": permit.permit_id, "permit_sha256": permit.sha256,
            "work_order": permit.work_order, "product": permit.product, "revision": allowed.scanned.revision,
            "unit": facts["unit"], "plan": plan.plan, "plan_version": plan.version, "plan_sha256": named.sha256,
            "attempt": begun.attempt, "golden": facts["golden"], "socket": facts["socket"], "fixture": facts["fixture"],
            "fixture_cycles": facts["cycles"], "calibrated_until": until, "outcome": found.outcome, "reason": found.reason[:80],
            "said": plain(found.said), "measures": [{**asdict(one), "said": plain(one.said)[:300], "value": plain(one.value)} for one in found.measures],
            "files": [asdict(file) for file, _ in found.files], **_shown(found), **_elsewhere(facts), "operator": facts["operator"],
            "started_at": format_instant(begun.at), "finished_at": format_instant(entry.at), "seq": entry.seq, "chain": entry.chain,
        }  # fmt: skip

    def _sign(self, record: dict) -> tuple[str, bytes, str]:
        key = f"{self._station}/{record['permit_id'] or '-'}/-/{record['attempt']}/{record['seq']}"
        payload = canonical_bytes({**record, "key": key})
        test_records.parse_test_record(payload)
        document = envelope.sign(test_records.TEST_RECORD_TYPE, payload, self._private)
        return key, document, hashlib.sha256(payload).hexdigest()

    def _end_interrupted(self, allowed: Allowed, plan: TestPlan, named: PermittedTest) -> None:
        """A test of this unit that a crash cut off is told as aborted."""
        entries = self._ledger.of_unit(_place(allowed.scanned.unit))
        ended = {(one.attempt, one.facts["sha256"]) for one in entries if one.kind == "TESTED"}
        for begun in entries:
            if (
                begun.kind == "TESTING"
                and begun.facts["sha256"] == named.sha256
                and (begun.attempt, named.sha256) not in ended
            ):
                said = "The station stopped in the middle of this test."
                found = Found("aborted", "interrupted", said)
                self._ledger.tell(
                    "TESTED", {**begun.facts, "outcome": "aborted", "reason": "interrupted"},
                    lambda entry, begun=begun, found=found: self._sign(self._record(allowed, plan, named, begun, entry, found, "")),
                    uid=begun.uid, attempt=begun.attempt,
                )  # fmt: skip

    # -- what must hold ----------------------------------------------------------------------------------------------------

    def _tried(self, named: PermittedTest, unit: str) -> int:
        entries = self._ledger.of_unit(_place(unit))
        return sum(one.kind == "TESTING" and one.facts["sha256"] == named.sha256 for one in entries)

    def _fixture(self, plan: TestPlan, socket: Socket) -> Fixture | None:
        """The fixture of the socket; Refused where it is another kind, or its calibration ended."""
        found = next((one for one in self._fixtures if one.fixture == socket.fixture), None)
        kind = plan.station.fixture
        if kind and (found is None or found.kind != kind):
            raise Refused(
                "station.fixture_other", f"{plan.plan} needs a fixture {kind}, at socket {socket.name} stands {socket.fixture or 'none'}.",
                {"needed": kind, "fixture": socket.fixture}, "Put the right fixture there and name it in station.json.",
            )  # fmt: skip
        if found is None:
            return None
        if self._ledger.now() > found.calibrated_until:
            raise Refused(
                "station.fixture_calibration", f"The calibration of fixture {found.fixture} ended {format_instant(found.calibrated_until)}.",
                {"fixture": found.fixture}, "Have it calibrated; until then another fixture tests.",
            )  # fmt: skip
        return found

    def _told_of(self, fixture: str) -> tuple[int, str]:
        """(cycles that the fixture made at other stations, when the server said so); without a word of it (0, "")."""
        bulletin = self._home.bulletin()
        if bulletin.fixtures is None:
            return 0, ""
        return bulletin.cycles_elsewhere(fixture), format_instant(bulletin.issued_at)

    def fixtures(self) -> list[dict]:
        """Each fixture of the station: cycles it made here and elsewhere, how many it may make, and as of when the others' are known."""
        found = []
        for one in self._fixtures:
            own, before = self._ledger.fixture_cycles(one.fixture)
            told, at = self._told_of(one.fixture)
            found.append({"fixture": one.fixture, "cycles": own + max(before, told), "cycles_max": one.cycles_max,
                          "elsewhere": max(before, told), "known_at": at})  # fmt: skip
        return found

    def _refuse_without_golden(self, plan: TestPlan, named: PermittedTest, socket: Socket) -> None:
        """Golden units show that the bench sees good and bad: each with its outcome, here, by this plan, not too long ago."""
        since = self._ledger.now() - plan.station.golden_hours * HOUR_US
        for golden in plan.station.golden:
            shown = [
                one for one in self._ledger.of_unit(_place(golden.unit))
                if one.kind == "TESTED" and one.facts["sha256"] == named.sha256 and one.facts["socket"] == socket.name
            ]  # fmt: skip
            if (
                not shown
                or shown[-1].facts["outcome"] != golden.outcome
                or (plan.station.golden_hours and shown[-1].at < since)
            ):
                raise Refused(
                    "station.golden_due", f"Golden unit {golden.unit} has to show {golden.outcome.upper()} at socket {socket.name} first.",
                    {"golden": golden.unit, "outcome": golden.outcome}, f"Scan golden unit {golden.unit} and put it into the socket.",
                )  # fmt: skip

    def _sampled(self, plan: TestPlan, named: PermittedTest, unit: str) -> bool:
        """Whether the plan draws this unit; one that did not pass is tested again whoever drew it."""
        if self._home.bulletin().draws(plan, unit):
            return True
        mine = (one for one in reversed(self._ledger.of_unit(_place(unit))) if one.kind == "TESTED")
        last = next((one for one in mine if one.facts["sha256"] == named.sha256), None)
        return last is not None and last.facts["outcome"] != "pass"

    # -- what a run is told, and what only the ledger knows ----------------------------------------------------------------

    def _about(self, allowed: Allowed, socket: Socket, begun: Entry) -> dict:
        programmed = self._last_programming(allowed) or {}
        return {
            "unit": allowed.scanned.unit, "revision": allowed.scanned.revision, "host": socket.network, "console": socket.console,
            "incoming": str(Path(socket.incoming).absolute()) if socket.incoming else "", "began": begun.at / 1e6,
            "versions": {image.role: image.version for image in allowed.permit.images}, "given": programmed.get("given", {}),
            "places": [
                {"ref": place.ref, "target": place.target, "console": place.console, "seconds": place.seconds, "options": place.address.options}
                for place in socket.places
            ],
        }  # fmt: skip

    def _last_programming(self, allowed: Allowed) -> dict | None:
        commit = self._last_commit(allowed.permit, allowed.scanned.unit)
        return json.loads(commit[1]) if commit else None

    def _last_commit(self, permit: Permit, unit: str) -> tuple[int, str] | None:
        """(entry, facts) of the unit's last programming here that passed."""
        sql = (
            "SELECT seq, facts FROM entry WHERE permit = ? AND kind = 'COMMIT' AND json_extract(facts, '$.unit') = ? "
            "ORDER BY seq DESC LIMIT 1"
        )
        return self._ledger.database().execute(sql, (permit.permit_id, unit)).fetchone()

    def _programmed(self, allowed: Allowed) -> dict:
        """What the programming cycle has shown of this unit here: it started, and refused a changed image."""
        facts = self._last_programming(allowed)
        why = "This unit was not programmed at this station."
        booted, refused = (bool(facts and facts.get(name)) for name in ("booted", "changed_image_refused"))
        if facts:
            why = "The unit's programming here did not start it."
        said = {
            "booted": {"value": "", "unit": "", "result": "pass" if booted else "fail", "said": "" if booted else why},
            "secure_boot": {
                "value": "", "unit": "", "result": "pass" if refused else "fail",
                "said": "" if refused else "No changed image was tried on this unit, so secure boot was not shown.",
            },
        }  # fmt: skip
        return {"measures": said, "log": json.dumps(facts or {}, sort_keys=True), "pictures": []}

    def _judged(self, allowed: Allowed, claims: list[dict], files: list[str]) -> tuple[dict[str, dict], str]:
        """(measure -> verdict on identities that only one unit may have, why a file may not be used). Asked and kept in one
        transaction: of two units that show a key at once, one is the second. A secret becomes its commitment before anything is kept."""
        verdicts: dict[str, dict] = {}
        unit = allowed.scanned.unit
        for claim in claims:
            if "secret" in claim:
                key = self._home.comparison_key(allowed.permit.product)
                claim["sha256"] = commitments.of_secret(key, claim["kind"], claim.pop("secret"))
        for digest in files:
            if self._ledger.shown(digest, unit, "file"):
                return {}, f"This file was taken before (sha256 {digest[:16]})."
        for claim in claims:
            others = self._ledger.shown(claim["sha256"], unit, claim["kind"])
            other = next((who for who in others if who != unit), "")
            said = f"The key {claim['sha256'][:16]} is also on unit {other}." if other else ""
            if other and claim["kind"] == "password":
                said = f"The password is also on unit {other}."
            if other or claim["measure"] not in verdicts:
                verdicts[claim["measure"]] = {
                    "value": "",
                    "unit": "",
                    "result": "fail" if other else "pass",
                    "said": said,
                }
        return verdicts, ""


def _shown(found: Found) -> dict:
    """Of a record without identities the field is left out: a server of before reads it too."""
    return {"identities": [asdict(one) for one in found.identities]} if found.identities else {}


def _elsewhere(facts: dict) -> dict:
    """Cycles of the fixture at other stations and as of when; left out where the server told nothing: it is one of before."""
    if not facts.get("known_at"):
        return {}
    return {"fixture_elsewhere": facts["elsewhere"], "fixture_known_at": facts["known_at"]}


def _place(unit: str) -> str:
    """Where the ledger keeps a unit's tests: apart from device identities."""
    return f"test/{unit}"
