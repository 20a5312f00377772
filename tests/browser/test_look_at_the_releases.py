"""Releases, Release, Matrix and Comparison in a real browser: axe finds nothing, nothing overflows; a draft is added, signed and
released by what a person does."""

import pytest
import signers
from test_look_at_the_pages import PASSWORD, chromium, faults, served, signed_in, wait_until  # noqa: F401

from asbuilt.kernel import envelope, releases

HERE = "/releases/of/WIDGET-WITH-A-LONG-NAME/app/2.3.1/"


@pytest.fixture
def signer(served, chromium, home):  # noqa: F811
    """A page of a release signer."""
    from asbuilt.access.actions import accept_link, first_link, invite

    first = accept_link(first_link(), name="Ada Lis", login="ada", password=PASSWORD)
    _, link = invite(first, name="Rolf Signer", roles=["release_signer", "engineer"])
    accept_link(link, name="Rolf Signer", login="rolf", password=PASSWORD)
    context, page = signed_in(chromium, served, "rolf")
    yield page
    context.close()


@pytest.fixture
def product(load, actor):
    lines = [
        {
            "product": "WIDGET-WITH-A-LONG-NAME",
            "revision": code,
            "bom_version": "1",
            "line": "1",
            "part": "R",
            "quantity": "1",
            "refdes": "R1",
        }
        for code in ("B", "C")
    ]
    load(
        {
            "parts": [{"part": "R", "description": "", "mpn": "", "manufacturer": "", "lifecycle": "", "msl": ""}],
            "bom": lines,
        }
    )


def trusted(actor):
    from asbuilt.designed.firmware.actions import set_trust_store

    store = signers.store()
    set_trust_store(actor, document=signers.store_file(store), pin=store.sha256)


def test_axe_finds_nothing_on_empty_and_on_full_pages(signer, product, actor):
    from asbuilt.designed.firmware import actions

    said, found = [], []
    signer.on("console", lambda line: said.append(line.text) if "Security Policy" in line.text else None)
    for page in ("/releases/", "/releases/matrix/"):
        signer.goto(page)
        found += faults(signer)
    trusted(actor)
    for version in ("2.3.0", "2.3.1"):
        draft = actions.Draft(
            "WIDGET-WITH-A-LONG-NAME",
            "app",
            version,
            ("B",),
            "Closes the debug port\nFaster start",
            True,
            "ci 4711",
            "2033-12-31",
        )
        made = actions.add_release(actor, draft=draft, image=version.encode() * 90)
        of = dict(zip(("product", "role", "version"), made.key, strict=True))
        actions.sign_release(actor, **of, document=signers.release_file(made.statement))
        actions.release_firmware(actor, **of)
    actions.withdraw_release(actor, **of, reason="bricks revision C")
    compare = "/releases/compare/?product=WIDGET-WITH-A-LONG-NAME&role=app&first=2.3.0&second=2.3.1"
    for page in ("/releases/", "/releases/matrix/", HERE, HERE.replace("2.3.1", "2.3.0"), compare):
        signer.goto(page)
        found += faults(signer)
    assert (found, said) == ([], [])


def test_a_draft_is_added_signed_and_released(signer, product, actor, tmp_path):
    trusted(actor)
    (tmp_path / "app.bin").write_bytes(b"image" * 100)
    signer.goto("/releases/")
    signer.get_by_text("Add a draft", exact=True).click()
    signer.get_by_label("Product").fill("WIDGET-WITH-A-LONG-NAME")
    signer.get_by_label("Version", exact=True).fill("2.3.1")
    signer.get_by_label("Hardware revisions", exact=True).fill("B;C")
    signer.get_by_label("Image", exact=True).set_input_files(tmp_path / "app.bin")
    signer.get_by_label("What changed").fill("Closes the debug port")
    signer.get_by_role("button", name="Add this draft").click()
    signer.wait_for_url("**" + HERE)
    with signer.expect_download() as download:
        signer.get_by_role("link", name="Statement to sign or check").click()
    statement = envelope.parse(download.value.path().read_bytes(), unsigned=True)
    signed = signers.signed(releases.PAYLOAD_TYPE, statement.payload, signers.RELEASERS[:2])
    (tmp_path / "signed.json").write_bytes(signed)
    signer.get_by_label("Signed statement").set_input_files(tmp_path / "signed.json")
    signer.get_by_role("button", name="Record its signatures").click()
    signer.get_by_text("release 2").wait_for()
    signer.get_by_role("button", name="Release it").focus()
    signer.keyboard.press("Enter")
    signer.get_by_role("link", name="Which units run it, at which customers").wait_for()
    signer.get_by_role("link", name="Which units run it, at which customers").click()
    wait_until(signer, "location.search.startsWith('?q=firmware')")
