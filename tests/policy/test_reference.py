"""The generated pages of errors, commands and tables are what the code gives, and nothing is missing from them."""

import re

import pytest
from error_codes import SOURCE, codes
from reference_pages import FED, NOT_FED, PAGES, REFERENCE

from asbuilt.formats.columns import TABLES


@pytest.mark.parametrize("name", PAGES)
def test_the_page_is_what_the_code_gives(name):
    written = (REFERENCE / name).read_text(encoding="utf-8")
    assert PAGES[name]() == written, f"write {name} anew: .venv/bin/python tests/policy/reference_pages.py"


def test_every_code_raised_has_a_heading():
    # read independently of the generator: the first word of each refusal, as the source has it
    raised = set()
    for file in SOURCE.rglob("*.py"):
        raised |= set(
            re.findall(r'(?:Invalid|NotFound|Refused|Conflict|Tampered|Unavailable)\(\s*"([a-z_.]+)"', file.read_text())
        )
    headings = set(re.findall(r"^### (\S+)$", (REFERENCE / "errors.md").read_text(), re.MULTILINE))
    assert len(raised) > 100
    assert raised <= headings
    assert headings == set(codes())


def test_every_model_has_an_exchange_table_or_a_reason():
    from django.apps import apps

    known = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
    fed = {table for tables in FED.values() for table in tables}
    assert known - fed - set(NOT_FED) == set(), (
        "say in reference_pages.py which exchange table feeds it, or why none does"
    )
    assert (fed | set(NOT_FED)) - known <= {"django_session"}
    assert not fed & set(NOT_FED)


def test_every_exchange_table_feeds_a_model():
    assert set(FED) == {f"{name}.csv" for name in TABLES}
