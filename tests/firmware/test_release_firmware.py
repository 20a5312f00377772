"""A draft, its signatures, its release, its withdrawal: who may, in which order, and what is refused by name."""

import json

import pytest
import signers

from asbuilt.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, Refused, Sealed, Tampered

IMAGE = b"\x7fASBUILT" + bytes(range(256)) * 40  # the one of conftest


def refusal(kind, call, **said):
    with pytest.raises(kind) as refused:
        call(**said)
    return refused.value.code


def test_from_draft_to_withdrawn(add, sign, actor, named):
    from asbuilt.designed.firmware import actions, register
    from asbuilt.designed.firmware.queries import standing_release

    found = add()
    assert found.state == "draft" and found.signatures == []
    assert standing_release(actor.tenant, **named) is None
    assert refusal(Refused, register.permittable, tenant=actor.tenant, **named) == "firmware.release_not_released"
    found = sign(found, signers.RELEASERS[:1])
    assert refusal(Refused, actions.release_firmware, actor=actor, **named) == "firmware.signatures_missing"
    found = sign(found, signers.RELEASERS[1:2])
    assert [each.key_id for each in found.signatures] == [who.public.key_id for who in signers.RELEASERS[:2]]
    found = actions.release_firmware(actor, **named)
    assert found.state == "released"
    assert register.permittable(actor.tenant, **named).statement.version == "2.3.1"
    assert standing_release(actor.tenant, **named).sha256.hex() == found.statement.sha256
    found = actions.withdraw_release(actor, **named, reason="bricks revision C")
    assert found.state == "withdrawn"
    with pytest.raises(Refused) as refused:
        register.permittable(actor.tenant, **named)
    assert refused.value.code == "firmware.release_withdrawn"
    assert "bricks revision C" in refused.value.message
    assert standing_release(actor.tenant, **named) is not None  # units that run it are still found


def test_what_is_signed_is_the_envelope_that_comes_out(released, actor):
    from asbuilt.kernel import envelope, releases

    found = released()
    document = envelope.envelope_bytes(found.envelope())
    statement, _, who = releases.check(document, signers.store(), signers.AT)
    assert statement.change_log == "Closes the debug port" and statement.revisions == ("B", "C")
    assert sorted(key.holder for key in who) == ["release 1", "release 2"]


def test_a_state_follows_the_one_before(released, add, sign, actor, named):
    from asbuilt.designed.firmware import actions

    found = released()
    assert refusal(Refused, actions.release_firmware, actor=actor, **named) == "firmware.release_state"
    with pytest.raises(Refused) as refused:
        sign(found, signers.RELEASERS[2:])
    assert refused.value.code == "firmware.release_state"
    add("2.4.0", b"other")
    draft = {**named, "version": "2.4.0"}
    assert refusal(Refused, actions.withdraw_release, actor=actor, **draft, reason="x") == "firmware.release_state"
    assert refusal(Invalid, actions.withdraw_release, actor=actor, **named, reason="") == "tables.cell_empty"
    actions.withdraw_release(actor, **named, reason="x")
    assert refusal(Refused, actions.release_firmware, actor=actor, **named) == "firmware.release_state"


def test_one_signer_needs_another_person(add, sign, actor, named, home):
    """The story: one person added a draft by command, as the system account, and released it under his own name; or the other way round."""
    from asbuilt.access.actor import Actor
    from asbuilt.designed.firmware import actions
    from asbuilt.kernel import trust

    roles = signers.store().roles
    ids = roles["release-signer"].keys
    second = signers.store(
        version=2, previous=signers.store().sha256, issued_at=signers.AT + 1, epoch=1,
        roles={**roles, "release-signer": trust.Role(ids, 1)},
    )  # fmt: skip
    ann, ben = (Actor(actor.tenant, f"person:{number}", actor.rights, number) for number in (77, 78))
    mine, nobodys = add(who=ann), add("2.4.0", image=b"other")
    actions.set_trust_store(actor, document=signers.store_file(second))
    sign(mine, signers.RELEASERS[:1], who=ann)
    sign(nobodys, signers.RELEASERS[:1], who=ann)
    assert refusal(Refused, actions.release_firmware, actor=ann, **named) == "firmware.release_needs_second"
    assert refusal(Refused, actions.release_firmware, actor=actor, **named) == "firmware.release_no_person"
    assert actions.release_firmware(ben, **named).state == "released"
    later = {**named, "version": "2.4.0"}
    for who in (actor, ann):
        assert refusal(Refused, actions.release_firmware, actor=who, **later) == "firmware.release_no_person"
    # a second holder's signature is a second person, whoever types the command
    sign(nobodys, signers.RELEASERS[:2])
    assert actions.release_firmware(actor, **later).state == "released"


