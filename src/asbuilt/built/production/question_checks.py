"""What a question must pass before a table takes it. Rooms that know the question language (above this one) put theirs here.

`QUESTION_CHECKS` are those of a hold, which may not ask for what is held; `GRAMMAR_CHECKS` those of any other row. A module of its own, because rooms register at every start and rows with questions are few.
"""

from collections.abc import Callable

QUESTION_CHECKS: dict[str, Callable[[str], None]] = {}
"""Room -> what raises Invalid for a question that cannot be asked or held by."""
GRAMMAR_CHECKS: dict[str, Callable[[str], None]] = {}
"""Room -> what raises Invalid for a question with a mistake."""
