"""What the tests of this room share."""

import pytest
from supply.conftest import person, stranger  # noqa: F401
from vulnerable_factory import secured


@pytest.fixture
def security(actor, load, tmp_path):
    """Eight boards, SBOMs of both releases, a feed that speaks of mbedtls."""
    return secured(actor, load, tmp_path / "security")


@pytest.fixture
def asked(actor):
    """asked("cve:…") -> {serial: grade} of the affected units."""
    from asbuilt.questions.genealogy.answers import ask

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
