"""This room as Django knows it."""

from importlib import import_module

from django.apps import AppConfig

from asbuilt.built.exchange.each_day import EACH_DAY, EACH_MINUTE, EACH_TURN
from asbuilt.ledger.projections import PROJECTIONS
from asbuilt.storage.outbox import CHANNELS


class RoomConfig(AppConfig):
    name = "asbuilt.answers.cases"
    label = "cases"

    def ready(self):
        # the log reads shapes of every room, also where no verb of the room was used
        import_module("asbuilt.answers.cases.events")
        import_module("asbuilt.answers.cases.telling.events")
        PROJECTIONS["cases.statements"] = _check
        PROJECTIONS["cases.telling"] = _check_notices
        EACH_DAY["cases.acting"] = _look_again
        EACH_DAY["cases.arriving"] = _arrive
        EACH_MINUTE["cases"] = _escalate
        EACH_TURN["cases.telling"] = _send_notices
        CHANNELS["tip"] = _mail_reporter
        CHANNELS["person"] = _mail_person
        CHANNELS["contact"] = _mail_contact
        happenings = import_module("asbuilt.answers.cases.handling.happenings").HAPPENINGS
        happenings["telling"] = _happened
        happenings["publishing"] = _published
        import_module("asbuilt.designed.vulnerability.deciding.own_vex").PUBLISHED["publishing"] = _published_identities
        known = import_module("asbuilt.answers.cases.handling.happenings")
        known.OPEN_ENDS["acting"] = _actions_open
        known.OPEN_ENDS["telling"] = _notices_open
        known.HELD_BACK["telling"] = _notices_held


def _mail_reporter(target: str, content: bytes) -> None:
    import_module("asbuilt.answers.cases.publishing.mailing").send(target, content)


def _mail_person(target: str, content: bytes) -> None:
    import_module("asbuilt.answers.cases.telling.reaching").send_to_person(target, content)


def _mail_contact(target: str, content: bytes) -> None:
    import_module("asbuilt.answers.cases.telling.reaching").send_to_contact(target, content)


def _arrive(now: int) -> None:
    import_module("asbuilt.answers.cases.handling.arriving").arrive_everywhere(now)


def _look_again(now: int) -> None:
    import_module("asbuilt.answers.cases.acting.following").look_at_all(now)


def _check(tenant: int):
    return import_module("asbuilt.answers.cases.handling.statements").KEPT.rebuild(tenant)


def _escalate(now: int) -> None:
    import_module("asbuilt.answers.cases.reporting.escalating").escalate_everybody(now)


def _check_notices(tenant: int):
    return import_module("asbuilt.answers.cases.telling.rebuilding").rebuild(tenant)


def _send_notices(now: int) -> None:
    import_module("asbuilt.answers.cases.telling.sending").send_all_due()


def _happened(tenant: int, case: str):
    return import_module("asbuilt.answers.cases.telling.seen").happened(tenant, case)


def _actions_open(tenant: int, case: str):
    return import_module("asbuilt.answers.cases.acting.queries").open_ends(tenant, case)


def _notices_open(tenant: int, case: str):
    return import_module("asbuilt.answers.cases.telling.seen").open_ends(tenant, case)


def _notices_held(tenant: int):
    return import_module("asbuilt.answers.cases.telling.notices").held_now(tenant)


def _published_identities(tenant: int):
    return import_module("asbuilt.answers.cases.publishing.advisories").published_identities(tenant)


def _published(tenant: int, case: str):
    return import_module("asbuilt.answers.cases.publishing.happened").happened(tenant, case)