def test_an_image_needs_its_product_and_revisions(add, actor):
    with pytest.raises(NotFound) as refused:
        add(revisions=("D",))
    assert refused.value.code == "catalog.revision_unknown"
    with pytest.raises(Invalid) as refused:
        add(role="os")
    assert refused.value.code == "tables.cell_not_a_word"
    with pytest.raises(Invalid) as refused:
        add(image=b"")
    assert refused.value.code == "firmware.image_size"
    with pytest.raises(Invalid):
        add(supported_until="soon")
    with pytest.raises(Invalid) as refused:
        add("2/3")
    assert refused.value.code == "firmware.version_slash"


def test_a_version_is_added_once(add, actor):
    add()
    with pytest.raises(Conflict) as refused:
        add(image=b"other bytes")
    assert refused.value.code == "tables.contradicts"


def test_the_same_request_twice(add, actor, named):
    first = add(request_key="k1")
    assert add(request_key="k1") == first
    with pytest.raises(Conflict) as refused:
        add("9.9.9", request_key="k1")
    assert refused.value.code == "ledger.request_key_reused"


def test_history_without_signatures_has_its_version(widget, actor, add):
    from asbuilt.designed.firmware.intake import ReleasesIntake
    from asbuilt.ledger.one_row import checked_rows, state_rows
    from asbuilt.ledger.recording import recording

    with recording(actor, "test.made") as entry:
        row = {"product": "WIDGET", "version": "1.0.0", "role": "app", "sha256": "a" * 64, "security_relevant": "false"}
        state_rows(entry, ReleasesIntake, checked_rows("firmware", [row]))
    with pytest.raises(Conflict) as refused:
        add("1.0.0")
    assert refused.value.code == "firmware.release_in_history"


def test_signatures_that_do_not_count(add, sign, actor, named):
    from asbuilt.designed.firmware.actions import sign_release

    found = add()
    for people in ([signers.ISSUER], [signers.ROOTS[0]], [signers.Ed25519("a stranger")]):
        with pytest.raises(Refused) as refused:
            sign(found, people)
        assert refused.value.code == "firmware.signature_not_counted"
    other = signers.release_file(signers.statement(b"another image"))
    assert refusal(Invalid, sign_release, actor=actor, **named, document=other) == "firmware.statement_differs"
    assert sign(sign(found)).signatures == sign(found).signatures  # recorded once


def test_a_lost_key_does_not_count_from_then_on(released, actor, named):
    from asbuilt.designed.firmware import actions, register
    from asbuilt.kernel import trust

    found = released()
    key = signers.RELEASERS[0].public.key_id
    at = found.last("released").happened_at
    for number, (from_at, counts) in enumerate(((at + 1, True),), 2):
        second = signers.store(
            version=number, previous=signers.store().sha256, issued_at=at + 5, epoch=1,
            revoked={key: trust.Revocation(key, 1, from_at, "stolen")},
        )  # fmt: skip
        actions.set_trust_store(actor, document=signers.store_file(second))
        assert bool(register.permittable(actor.tenant, **named)) is counts


def test_a_key_lost_before_the_release_takes_it_down(released, actor, named):
    from asbuilt.designed.firmware import actions, register
    from asbuilt.kernel import trust

    found = released()
    key = signers.RELEASERS[0].public.key_id
    at = found.last("released").happened_at
    second = signers.store(
        version=2, previous=signers.store().sha256, issued_at=at + 5, epoch=1,
        revoked={key: trust.Revocation(key, 1, at - 1, "stolen")},
    )  # fmt: skip
    actions.set_trust_store(actor, document=signers.store_file(second))
    assert refusal(Tampered, register.permittable, tenant=actor.tenant, **named) == "ledger.trust_threshold"


