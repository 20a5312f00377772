"""What the tests of this room share."""

import shutil
import uuid

import cast
import pytest
from csv_tables import write_tables
from supply.conftest import person, stranger  # noqa: F401
from vulnerable_factory import Security, secured


@pytest.fixture(scope="session")
def secured_home(opened, tmp_path_factory):
    """A home with the secured factory in it, loaded once; the folder of its feeds lies beside."""
    from asbuilt.access.actor import local_system
    from asbuilt.access.queries import tenant_of_slug
    from asbuilt.built.exchange.actions import import_folder

    folder = tmp_path_factory.mktemp("exposure")
    copied = cast._copy(opened, folder, f"asbuilt_t_{uuid.uuid4().hex[:12]}")
    copied.enter()
    try:
        actor = local_system(tenant_of_slug("main").number)

        def load(tables):
            write_tables(folder / "tables", tables)
            import_folder(actor, folder / "tables")

        secured(actor, load, folder / "security")
    finally:
        cast._leave()
    yield copied
    cast._drop(copied)


@pytest.fixture
def home(request, opened, tmp_path):
    """A home of the test's own; the secured factory stands in it where the test asks for `security`."""
    from asbuilt.ledger import clock

    source = request.getfixturevalue("secured_home") if "security" in request.fixturenames else opened
    with cast.entered(source, tmp_path) as place:
        yield place
    clock.set_clock(None)


@pytest.fixture
def security(secured_home, actor, tmp_path):
    """Eight boards, SBOMs of both releases, a feed that speaks of mbedtls."""
    shutil.copytree(secured_home.folder.parent / "security", tmp_path / "security")
    return Security(actor, tmp_path / "security")


@pytest.fixture
def asked(actor):
    """asked("cve:…") -> {serial: grade} of the affected units."""
    from asbuilt.questions.genealogy.answering.answers import ask

    def answered(question, who=None, **more):
        return {row["serial"]: row["certainty"] for row in ask(who or actor, question, serials=True, **more).serials()}

    return answered


@pytest.fixture
def decide(actor):
    """decide("not_affected", version="1.0.0", …) -> the decision about the mbedtls flaw."""
    from vulnerable_factory import MBEDTLS

    from asbuilt.designed.vulnerability.deciding.decisions import Scope
    from asbuilt.designed.vulnerability.deciding.stating import decide as decided

    def said(status="not_affected", *, vulnerability=MBEDTLS, who=None, product="board", **more):
        parts = {name: more.pop(name) for name in ("revision", "role", "version", "part", "question") if name in more}
        if "part" in parts or "question" in parts:
            product = ""
        if status == "not_affected":
            more.setdefault("justification", "vulnerable_code_not_in_execute_path")
        if status == "affected":
            more.setdefault("action", "Update to 1.1.0.")
        return decided(
            who or actor, vulnerability=vulnerability, scope=Scope(product=product, **parts), status=status, **more
        )

    return said
