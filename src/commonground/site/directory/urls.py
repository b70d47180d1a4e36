"""The directory: organizations and the people in them."""

from django.urls import path

from commonground.site.directory.views import organizations

app_name = "directory"
urlpatterns = [
    path("", organizations.search, name="search"),
    path("<int:pk>/", organizations.profile, name="profile"),
]
