"""This room as Django knows it."""

from importlib import import_module

from django.apps import AppConfig

from asbuilt.answers.cases.handling.happenings import HAPPENINGS
from asbuilt.answers.cases.reporting.product_facts import PRODUCT_FACTS
from asbuilt.ledger.erasure import KEPT_LONGER
from asbuilt.ledger.projections import PROJECTIONS


class RoomConfig(AppConfig):
    name = "asbuilt.answers.compliance"
    label = "compliance"

    def ready(self):
        # the log reads shapes of every room, also where no verb of the room was used
        import_module("asbuilt.answers.compliance.events")
        import_module("asbuilt.answers.compliance.filing.events")
        PROJECTIONS["compliance.statements"] = _check
        PROJECTIONS["compliance.filing"] = _check_filing
        HAPPENINGS["compliance"] = _requested
        PRODUCT_FACTS["compliance"] = _product_facts
        KEPT_LONGER["compliance"] = _refuse_kept
        import_module("asbuilt.designed.firmware.retention").SUPPORTED_UNTIL["compliance"] = _supported_until


def _check(tenant: int):
    return import_module("asbuilt.answers.compliance.lines").KEPT.rebuild(tenant)


def _check_filing(tenant: int):
    return import_module("asbuilt.answers.compliance.filing.lines").KEPT.rebuild(tenant)


def _requested(tenant: int, case: str):
    return import_module("asbuilt.answers.compliance.filing.requests").happened(tenant, case)


def _product_facts(tenant: int, products, day: str):
    return import_module("asbuilt.answers.compliance.for_reports").product_facts(tenant, products, day)


def _refuse_kept(tenant: int, sha256: str) -> None:
    import_module("asbuilt.answers.compliance.keeping.holding").refuse_kept(tenant, sha256)


def _supported_until(tenant: int, product: str) -> str:
    return import_module("asbuilt.answers.compliance.keeping.periods").supported_until(tenant, product)
