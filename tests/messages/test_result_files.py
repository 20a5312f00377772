"""Files of results: each format becomes test runs or repairs, kept, once; what the record knows better is refused; read anew by a newer reader."""

import json
from dataclasses import replace

import pytest
import result_files
from result_files import measured, openhtf, wsjf, wsjf_repair

from asbuilt.access.actor import local_system, person_actor
from asbuilt.access.opening import open_tenant
from asbuilt.built.messages.file_groups import record_files
from asbuilt.built.messages.machine_files import record_file, try_file
from asbuilt.built.messages.mapping import say_mapping
from asbuilt.built.messages.refused_files import file_bytes, machine_file, machine_files, retry_files
from asbuilt.built.messages.rereading import reread_file
from asbuilt.built.quality.doubts import doubts_of
from asbuilt.built.quality.queries import tests_of_unit as runs_of_unit
from asbuilt.designed.catalog.test_plans import versions_of
from asbuilt.formats.results import reading as formats
from asbuilt.kernel.errors import Invalid, NotAllowed, NotFound
from asbuilt.kernel.instants import parse_instant
from asbuilt.kernel.test_plans import parse_test_plan
from asbuilt.ledger import clock
from asbuilt.questions.genealogy.seen.tests import test_history


def payload(said) -> bytes:
    return json.dumps(said).encode()


def runs(actor, serial="SN1"):
    from asbuilt.built.production.orders import one_unit

    return runs_of_unit(actor.tenant, one_unit(actor.tenant, serial))


def plan(version="1", *, high="3.4", product="BRD", name="FCT", needed=True, revisions=("A",)) -> bytes:
    step = {"name": "vdd_3v3", "kind": "numeric", "comparison": "GELE", "low": "3.2", "high": high, "unit": "V", "expected": "",
            "criticality": "critical", "proves": [], "needed": needed}  # fmt: skip
    return payload(
        {
            "schema": 1,
            "plan": name,
            "version": version,
            "product": product,
            "revisions": list(revisions),
            "every": 1,
            "rules": "",
            "steps": [step],
        }
    )


def at(text: str) -> None:
    clock.set_clock(lambda: parse_instant(text))


@pytest.fixture
def approved(load):
    """approved(document, when, changes) loads a version that somebody proposed and somebody else approved then."""

    def loaded(document: bytes, when: str, changes: str = ""):
        found = parse_test_plan(document)
        load(
            {
                "test_plans": [{"plan": found.plan, "version": found.version, "product": found.product, "document": found.document.decode(), "changes": changes, "operator": "045", "happened_at": when}],
                "test_plan_approvals": [{"plan": found.plan, "version": found.version, "sha256": found.sha256, "decision": "approved", "operator": "046", "decided_at": when}],
            },
            f"plan-{found.plan}-{found.version}",
        )  # fmt: skip

    return loaded


@pytest.mark.parametrize("kind", formats.KINDS)
def test_each_format_becomes_test_runs_and_its_bytes_are_kept(line, actor, ask, sql, verified, kind):
    name, content = result_files.whole_files()[kind]
    seen = record_file(actor, name, content)
    assert (seen.use, seen.becomes, seen.mapping) == ("taken", "tests", formats.KINDS[kind].version), seen.detail
    assert seen.stored == (2 if kind == "i3070" else 1) and file_bytes(actor, seen.file) == content
    outcome = {"junit": "fail", "atml": "fail"}.get(kind, "pass")
    run = runs(actor)[0]
    assert run.outcome == outcome and ask(f"test:{'ict.plan' if kind == 'i3070' else 'FCT'}={outcome}") == (1, 0, 0)
    assert json.loads(run.measurements)["$run"]["source"] == seen.file[:16]
    assert verified() == []


def test_the_real_files_are_refused_for_units_that_nobody_knows(line, actor, shared_data, sql):
    files = [
        (name, (shared_data / "ems/test" / name).read_bytes())
        for name in ("openhtf_SN00042.json", "wsjf_sample.json", "i3070_sample.log")
    ]
    seen = record_files(actor, files)
    assert [(one.use, one.mapping) for one in seen] == [
        ("refused", "openhtf/4"),
        ("refused", "wsjf/3"),
        ("refused", "i3070/3"),
    ]
    assert "There is no unit SN00042" in seen[0].detail and sql("SELECT count(*) FROM quality_test_run") == [(0,)]


