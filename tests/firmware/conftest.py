"""A product with two hardware revisions, a trust store, and releases made the way people make them."""

import pytest
import signers

IMAGE = b"\x7fASBUILT" + bytes(range(256)) * 40


@pytest.fixture
def widget(home, actor):
    """Product WIDGET, revisions B and C, and the first version of the trust store."""
    from asbuilt.designed.catalog.intake import BomIntake, PartsIntake
    from asbuilt.designed.firmware.actions import set_trust_store
    from asbuilt.ledger.one_row import checked_rows, state_rows
    from asbuilt.ledger.recording import recording

    with recording(actor, "test.made") as entry:
        state_rows(entry, PartsIntake, checked_rows("parts", [{"part": "R"}]))
        lines = [
            {
                "product": "WIDGET",
                "revision": code,
                "bom_version": "1",
                "line": "1",
                "part": "R",
                "quantity": "1",
                "refdes": "R1",
            }
            for code in ("B", "C")
        ]
        state_rows(entry, BomIntake, checked_rows("bom", lines))
    store = signers.store()
    set_trust_store(actor, document=signers.store_file(store), pin=store.sha256)
    return "WIDGET"


@pytest.fixture
def add(widget, actor):
    """add(version, image=…, **draft) adds a draft."""
    from asbuilt.designed.firmware.actions import Draft, add_release

    def made(version="2.3.1", image=IMAGE, who=None, role="app", **said):
        more = {
            name: said.pop(name) for name in ("boot", "device_encrypted", "provenance", "request_key") if name in said
        }
        draft = Draft(
            widget,
            role,
            version,
            **{"revisions": ("B", "C"), "change_log": "Closes the debug port", "security_relevant": True, **said},
        )
        return add_release(who or actor, draft=draft, image=image, **more)

    return made


@pytest.fixture
def sign(actor):
    """sign(release, people) records an envelope that these people signed."""
    from asbuilt.designed.firmware.actions import sign_release

    def made(found, people=None, who=None):
        product, role, version = found.key
        document = signers.release_file(found.statement, people)
        return sign_release(who or actor, product=product, role=role, version=version, document=document)

    return made


@pytest.fixture
def released(add, sign, actor):
    """released(version, …) is a release signed by two holders."""
    from asbuilt.designed.firmware.actions import release_firmware

    def made(version="2.3.1", image=IMAGE, **said):
        found = sign(add(version, image, **said))
        product, role, version = found.key
        return release_firmware(actor, product=product, role=role, version=version)

    return made


@pytest.fixture
def named():
    return {"product": "WIDGET", "role": "app", "version": "2.3.1"}
