"""The addresses of forming partnerships: a table of contents."""

from django.urls import path

from commonground.site.formation.views import files, rounds, signups, topics

app_name = "formation"

urlpatterns = [
    # Rounds, as staff run them
    path("", rounds.index, name="rounds"),
    path("rounds/new/", rounds.new, name="new_round"),
    path("rounds/<int:pk>/", rounds.page, name="round"),
    path("rounds/<int:pk>/change/<slug:section>/", rounds.section, name="section"),
    path("rounds/<int:pk>/open/", rounds.open_round, name="open_round"),
    path("rounds/<int:pk>/close/", rounds.close, name="close_round"),
    path("rounds/<int:pk>/reopen/", rounds.reopen, name="reopen_round"),
    path("rounds/<int:pk>/copy/", rounds.copy, name="copy_round"),
    path("rounds/<int:pk>/delete/", rounds.discard, name="delete_round"),
    path("rounds/<int:pk>/remind/", rounds.remind, name="remind"),
    path("blackouts/<int:pk>/remove/", rounds.remove_blackout, name="remove_blackout"),
    # Paper forms and files
    path("rounds/<int:pk>/paper/", files.paper, name="paper"),
    path("rounds/<int:pk>/import/", files.import_signups, name="import"),
    path("rounds/<int:pk>/import/example.<str:form>", files.example, name="example"),
    path("rounds/<int:pk>/sign-ups.<str:form>", files.export, name="export"),
    # Topics
    path("topics/", topics.index, name="topics"),
    path("topics/<int:agency>/new/", topics.new, name="new_topic"),
    path("topics/<int:pk>/change/", topics.change, name="topic"),
    path("topics/<int:pk>/merge/", topics.merge, name="merge_topic"),
    path("topics/<int:pk>/retire/", topics.retire, name="retire_topic"),
    path("topics/<int:pk>/restore/", topics.restore, name="restore_topic"),
    path("rounds/<int:pk>/own-words/", topics.words, name="words"),
    path("own-words/<int:pk>/", topics.assign, name="assign_words"),
    # Signing up
    path("rounds/<int:pk>/about/", signups.about, name="about"),
    path("rounds/<int:pk>/join/", signups.join, name="join"),
    path("sign-ups/<int:pk>/", signups.overview, name="signup"),
    path("sign-ups/<int:pk>/submit/", signups.submit, name="submit"),
    path("sign-ups/<int:pk>/hand-over/", signups.hand_over, name="hand_over"),
    path("sign-ups/<int:pk>/withdraw/", signups.withdraw, name="withdraw"),
    path("sign-ups/<int:pk>/copy/", signups.copy, name="copy_answers"),
    path("sign-ups/<int:pk>/<slug:key>/", signups.step, name="step"),
]