def test_a_unit_that_is_named_later_takes_its_result_on_retry(line, actor, load, ask, verified):
    early = record_file(actor, "a.json", payload(openhtf("LATE-1")))
    assert early.use == "refused" and retry_files(actor).taken == 0
    load(
        {"names": [{"unit": "WO-1#3", "kind": "serial", "value": "LATE-1", "from_at": "2027-03-01T07:00:00Z"}]}, "later"
    )
    assert retry_files(actor).taken == 1 and ask("test:FCT=pass") == (1, 0, 0)
    assert machine_file(actor, early.file).mapping == "openhtf/4" and verified() == []


def test_the_same_result_counts_once_however_often_it_comes(line, actor, sql, verified):
    first = record_file(actor, "a.json", payload(openhtf()))
    assert record_file(actor, "b.json", payload(openhtf())).already
    spaced = record_file(actor, "c.json", json.dumps(openhtf(), indent=2).encode())
    assert (spaced.use, spaced.stored, spaced.known) == ("taken", 0, 1) and spaced.file != first.file
    assert [one.stored for one in record_files(actor, [("d.json", json.dumps(openhtf(), indent=3).encode())] * 2)] == [
        0,
        0,
    ]
    other = record_file(actor, "e.json", payload(openhtf(measurements=[measured("vdd_3v3", 3.2, 3.2, 3.4)])))
    assert (other.use, other.cause) == ("refused", "tables.contradicts")
    assert sql("SELECT count(*) FROM quality_test_run") == [(1,)] and verified() == []


def test_results_out_of_order_stand_by_when_they_ended(line, actor, ask, verified):
    hour = 3_600_000
    record_file(actor, "late.json", payload(openhtf(outcome="PASS", at=result_files.DAY_MILLIS + hour)))
    record_file(actor, "early.json", payload(openhtf(outcome="FAIL")))
    assert (
        ask("test:FCT=pass") == (1, 0, 0) and ask("test:failed") == (0, 0, 0) and ask("ever:(test:failed)") == (1, 0, 0)
    )
    assert [run.outcome for run in runs(actor)] == ["fail", "pass"] and verified() == []


def test_a_result_of_another_product_is_refused(line, actor, load, approved, sql):
    load(
        {
            "bom": [
                {
                    "product": "AB-100",
                    "revision": "A",
                    "bom_version": "1",
                    "line": "10",
                    "part": "P-RES",
                    "quantity": "1",
                    "refdes": "R1",
                }
            ]
        },
        "more",
    )
    seen = record_file(actor, "r.json", payload(wsjf()))
    assert seen.use == "refused" and "SN1 is a unit of BRD, the result is of a AB-100" in seen.detail
    assert record_file(actor, "s.json", payload(wsjf(part="BRD"))).use == "taken"
    approved(plan(product="AB-100", name="ICT"), "2027-02-25T08:00:00Z")
    seen = record_file(actor, "p.json", payload(openhtf("SN2", plan="ICT")))
    assert (
        seen.use == "refused"
        and "ICT is a plan of AB-100" in seen.detail
        and sql("SELECT count(*) FROM quality_test_run") == [(1,)]
    )


def test_a_pass_without_evidence_is_refused(line, actor, approved, ask):
    approved(plan(), "2027-02-25T08:00:00Z")
    silent = record_file(actor, "a.json", payload(openhtf(measurements=[])))
    assert silent.use == "refused" and "says PASS without vdd_3v3" in silent.detail
    unset = record_file(
        actor, "b.json", payload(openhtf(measurements=[measured("vdd_3v3", None, 3.2, 3.4, outcome="UNSET")]))
    )
    assert unset.use == "refused"
    # a failure needs no evidence, and a plan that needs none takes the word of the tester
    assert record_file(actor, "c.json", payload(openhtf("SN2", "FAIL", measurements=[]))).use == "taken"
    assert record_file(actor, "d.json", payload(openhtf("SN3", plan="BURN-IN", measurements=[]))).use == "taken"
    assert record_file(actor, "e.json", payload(openhtf("SN4"))).use == "taken"
    assert ask("test:FCT=pass") == (1, 0, 0)


