"""This room as Django knows it: it has no tables; it answers two terms of the question language and checks questions of decisions."""

from importlib import import_module

from django.apps import AppConfig

from asbuilt.designed.vulnerability.deciding.questions_asked import GRAMMAR_CHECKS, RELEASE_AFTER, UNITS_MEANT


class RoomConfig(AppConfig):
    name = "asbuilt.questions.exposure"
    label = "exposure"

    def ready(self):
        more = import_module("asbuilt.questions.genealogy.words.more_terms")
        more.TERMS_ABOVE["cve"] = _cve
        more.TERMS_ABOVE["component"] = _component
        more.VALUES_ABOVE["cve"] = _names
        more.VALUES_ABOVE["component"] = _component_names
        more.NOTES_ABOVE["cve"] = _trust
        GRAMMAR_CHECKS["exposure"] = _check
        UNITS_MEANT["exposure"] = _units_meant
        RELEASE_AFTER["exposure"] = _release_after


def _terms():
    return import_module("asbuilt.questions.exposure.terms_answered")


def _cve(view, term, ever, within):
    return _terms().exposed_to(view, term.values, ever, within)


def _component(view, term, ever, within):
    return _terms().with_component(view, term.values[0], ever, within)


def _trust(view):
    return import_module("asbuilt.questions.exposure.coverage").coverage_notes(view)


def _names(view, sight, prefix):
    return _terms().vulnerabilities_beginning(view, sight, prefix)


def _component_names(view, sight, prefix):
    return _terms().components_beginning(view, sight, prefix)


def _units_meant(actor, question, product, most):
    return _terms().units_meant(actor, question, product, most)


def _release_after(tenant, decision):
    return _terms().release_after(tenant, decision)


def _check(question: str) -> None:
    _terms().check_question_of_decision(question)
