"""Who may record what is in a file may send it: on every page with a form that takes one, at every address of the API that takes one.

Files are let in before a form is read, by lists of addresses in `doors/web/uploads`. An address that no list names took files only from who may
import whole tables: compliance could attach nothing to a technical file, a declaration or an authority's request.
"""

import inspect
import re

import pytest
from test_house import SOURCE

from asbuilt.access import rights
from asbuilt.access.rights import ROLES
from asbuilt.doors.web.uploads import rights_to_send

WEB = SOURCE / "doors" / "web"
FORM = re.compile(r"<form [^>]*>")
ACTION = re.compile(r'action="\{% url "(\w+)"')
PATH = re.compile(r'path\(\s*"([^"]*)",\s*[\w.]+,?\s*name="(\w+)"')
# whose verb decides itself, or that is no paper of a right of its own: pages of the import, and the form of strangers
BY_VERB = {"imports", "public_report"}
# what a page's verb needs, read from the table of roles of the design and of each page's first line
NEEDED = {
    "case_requests": "FILING_WRITE", "ems": "FILING_WRITE", "papers": "FILING_DECIDE", "technical_file": "FILING_WRITE",
    "compliance_support": "COMPLIANCE_DECIDE", "shipment_place": "MARKET_PLACE", "release_build": "SBOM_ADD",
    "machine_mappings": "MACHINE_MAP", "order_serial_list": "ORDER_PLAN", "concession_decide": "CONCESSION_APPROVE",
    "sourcing_deviation": "SOURCING_DECIDE", "sourcing_run": "SOURCING_WORK",
    "sourcing_alternate": "SOURCING_WORK", "sourcing_review": "SOURCING_WORK",
}  # fmt: skip


def forms() -> set[str]:
    """The names of pages whose templates take a file."""
    found = [form for file in (WEB / "templates").glob("*.html") for form in FORM.findall(file.read_text("utf-8"))]
    return {ACTION.search(form)[1] for form in found if "multipart/form-data" in form}


def address(name: str) -> str:
    """Where the form goes, with something in place of codes."""
    places = {
        of: "/" + re.sub(r"<[^>]*>", "X-1", path) for path, of in PATH.findall((WEB / "urls.py").read_text("utf-8"))
    }
    return places[name]


def shut_out(right: str, path: str) -> list[str]:
    """Roles that hold the right and may not send a file there."""
    here = rights_to_send(path)
    return sorted(role for role, held in ROLES.items() if right in held and not here & set(held))


def api_addresses() -> dict[str, str]:
    """Address of the API that takes a file -> the right that it asks for."""
    from asbuilt.doors.api.document import api

    found = {}
    for prefix, router in api._routers:
        for path, view in router.path_operations.items():
            for one in view.operations:
                right = getattr(next(iter(one.auth_callbacks), None), "right", None)
                if right and "UploadedFile" in str(inspect.signature(one.view_func)):
                    found["/api/v1" + re.sub(r"\{[^}]*\}", "X-1", f"{prefix}{path}".replace("//", "/"))] = right
    return found


@pytest.mark.parametrize("name", sorted(NEEDED))
def test_a_page_takes_files_from_whoever_may_record_them(name):
    assert name in forms(), "no form of this page takes a file any more"
    assert shut_out(getattr(rights, NEEDED[name]), address(name)) == []


def test_every_form_that_takes_a_file_is_let_in_by_a_list():
    """One that is not in the table above stands in the lists of addresses all the same."""
    assert len(forms()) > 20
    alone = {name for name in forms() - BY_VERB if rights_to_send(address(name)) == {rights.HISTORY_IMPORT}}
    # a quality lead's, who may import
    assert alone == {"nonconformity_say"}


def test_an_address_of_the_api_takes_files_from_whoever_may_record_them():
    found = api_addresses()
    assert len(found) > 25 and "/api/v1/technical-files/X-1/points" in found
    lacking = {path: shut_out(right, path) for path, right in found.items() if right != rights.RECORD_READ}
    assert {path: roles for path, roles in lacking.items() if roles} == {}
