"""Addresses of the pages. The name of an address is the word that templates and the find box use."""

from django.urls import path
from django.views.i18n import set_language

from asbuilt.doors.web import entrance, finding, people

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
]
