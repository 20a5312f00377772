"""Addresses of the pages. The name of an address is the word that templates and the find box use."""

from django.urls import path
from django.views.i18n import set_language

from asbuilt.doors.web import entrance, finding, imports, log, people

urlpatterns = [
    path("sign-in/", entrance.sign_in_page, name="sign_in"),
    path("sign-out/", entrance.sign_out, name="sign_out"),
    path("welcome/", entrance.welcome, name="welcome"),
    path("welcome/<str:secret>/", entrance.open_link, name="open_link"),
    path("you/", entrance.you, name="you"),
    path("tokens/<int:number>/revoke/", entrance.revoke, name="token_revoke"),
    path("theme/", entrance.theme, name="theme"),
    path("language/", set_language, name="language"),
    path("health/", entrance.health, name="health"),
    path("find/", finding.find_page, name="find"),
    path("people/", people.people_page, name="people"),
    path("people/tokens/", people.issue, name="people_token"),
    path("people/<int:person>/", people.person_page, name="person"),
    path("people/<int:person>/change/", people.person_change, name="person_change"),
    path("import/", imports.imports_page, name="imports"),
    path("import/<str:ulid>/", imports.import_page, name="import"),
    path("import/<str:ulid>/files/", imports.import_files, name="import_files"),
    path("import/<str:ulid>/stop/", imports.import_stop, name="import_stop"),
    path("import/<str:ulid>/errors.csv", imports.import_errors, name="import_errors"),
    path("log/", log.log_page, name="log"),
    path("log/verification/", log.verification, name="log_verification"),
    path("log/checkpoint/", log.checkpoint, name="log_checkpoint"),
    path("log/entries/<int:number>/", log.entry_page, name="log_entry"),
]
