"""What rooms above want to look at before a hold by question is recorded: this floor cannot read a question.

A module of its own, because rooms register at every start and holds are recorded rarely.
"""

from collections.abc import Callable

QUESTION_CHECKS: dict[str, Callable[[str], None]] = {}
"""By room. Each takes the question and raises Invalid where no hold may rest on it."""
