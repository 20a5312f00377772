"""Addresses of the pages. The name of an address is the word that templates and the find box use."""

from django.urls import path
from django.views.i18n import set_language

from asbuilt.doors.web import asking, entrance, facts, finding, frozen, imports, log, lot, marks, order, people, unit

__all__ = ["marks", "urlpatterns"]  # marks adds to the words of every template

urlpatterns = [
    path("", asking.ask_page, name="ask"),
    path("ask/suggest/", asking.suggest, name="ask_suggest"),
    path("ask/serials.csv", asking.serials_csv, name="ask_serials"),
    path("answers/", frozen.answers_page, name="answers"),
    path("answers/<str:ulid>/", frozen.answer_page, name="answer"),
    path("answers/<str:ulid>/file/", frozen.answer_file, name="answer_file"),
    path("unit/<path:code>/certificate/", unit.certificate, name="unit_certificate"),
    path("unit/<path:code>/", unit.unit_page, name="unit"),
    path("lot/<path:code>/", lot.lot_page, name="lot"),
    path("package/<path:code>/", lot.package_page, name="package"),
    path("orders/", order.orders_page, name="orders"),
    path("order/<path:code>/facts/", order.facts_page, name="order_facts"),
    path("order/<path:code>/", order.order_page, name="order"),
    path("panel/<path:code>/", unit.panel_page, name="panel"),
    path("shipment/<path:code>/", unit.shipment_page, name="shipment"),
    path("facts/<str:fact>/", facts.fact_page, name="fact"),
    path("facts/<str:fact>/withdraw/", facts.withdraw, name="fact_withdraw"),
    path("facts/<str:fact>/correct/", facts.correct, name="fact_correct"),
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
    path("people/settings/", people.settings, name="people_settings"),
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
