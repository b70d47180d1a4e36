"""The directory: organizations and the people in them."""

from django.urls import path

from commonground.site.directory.views import account, imports, organizations, people, requests, trail, undelivered

app_name = "directory"
urlpatterns = [
    path("", organizations.search, name="search"),
    path("add/", organizations.add, name="add"),
    path("<int:pk>/", organizations.profile, name="profile"),
    path("<int:pk>/change/", organizations.change, name="change"),
    path("<int:pk>/close/", organizations.close, name="close"),
    # published files
    path("imports/", imports.imports, name="imports"),
    path("imports/<int:pk>/", imports.show, name="import"),
    path("imports/<int:pk>/columns/", imports.match, name="match_columns"),
    path("imports/<int:pk>/apply/", imports.apply, name="apply_import"),
    path("imports/<int:pk>/cancel/", imports.cancel, name="cancel_import"),
    # people and positions
    path("<int:pk>/people/", people.positions, name="people"),
    path("<int:pk>/people/appoint/", people.appoint, name="appoint"),
    path("<int:pk>/people/ask/", requests.ask, name="ask"),
    path("positions/<int:pk>/successor/", people.successor, name="successor"),
    path("positions/<int:pk>/end/", people.end, name="end_term"),
    path("requests/", requests.waiting, name="requests"),
    path("requests/<int:pk>/", requests.answer, name="answer"),
    path("trail/", trail.trail, name="trail"),
    path("trail/file/", trail.trail_file, name="trail_file"),
    path("undelivered/", undelivered.undelivered, name="undelivered"),
    path("undelivered/<int:pk>/again/", undelivered.send_again, name="send_again"),
    path("me/", account.account, name="account"),
]