def test_a_plan_that_changes_while_units_are_under_test(line, actor, approved, verified):
    """Each run is judged by the version that it names, else by the one in force when it began."""
    approved(plan("1"), "2027-02-25T08:00:00Z")
    approved(plan("2", high="3.3"), "2027-03-01T08:30:00Z", "limit lowered")
    hour = 3_600_000
    for number, (version, later) in enumerate([("1", 0), ("1", hour), ("", 0), ("", hour)]):
        said = openhtf(version=version, at=result_files.DAY_MILLIS + later + number * 60_000)
        assert record_file(actor, f"{number}.json", payload(said)).use == "taken"
    versions = list(versions_of(actor.tenant, "FCT").values())
    found = [
        [doubt.code for doubt in doubts_of(run.measurements, outcome=run.outcome, plan_version=run.plan_version, started_at=run.started_at, versions=versions, revision="A")]
        for run in runs(actor)
    ]  # fmt: skip
    assert found == [[], [], ["not_in_force"], ["outside_limits"]] and verified() == []


def test_a_pass_outside_of_its_limits_is_kept_and_in_doubt(line, actor, ask):
    """28300 Ohm against limits of 27 to 28.2 kOhm, as a tester of the CFX samples writes it."""
    seen = record_file(actor, "a.json", payload(wsjf(value=3.6)))
    assert seen.use == "taken" and ask("test:FCT=pass") == (1, 0, 0)
    (run,) = runs(actor)
    said = {"outcome": run.outcome, "plan_version": "", "started_at": run.started_at}
    assert [(doubt.code, doubt.about) for doubt in doubts_of(run.measurements, **said)] == [
        ("outside_limits", "Power/VDD_3V3 3.6 V (3.2 to 3.4 V)"),
        ("part_unknown", "AB-100"),
    ]
    quirk = {"R21": {"value": 28300.0, "units": "Ohm", "min": 27.0, "max": 28.2, "limit_units": "kOhm"}}
    assert [doubt.code for doubt in doubts_of(json.dumps(quirk), **said)] == ["outside_limits"]
    quirk["R21"]["value"] = 28100.0
    assert doubts_of(json.dumps(quirk), **said) == []
    quirk["R21"]["units"] = "V"
    assert [doubt.code for doubt in doubts_of(json.dumps(quirk), **said)] == ["units_differ"]
    # WATS has comparisons that hold outside of the limits: below 1 or above 2
    for comparison, holding in (
        ("LTGT", (0.5, 2.5)),
        ("LEGE", (0.5, 1, 2, 2.5)),
        ("LEGT", (1, 2.5)),
        ("LTGE", (0.5, 2)),
    ):
        step = {"min": 1, "max": 2, "comparison": comparison}
        told = [
            value
            for value in (0.5, 1, 1.5, 2, 2.5)
            if doubts_of(json.dumps({"v": {**step, "value": value}}), **said) == []
        ]
        assert set(holding) <= set(told) and 1.5 not in told, comparison
    assert [doubt.code for doubt in doubts_of('{"ping": {"result": "fail"}}', **said)] == ["step_failed"]
    assert (
        doubts_of('{"ping": {"result": "fail"}}', **{**said, "outcome": "fail"}) == [] and doubts_of("", **said) == []
    )


def test_nan_is_refused_by_file_record_and_field(line, actor):
    bad = openhtf("SN2", measurements=[measured("vdd_3v3", float("nan"), 3.2, 3.4)])
    seen = record_file(actor, "two.json", payload([openhtf(), bad]))
    assert seen.use == "refused" and "two.json" in seen.detail and "line 2" in seen.detail
    assert "phases[0].measurements.vdd_3v3.measured_value" in seen.detail and runs(actor) == []


def test_a_clock_that_runs_ahead_does_not_make_the_last_word(line, actor, ask, verified):
    """A tester in the year 2040 failed the unit; the pass of tomorrow must still count."""
    seen = record_file(actor, "future.json", payload(openhtf(outcome="FAIL", at=2_209_000_000_000)))
    assert seen.use == "taken" and "ahead" in seen.warnings[0]
    at("2027-03-03T08:00:00Z")
    record_file(actor, "next.json", payload(openhtf(at=result_files.DAY_MILLIS + 86_400_000 + 3_600_000)))
    assert ask("test:FCT=pass") == (1, 0, 0) and verified() == []
    first = runs(actor)[0]
    assert first.finished_at == parse_instant("2027-03-02T08:00:00Z")
    assert [
        doubt.code
        for doubt in doubts_of(first.measurements, outcome="fail", plan_version="", started_at=first.started_at)
    ] == ["clock_wrong"]