def test_who_may(add, sign, actor, named):
    from asbuilt.access.actor import person_actor
    from asbuilt.designed.firmware import actions

    engineer = person_actor(actor.tenant, 1, frozenset({"engineer"}), None)
    signer = person_actor(actor.tenant, 2, frozenset({"release_signer"}), None)
    operator = person_actor(actor.tenant, 3, frozenset({"operator"}), None)
    auditor = person_actor(actor.tenant, 4, frozenset({"auditor"}), None)
    found = add(who=engineer)
    for nobody in (engineer, operator, auditor):
        assert refusal(NotAllowed, actions.release_firmware, actor=nobody, **named) == "access.right_missing"
        with pytest.raises(NotAllowed):
            sign(found, who=nobody)
        document = signers.store_file(signers.store())
        assert refusal(NotAllowed, actions.set_trust_store, actor=nobody, document=document) == "access.right_missing"
    for nobody in (operator, auditor):
        with pytest.raises(NotAllowed):
            add("9", who=nobody)
    sign(found, who=signer)
    assert actions.release_firmware(signer, **named).state == "released"


def test_a_stranger_finds_nothing(released, home, named):
    from asbuilt.access.actor import Actor
    from asbuilt.access.rights import ALL_RIGHTS
    from asbuilt.designed.firmware import actions, images, register

    found = released()
    stranger = Actor(4711, "person:1", ALL_RIGHTS)
    assert refusal(NotFound, register.release, tenant=4711, **named) == "firmware.release_unknown"
    assert (
        refusal(NotFound, images.open_image, tenant=4711, image_sha256=found.statement.sha256)
        == "firmware.image_unknown"
    )
    assert (
        refusal(NotFound, actions.withdraw_release, actor=stranger, **named, reason="x") == "firmware.release_unknown"
    )


def test_the_log_verifies_with_the_register_in_it(released, add, actor, named):
    from asbuilt.designed.firmware import actions

    released()
    actions.withdraw_release(actor, **named, reason="x")
    add("2.4.0", b"next")
    report = verified(actor)
    assert report == []


def verified(actor):
    from asbuilt.ledger.verifying import verify

    return [finding.code for finding in verify(actor.tenant).findings]


def test_images_lie_encrypted_and_once(released, add, actor, home):
    from asbuilt.designed.firmware import images
    from asbuilt.ledger import evidence
    from asbuilt.storage import blobs, reading

    found = released()
    same = add("2.4.0", security_relevant=False)
    assert same.statement.sha256 == found.statement.sha256
    assert reading.fetch_one("SELECT count(*) FROM firmware_image WHERE tenant = %s", (actor.tenant,)) == (1,)
    assert images.open_image(actor.tenant, found.statement.sha256) == IMAGE
    kept = images.kept_image(actor.tenant, found.statement.sha256)
    place = blobs.place(evidence.evidence_row(actor.tenant, kept.stored_sha256).stored_sha256)
    assert IMAGE[8:100] not in place.read_bytes()
    for file in home.folder.rglob("*"):
        if file.is_file():
            assert IMAGE[8:100] not in file.read_bytes(), file
    stored = place.read_bytes()
    place.write_bytes(stored[:-1] + bytes([stored[-1] ^ 1]))  # another byte, whatever the last one is
    assert refusal(Tampered, images.open_image, tenant=actor.tenant, image_sha256=found.statement.sha256)


def test_without_its_key_an_image_stays_shut(released, actor, home):
    from asbuilt.designed.firmware import images
    from asbuilt.kernel.errors import Unavailable

    found = released()
    (key,) = home.keys.rglob("image.key")
    assert key.stat().st_mode & 0o777 == 0o600
    said = {"tenant": actor.tenant, "image_sha256": found.statement.sha256}
    key.write_text("00" * 32)
    assert refusal(Unavailable, images.open_image, **said) == "firmware.image_key_unfit"
    key.unlink()
    assert refusal(Unavailable, images.open_image, **said) == "firmware.image_key_missing"


