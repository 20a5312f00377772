"""The web process: pages and API over WSGI, and the worker thread that imports and verifies beside them.

Serve it without preloading (`gunicorn asbuilt.site.wsgi`): the thread belongs to the process that answers requests.
"""

import os

os.environ["DJANGO_SETTINGS_MODULE"] = "asbuilt.site.web_settings"

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()

from django.urls import get_resolver  # noqa: E402

from asbuilt.built.exchange.working import start_worker  # noqa: E402
from asbuilt.questions.genealogy.words.language import make_ready  # noqa: E402

start_worker()
# who asks first waits no longer than who asks next: addresses, pages and the grammar are there before the first request
make_ready()
_ = get_resolver().url_patterns