def test_a_repair_becomes_a_process_run(line, actor, ask, sql, verified):
    seen = record_file(actor, "r.json", payload(wsjf_repair()))
    assert (seen.use, seen.becomes, seen.machine, seen.stored) == ("taken", "processes", "RW-1", 1), seen.detail
    assert ask("passed:REPAIR") == (1, 0, 0) and verified() == []
    ((readings,),) = sql("SELECT readings FROM production_process_run")
    assert json.loads(readings)["repair1"]["at"] == "R1"


def test_a_huge_picture_is_refused(line, actor):
    said = openhtf()
    said["phases"][0]["attachments"] = {
        "board.png": {"mimetype": "image/png", "sha1": "", "data": "A" * (13 << 20) + "="}
    }
    assert record_file(actor, "big.json", payload(said)).use == "refused"
    with pytest.raises(Invalid):
        record_file(actor, "bigger.json", b" " * (17 << 20))
    assert runs(actor) == []


def test_one_wrong_file_of_many_is_refused_alone(line, actor, sql, verified):
    files = [(f"SN{n}.json", payload(openhtf(f"SN{n}"))) for n in (1, 2, 3, 99)]
    seen = record_files(actor, files, kind="openhtf")
    assert [one.use for one in seen] == ["taken", "taken", "taken", "refused"]
    assert sql("SELECT count(*) FROM quality_test_run") == [(3,)] and verified() == []
    assert all(one.already for one in record_files(actor, files, kind="openhtf"))


def test_many_files_are_one_entry(line, actor, sql, verified):
    before = sql("SELECT max(number) FROM ledger_entry")[0][0]
    seen = record_files(actor, [(f"SN{n}.json", payload(openhtf(f"SN{n}"))) for n in (1, 2, 3, 4)])
    assert {one.entry for one in seen} == {before + 1} and sql("SELECT max(number) FROM ledger_entry")[0][
        0
    ] == before + 1
    ((body,),) = sql("SELECT body FROM ledger_entry WHERE number = %s", before + 1)
    assert {one["sha256"] for one in json.loads(body)["evidence"]} == {one.file for one in seen}
    assert file_bytes(actor, seen[2].file) == payload(openhtf("SN3")) and verified() == []


def test_a_mapping_comes_before_what_stands_in_a_file_and_a_kind_before_both(line, actor):
    mapping = {"machine": "ATE", "pattern": "*.json", "becomes": "tests", "format": "json", "encoding": "utf-8", "delimiter": "", "header": "",
               "decimal": "point", "time_format": "unix_ms", "time_zone": "UTC", "rows_at": "",
               "columns": json.dumps({"serial": {"from": "dut_id"}, "plan": {"text": "MINE"}, "outcome": {"from": "outcome", "words": {"PASS": "pass"}}, "finished_at": {"from": "end_time_millis"}})}  # fmt: skip
    say_mapping(actor, mapping)
    assert record_file(actor, "a.json", payload(openhtf())).machine == "ATE"
    assert record_file(actor, "b.json", payload(openhtf("SN2")), kind="openhtf").mapping == "openhtf/4"
    with pytest.raises(Invalid) as refusal:
        record_file(actor, "c.json", b"{}", kind="stdf")
    assert refusal.value.code == "messages.kind_unknown"
    assert record_file(actor, "d.json", payload(openhtf("SN3")), kind="wsjf").cause == "results.unreadable"
    # read anew as what it is: the run by the mapping goes, the one with its measurements comes
    first = machine_files(actor)[-1]
    done = reread_file(actor, first.file, kind="openhtf", reason="now the measurements too")
    assert (done.withdrawn, done.stored, done.mapping) == (1, 1, "openhtf/4")
    assert [json.loads(run.measurements)["vdd_3v3"]["value"] for run in runs(actor)] == [3.31]


def test_a_newer_reader_reads_anew_and_what_it_read_before_stays_in_the_log(line, actor, monkeypatch, sql, verified):
    """The reader learns to tell the station's hall: results are superseded, never lost."""
    taken = record_files(actor, [(f"SN{n}.json", payload(openhtf(f"SN{n}"))) for n in (1, 2)])
    assert reread_file(actor, taken[0].file, reason="r").entry is None
    old = formats.KINDS["openhtf"]

    def records(content, file):
        return [lambda times, one=one: replace(one(times), station="HALL-2") for one in old.records(content, file)]

    monkeypatch.setitem(formats.KINDS, "openhtf", replace(old, version="openhtf/9", records=records))
    done = reread_file(actor, taken[0].file, reason="the hall was missing")
    assert (done.mapping, done.withdrawn, done.stored) == ("openhtf/9", 1, 1)
    assert sql("SELECT count(*) FROM quality_test_run WHERE until_entry IS NULL") == [(2,)]
    assert (
        sql("SELECT count(*) FROM quality_test_run") == [(3,)]
        and machine_file(actor, taken[0].file).mapping == "openhtf/9"
    )
    assert len(runs(actor)) == 1 and verified() == []
    monkeypatch.setitem(formats.KINDS, "openhtf", replace(old, version="openhtf/10"))
    again = reread_file(actor, taken[0].file, reason="and back")
    assert (again.withdrawn, again.stored) == (1, 1) and verified() == []


