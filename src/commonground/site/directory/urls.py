"""The directory: organizations and the people in them."""

from django.urls import path

from commonground.site.directory.views import account, organizations, people, requests, trail

app_name = "directory"
urlpatterns = [
    path("", organizations.search, name="search"),
    path("<int:pk>/", organizations.profile, name="profile"),
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
    path("me/", account.account, name="account"),
]
