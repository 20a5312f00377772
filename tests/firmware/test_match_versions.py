"""Matrix of hardware revisions and firmware versions, its check, the comparison of two releases, the transfer to a station."""

import pytest
import signers

from asbuilt.kernel import sealing
from asbuilt.kernel.errors import NotAllowed, NotFound, Refused

IMAGE = b"\x7fASBUILT" + bytes(range(256)) * 40  # the one of conftest


@pytest.fixture
def history(released, actor, add):
    """2.9.0 (B), 2.10.0 (B, C, security), 2.11.0 withdrawn (C), a draft 3.0.0, a boot loader that names no revision."""
    from asbuilt.designed.firmware import actions

    released("2.9.0", b"290", revisions=("B",), security_relevant=False, change_log="First")
    released("2.10.0", b"2100", change_log="Closes the port\nFaster start")
    released("2.11.0", b"2110", revisions=("C",), security_relevant=False, change_log="New menu")
    actions.withdraw_release(actor, product="WIDGET", role="app", version="2.11.0", reason="hangs")
    add("3.0.0", b"300", revisions=("C",))
    released("1.0.0", b"boot", role="boot", revisions=(), security_relevant=False)


def test_the_matrix(history, actor):
    from asbuilt.designed.firmware.matrix import lines

    found = [(line.revision, line.role, line.version, line.state, line.unsaid) for line in lines(actor, "WIDGET")]
    assert found == [
        ("B", "app", "2.10.0", "released", False),
        ("B", "app", "2.9.0", "released", False),
        ("B", "boot", "1.0.0", "released", True),
        ("C", "app", "2.11.0", "withdrawn", False),
        ("C", "app", "2.10.0", "released", False),
        ("C", "app", "3.0.0", "draft", False),
        ("C", "boot", "1.0.0", "released", True),
    ]


def test_its_check(history, actor):
    from asbuilt.designed.firmware.matrix import faults

    found = sorted((fault.code, fault.revision, fault.role, fault.version) for fault in faults(actor))
    assert found == [
        ("newest_withdrawn", "C", "app", "2.11.0"),
        ("older_than_security_update", "B", "app", "2.9.0"),
        ("revisions_unsaid", "B", "boot", "1.0.0"),
        ("revisions_unsaid", "C", "boot", "1.0.0"),
    ]


def test_a_revision_without_firmware(released, actor):
    from asbuilt.designed.firmware.matrix import faults

    released(revisions=("B",))
    assert [(fault.code, fault.revision) for fault in faults(actor, "WIDGET")] == [("no_firmware", "C")]


def test_imported_history_is_marked(widget, actor, load):
    from asbuilt.designed.firmware.matrix import faults, lines

    row = {"product": "WIDGET", "version": "1.0.0", "role": "", "image": "", "sha256": "a" * 64, "revisions": "B C",
           "released_at": "2026-01-01T00:00:00Z", "security_relevant": "false"}  # fmt: skip
    load({"firmware": [row]})
    assert [(line.revision, line.state, line.signed) for line in lines(actor, "WIDGET")] == [
        ("B", "imported", False),
        ("C", "imported", False),
    ]
    assert {fault.code for fault in faults(actor, "WIDGET")} == {"newest_unsigned"}


@pytest.mark.parametrize("pair", [("2.9.0", "2.11.0"), ("2.11.0", "2.9.0")])
def test_two_releases_compared(history, actor, pair):
    from asbuilt.designed.firmware.matrix import compared

    found = compared(actor, product="WIDGET", role="app", first=pair[0], second=pair[1])
    assert [one.statement.change_log for one in found.between] == ["Closes the port\nFaster start", "New menu"]
    assert found.security_relevant is True and found.same_image is False
    assert (found.revisions_added, found.revisions_gone) == (["C"], ["B"])
    after = compared(actor, product="WIDGET", role="app", first="2.10.0", second="2.11.0")
    assert after.security_relevant is False and len(after.between) == 1


def test_what_nobody_has(history, actor):
    from asbuilt.designed.firmware.matrix import compared, lines

    with pytest.raises(NotFound):
        lines(actor, "GADGET")
    with pytest.raises(NotFound) as refused:
        compared(actor, product="WIDGET", role="app", first="2.9.0", second="7")
    assert refused.value.code == "firmware.release_unknown"


def test_a_stranger_and_a_party_see_no_matrix(history, actor):
    from asbuilt.access.actor import Actor, person_actor
    from asbuilt.access.rights import RECORD_READ
    from asbuilt.designed.firmware.matrix import compared, lines

    stranger = Actor(4711, "person:1", frozenset({RECORD_READ}))
    assert lines(stranger) == []
    reader = person_actor(actor.tenant, 9, frozenset({"party_reader"}), 1)
    with pytest.raises(NotFound):
        lines(reader)
    for nobody in (stranger, reader):
        with pytest.raises(NotFound):
            compared(nobody, product="WIDGET", role="app", first="2.9.0", second="2.10.0")


def test_an_image_travels_sealed_for_its_station(history, actor):
    from asbuilt.access.actor import person_actor
    from asbuilt.designed.firmware.transfer import sealed_image

    station = sealing.SealingKey.new()
    of = {"product": "WIDGET", "role": "app", "version": "2.10.0"}
    made = sealed_image(actor, **of, recipient=station.public)
    assert b"2100" not in made and station.open(made, sealing.IMAGE) == b"2100"
    for version, code in (("2.11.0", "firmware.release_withdrawn"), ("3.0.0", "firmware.release_not_released")):
        with pytest.raises(Refused) as refused:
            sealed_image(actor, **{**of, "version": version}, recipient=station.public)
        assert refused.value.code == code
    engineer = person_actor(actor.tenant, 1, frozenset({"engineer"}), None)
    with pytest.raises(NotAllowed):
        sealed_image(engineer, **of, recipient=station.public)
    assert signers.RECOVERY.public.key_id not in sealing.parse(made).key_id