def test_trying_stores_nothing(line, actor, sql):
    tried = try_file(actor, "ict.log", result_files.I3070.encode())
    assert (tried.becomes, len(tried.rows), tried.wrong) == ("tests", 2, []) and tried.machine == "ICT-1"
    assert sql("SELECT count(*) FROM messages_file") == [(0,)]


def test_a_stranger_sees_no_unit_and_an_operator_records_nothing(line, actor):
    stranger = local_system(open_tenant("other", "Other").number)
    assert record_file(stranger, "a.json", payload(openhtf())).use == "refused"
    seen = record_file(actor, "a.json", payload(openhtf()))
    with pytest.raises(NotFound):
        machine_file(local_system(stranger.tenant), seen.file[:10] + "0" * 10)
    anna = person_actor(actor.tenant, 1, frozenset({"operator"}), None)
    for verb in (lambda: record_files(anna, [("a", b"x")]), lambda: reread_file(anna, seen.file, reason="r")):
        with pytest.raises(NotAllowed):
            verb()


def contradicting() -> dict[str, tuple[bytes, str, str]]:
    """Kind -> (a file that says PASS over a step that failed and that no plan names, what the record makes of it, the step)."""
    phases = openhtf(measurements=[measured("vdd_3v3", 3.31, 3.2, 3.4)])
    phases["phases"].append({"name": "leak_test", "outcome": "FAIL", "measurements": {}, "attachments": {}})
    broken = openhtf("SN2")
    broken["phases"].append({"name": "self_test", "outcome": "ERROR", "measurements": {}, "attachments": {}})
    inner = wsjf(value=3.3)
    inner["root"]["steps"][2] |= {"status": "F", "passFail": [{"status": "F"}]}
    caused = wsjf("SN2")
    caused["root"]["steps"][2] |= {"status": "F", "passFail": [{"status": "F"}], "causedUUTFailure": True}
    block = result_files.I3070.replace("{@BLOCK|r1|00\n{@A-RES|0|+1.0", "{@BLOCK|r1|07\n{@A-RES|0|+1.0")
    return {
        "openhtf": (payload(phases), "fail", "leak_test"), "openhtf 2": (payload(broken), "error", "self_test"),
        "wsjf": (payload(inner), "pass", "SelfTest"), "wsjf 2": (payload(caused), "fail", "SelfTest"),
        "i3070": (block.encode(), "fail", "r1"), "atml": (result_files.ATML.replace('<tr:Outcome value="Failed"/>\n<tr:TestGroup', '<tr:Outcome value="Passed"/>\n<tr:TestGroup').encode(), "pass", "Power/IDD"),
        "junit": (result_files.JUNIT.encode(), "fail", "ping"),
    }  # fmt: skip


@pytest.mark.parametrize("kind", contradicting())
def test_a_run_that_passes_over_a_step_that_failed_contradicts_itself(kind, line, actor, verified):
    """No plan asks for the step, so the gate let it go, and nothing was said but on the page of the unit's tests. Where the format has a run pass only where
    its parts do (phases, blocks, the step that failed the unit), it is no pass; where a sequence may pass over a step (WATS, ATML), it is told and in doubt."""
    content, outcome, name = contradicting()[kind]
    seen = record_file(actor, f"{kind}.txt", content)
    assert seen.use == "taken", seen.detail
    serial = "SN2" if kind.endswith(" 2") else "SN1"
    (run,) = runs(actor, serial)
    doubts = doubts_of(run.measurements, outcome=run.outcome, plan_version="", started_at=run.started_at)
    assert run.outcome == outcome and verified() == []
    if kind == "junit":  # the outcome of a suite is that of its cases
        return
    told = json.loads(run.measurements)
    assert told[name]["result"] in ("fail", "error"), told
    if outcome == "pass":
        assert ("step_failed", name) in [(one.code, one.about) for one in doubts]
        assert "said_outcome" not in told["$run"]
        assert any(f"and {name} in it did not: the run is in doubt" in text for text in seen.warnings)
    else:
        word = {"openhtf": "PASS", "wsjf": "P", "i3070": "00"}[kind.partition(" ")[0]]
        assert ("said_otherwise", word) in [(one.code, one.about) for one in doubts]
        assert any(f"it is kept as {outcome}" in text for text in seen.warnings)


