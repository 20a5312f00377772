"""Addresses of all doors."""

from django.urls import include, path

urlpatterns = [
    path("", include("asbuilt.doors.api.urls")),
    path("", include("asbuilt.doors.web.urls")),
]
handler400 = "asbuilt.doors.web.problems.bad_request"
handler403 = "asbuilt.doors.web.problems.not_allowed"
handler404 = "asbuilt.doors.web.problems.not_found"
handler500 = "asbuilt.doors.web.problems.broken"
