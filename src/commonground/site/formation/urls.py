"""The addresses of forming partnerships: a table of contents."""

from django.urls import path

from commonground.site.formation.views import facilitators, files, offers, proposals, rounds, signups, topics

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
    # Proposals: searches and drafts
    path("rounds/<int:pk>/proposals/", proposals.index, name="proposals"),
    path("rounds/<int:pk>/proposals/compare/", proposals.compare, name="compare"),
    path("rounds/<int:pk>/search/", proposals.start_search, name="start_search"),
    path("searches/<int:pk>/", proposals.search_page, name="search"),
    path("searches/<int:pk>/progress/", proposals.search_progress, name="search_progress"),
    path("searches/<int:pk>/stop/", proposals.stop_search, name="stop_search"),
    path("proposals/<int:pk>/", proposals.draft_page, name="draft"),
    path("proposals/<int:pk>/certificate/", proposals.certificate, name="certificate"),
    path("proposals/<int:pk>/move/", proposals.move, name="move"),
    path("proposals/<int:pk>/change/", proposals.change, name="change_draft"),
    path("proposals/<int:pk>/again/", proposals.again, name="again"),
    path("proposals/<int:pk>/facilitators/", facilitators.assignment, name="draft_facilitators"),
    path("proposals/<int:pk>/release/", offers.release, name="release"),
    # Facilitators
    path("facilitators/", facilitators.index, name="facilitators"),
    path("facilitators/<int:pk>/", facilitators.page, name="facilitator"),
    path("facilitators/<int:pk>/accept/", facilitators.accept, name="accept_facilitator"),
    path("facilitators/<int:pk>/rest/", facilitators.rest, name="rest_facilitator"),
    path("facilitators/offer/<int:pk>/", facilitators.offer, name="offer_to_facilitate"),
    path("facilitators/add/<int:pk>/", facilitators.add, name="add_facilitator"),
    # Acceptance
    path("rounds/<int:pk>/answers/", offers.board, name="answers"),
    path("rounds/<int:pk>/refill/", offers.refill, name="refill"),
    path("rounds/<int:pk>/finish/", offers.finish, name="finish_round"),
    path("groups/<int:pk>/go-on/", offers.go_on, name="go_on"),
    path("groups/<int:pk>/end/", offers.end, name="end_group"),
    path("places/", offers.mine, name="places"),
    path("places/<int:pk>/", offers.place, name="place"),
    path("places/<int:pk>/answer/", offers.answer, name="answer_place"),
    path("places/<int:pk>/write/", offers.write, name="write_message"),
]
