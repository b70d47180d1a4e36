"""The addresses of forming partnerships: a table of contents."""

from django.urls import path

from commonground.site.formation.views import rounds

app_name = "formation"

urlpatterns = [
    # Rounds
    path("", rounds.index, name="rounds"),
    path("rounds/<int:pk>/", rounds.page, name="round"),
]
