"""Files that could not be taken and need not be: dismissed by somebody, with a reason; kept in history, and never lost."""

import pytest
from foreign_machines import OVEN, OVEN_MAPPING, oven

from asbuilt.access.actor import local_system, person_actor
from asbuilt.access.opening import open_tenant
from asbuilt.built.messages.dismissing import dismiss_file, file_history
from asbuilt.built.messages.machine_files import record_file
from asbuilt.built.messages.mapping import say_mapping
from asbuilt.built.messages.refused_files import file_bytes, machine_file, machine_files, refused_total, retry_files
from asbuilt.kernel.errors import Conflict, Invalid, NotAllowed, NotFound

NAME = "OFEN_17.csv"
WHY = "a test print of the maker"


@pytest.fixture
def refused(line, actor):
    """A file that no mapping reads."""
    return record_file(actor, NAME, oven()).file


def types(actor, file):
    return [one.type.partition(".")[2] for one in file_history(actor, file)]


def test_it_waits_no_more_and_is_kept_with_who_and_why(refused, actor, verified):
    assert refused_total(actor) == 1
    row = dismiss_file(actor, refused, reason=WHY)
    assert (row.use, row.cause) == ("dismissed", "messages.mapping_unknown")
    assert refused_total(actor) == 0 and [one.file for one in machine_files(actor, use="dismissed")] == [refused]
    assert file_bytes(actor, refused) == oven()
    last = file_history(actor, refused)[-1]
    assert types(actor, refused) == ["file_refused", "file_dismissed"] and last.reason == WHY
    assert retry_files(actor).still == 0  # it is not retried with the others
    assert verified() == []


def test_by_whom(refused, actor):
    eva = person_actor(actor.tenant, 7, ["engineer"], None)
    dismiss_file(eva, refused, reason=WHY)
    assert file_history(actor, refused)[-1].operator == 7


def test_the_same_request_again_and_a_second_dismissal(refused, actor):
    dismiss_file(actor, refused, reason=WHY, request_key="k1")
    assert dismiss_file(actor, refused, reason=WHY, request_key="k1").use == "dismissed"
    assert types(actor, refused).count("file_dismissed") == 1
    with pytest.raises(Conflict) as again:
        dismiss_file(actor, refused, reason=WHY)
    assert again.value.code == "messages.file_not_refused" and again.value.remedy


def test_it_is_taken_after_all_by_name(refused, actor, verified, ask):
    dismiss_file(actor, refused, reason=WHY)
    say_mapping(actor, OVEN_MAPPING)
    assert retry_files(actor).taken == 0
    assert retry_files(actor, [refused]).taken == 1
    assert machine_file(actor, refused).use == "taken" and ask("reading:OVEN-2.zone5>260") == (1, 0, 0)
    with pytest.raises(Conflict):
        dismiss_file(actor, refused, reason=WHY)
    assert types(actor, refused) == ["file_refused", "file_dismissed", "file_taken"]
    assert verified() == []


def test_coming_again_for_the_same_it_stays_dismissed_for_another_it_waits_again(refused, actor, verified):
    dismiss_file(actor, refused, reason=WHY)
    assert record_file(actor, NAME, oven()).already
    assert machine_file(actor, refused).use == "dismissed"
    say_mapping(actor, OVEN_MAPPING | {"decimal": "point"})
    record_file(actor, NAME, oven())
    row = machine_file(actor, refused)
    assert row.use == "refused" and row.cause != "messages.mapping_unknown" and refused_total(actor) == 1
    assert verified() == []


def test_refusals(refused, actor, home):
    with pytest.raises(Invalid) as caught:
        dismiss_file(actor, refused, reason=" ")
    assert caught.value.code == "messages.dismissal_reason"
    with pytest.raises(NotFound):
        dismiss_file(actor, "ab" * 32, reason=WHY)
    with pytest.raises(NotAllowed):
        dismiss_file(person_actor(actor.tenant, 1, ["operator"], None), refused, reason=WHY)
    stranger = local_system(open_tenant("other", "Other").number)
    with pytest.raises(NotFound):
        dismiss_file(stranger, refused, reason=WHY)
    with pytest.raises(NotFound):
        file_history(stranger, refused)
    assert types(actor, refused) == ["file_refused"] and OVEN