def test_what_was_run_again_or_skipped_contradicts_nothing(line, actor):
    """A phase whose first try was given up and whose second passed, one that skipped itself over a value outside, a block that failed and was retested."""
    again = openhtf()
    first = json.loads(json.dumps(again["phases"][0]))
    first |= {"outcome": "SKIP", "measurements": {"vdd_3v3": measured("vdd_3v3", 3.9, 3.2, 3.4, outcome="FAIL")}}
    timed = {
        "name": "link",
        "outcome": "ERROR",
        "measurements": {},
        "attachments": {},
        "options": {"repeat_on_timeout": True},
    }
    again["phases"] = [first, *again["phases"], timed, timed | {"outcome": "PASS"}]
    block = "{@BLOCK|r1|07\n{@A-RES|1|+2.0E+04{@LIM3|+1.0E+04|+1.05E+04|+9.5E+03}}\n}\n"
    retested = result_files.I3070.replace("{@BLOCK|r1|00", block + "{@BLOCK|r1|00", 1)
    for name, content in (("again.json", payload(again)), ("ict.log", retested.encode())):
        seen = record_file(actor, name, content)
        assert seen.use == "taken" and not any("in it" in text for text in seen.warnings), seen
    assert [run.outcome for run in runs(actor)] == ["pass", "pass"]


def test_words_in_place_of_wats_letters_and_what_is_no_number(line, actor):
    """Converters write `Failed` where WATS has F: a step that failed so had no result at all. A text NaN is no value that was measured; a limit in
    the tester's own words stands on the page."""
    words = wsjf(value=3.3)
    words["root"]["steps"][2] |= {"status": "Failed", "passFail": []}
    words["root"]["steps"][3]["status"] = "Running"
    assert record_file(actor, "w.json", payload(words)).use == "taken"
    said = json.loads(runs(actor)[0].measurements)
    assert (said["SelfTest"]["result"], said["Skip me"]["result"]) == ("fail", "running")
    refused = record_file(actor, "n.json", payload(openhtf("SN2", measurements=[measured("vdd_3v3", "NaN", 3.2, 3.4)])))
    assert refused.use == "refused" and "measured_value: is no finite number" in refused.detail
    ruled = openhtf("SN2")
    ruled["phases"][0]["measurements"]["vdd_3v3"]["validators"] = ["In range [3.2, 3.4]"]
    assert record_file(actor, "r.json", payload(ruled)).use == "taken"
    assert [one.limits for one in test_history(actor, "SN2").runs[0].steps] == ["In range [3.2, 3.4]"]


def test_a_result_that_nobody_can_read_says_why_beside_that_no_mapping_reads_it(line, actor):
    """A tester's file in UTF-16, cut off, or with a record a line was refused as if only a mapping were missing."""
    whole = payload(openhtf("SN1"))
    one_line = json.dumps(openhtf("SN1")).encode()
    for name, content, why in (
        ("a.json", json.dumps(openhtf("SN1")).encode("utf-16"), "it is written in UTF-16: results are read in UTF-8."),
        ("b.json", whole[: len(whole) // 2], "it cannot be read: "),
        ("c.json", one_line + b"\n" + one_line + b"\n", "it holds a JSON document a line: each wants a file of its own."),
        ("d.xml", b"<testsuites><testsuite>", "it cannot be read: "),
        ("e.json", b'{"weather": "fine"}', "what it holds is of no format of results that is known here."),
        ("f.csv", b"a;b\n", ""),
    ):  # fmt: skip
        seen = record_file(actor, name, content)
        assert (seen.use, seen.cause) == ("refused", "messages.mapping_unknown"), name
        assert f"No mapping reads a file called {name}" in seen.detail, seen.detail
        assert (f"{name}, and {why}" in seen.detail) if why else (", and " not in seen.detail), seen.detail
    assert not runs(actor)
