"""The first question put to a fresh web process."""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.once

ASK = """
import lark
from asbuilt.site.wsgi import application
def late(*args, **more): raise AssertionError("the grammar was built while somebody waited")
lark.Lark.__init__ = late
from asbuilt.access.actor import local_system
from asbuilt.questions.genealogy.answering import answers
print(answers.ask(local_system(1), "in:stock").affected.counts())
"""


def test_the_first_question_of_a_process_does_not_wait_for_the_grammar(home):
    done = subprocess.run([sys.executable, "-c", ASK], env=home.env(), capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "{'certain': 0, 'possible': 0, 'unrecorded': 0}"