def test_an_image_is_erased_after_its_time_and_not_before(released, actor, named, monkeypatch):
    from asbuilt.designed.firmware import actions, images
    from asbuilt.kernel.instants import parse_instant
    from asbuilt.ledger import clock

    found = released(supported_until="2040-12-31")
    assert refusal(Refused, actions.erase_image, actor=actor, **named) == "firmware.retention_runs"
    monkeypatch.setattr(clock, "now", lambda: parse_instant("2040-12-31T23:59:59Z"))
    assert refusal(Refused, actions.erase_image, actor=actor, **named) == "firmware.retention_runs"
    monkeypatch.setattr(clock, "now", lambda: parse_instant("2041-01-01T00:00:00Z"))
    actions.erase_image(actor, **named)
    assert refusal(Sealed, images.open_image, tenant=actor.tenant, image_sha256=found.statement.sha256)


def test_no_recovery_key_no_image(home, actor, named):
    from asbuilt.designed.firmware import images
    from asbuilt.kernel import trust
    from asbuilt.ledger.recording import recording

    roles = {name: role for name, role in signers.store().roles.items() if name != "recovery"}
    keys = {key: value for key, value in signers.store().keys.items() if key != signers.RECOVERY.public.key_id}
    store = signers.store(roles=roles, keys=keys)
    assert isinstance(store, trust.TrustStore)
    with pytest.raises(Refused) as refused, recording(actor, "test.made") as entry:
        images.keep(entry, b"image", store, "x")
    assert refused.value.code == "firmware.recovery_key_missing"


def test_an_entry_says_what_was_kept(released, actor):
    from asbuilt.storage import reading

    found = released()
    sql = "SELECT body FROM ledger_entry WHERE tenant = %s AND number = %s"
    said = json.loads(reading.fetch_one(sql, (actor.tenant, found.entry))[0])
    assert said["type"] == "firmware.release_drafted"
    assert said["facts"]["image"] == found.statement.sha256
    assert len(said["evidence"]) == 1


def test_an_image_stays_as_long_as_its_product_is_supported(released, actor, named, monkeypatch):
    from asbuilt.answers.compliance.keeping.actions import set_support
    from asbuilt.answers.compliance.keeping.seen import support_told
    from asbuilt.designed.firmware import actions
    from asbuilt.kernel.instants import parse_instant
    from asbuilt.ledger import clock

    released(supported_until="2038-12-31", security_relevant=True)
    set_support(actor, product="WIDGET", start_on="2027-12-11", end_on="2042-06-30", why="w")
    assert [one["until"] for one in support_told(actor, "WIDGET")["updates"]] == ["2042-06-30"]  # 13.9
    monkeypatch.setattr(clock, "now", lambda: parse_instant("2042-06-30T23:59:59Z"))
    assert refusal(Refused, actions.erase_image, actor=actor, **named) == "firmware.retention_runs"
    monkeypatch.setattr(clock, "now", lambda: parse_instant("2042-07-01T00:00:00Z"))
    actions.erase_image(actor, **named)


def test_signed_releases_are_counted_against_all_that_stand(released, load, actor):
    """One release was signed, another only loaded: of the secure distribution of updates (Annex I, II(7)) the record shows one of two."""
    from asbuilt.answers.compliance.assessing.house_evidence import releases
    from asbuilt.answers.compliance.assessing.unit_evidence import ProductUnits

    def told():
        (one,) = releases(ProductUnits(actor, "WIDGET"), [])
        return one.state, one.says

    released("2.3.1")
    assert told() == ("proved", "1 of 1 releases are signed and in force, 1 of them with a security fix.")
    row = {"product": "WIDGET", "role": "app", "image": "", "sha256": "8" * 64, "revisions": "B", "released_at": ""}
    load({"firmware": [{**row, "version": "1.0.0", "security_relevant": "false"}]}, "imported")
    assert told() == ("partly", "1 of 2 releases are signed and in force, 1 of them with a security fix.")
