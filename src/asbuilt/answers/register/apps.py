"""This room as Django knows it."""

from importlib import import_module

from django.apps import AppConfig

from asbuilt.built.exchange.after_withdrawal import AFTER_WITHDRAWAL, FOLLOWING
from asbuilt.built.production.question_checks import GRAMMAR_CHECKS, QUESTION_CHECKS


class RoomConfig(AppConfig):
    name = "asbuilt.answers.register"
    label = "register"

    def ready(self):
        # the log reads shapes of every room, also where no verb of the room was used
        import_module("asbuilt.answers.register.events")
        AFTER_WITHDRAWAL["register"] = _overtake
        FOLLOWING["register"] = _follow
        QUESTION_CHECKS["register"] = _check_question
        GRAMMAR_CHECKS["register"] = _check_grammar
        each_day = import_module("asbuilt.built.exchange.each_day").EACH_DAY
        each_day["register"] = _tell
        each_day["register.last_days"] = _warn


def _overtake(entry, facts) -> None:
    import_module("asbuilt.answers.register.actions").overtake_by_withdrawal(entry, facts)


def _follow(tenant, changed, questions):
    return import_module("asbuilt.answers.register.renamed").Followed(tenant, changed, questions)


def _tell(now: int) -> None:
    import_module("asbuilt.answers.register.watching").tell_everybody(now)


def _warn(now: int) -> None:
    import_module("asbuilt.answers.register.last_days").warn_everybody(now)


def _check_question(question: str) -> None:
    import_module("asbuilt.answers.register.holds").check_question(question)


def _check_grammar(question: str) -> None:
    import_module("asbuilt.questions.genealogy.words.language").parse(question)
