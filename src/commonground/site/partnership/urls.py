"""The addresses of partnerships: a table of contents."""

from django.urls import path

from commonground.site.partnership.views import meetings, partnerships

app_name = "partnership"

urlpatterns = [
    path("", partnerships.index, name="list"),
    path("<int:pk>/", partnerships.overview, name="overview"),
    # Meetings
    path("<int:pk>/meetings/propose/", meetings.propose, name="propose_meeting"),
    path("meetings/<int:pk>/", meetings.page, name="meeting"),
    path("meetings/<int:pk>/calendar/", meetings.calendar_file, name="meeting_calendar"),
    path("meetings/<int:pk>/change/", meetings.change, name="change_meeting"),
    path("meetings/<int:pk>/confirm/", meetings.confirm, name="confirm_meeting"),
    path("meetings/<int:pk>/cancel/", meetings.cancel, name="cancel_meeting"),
]
