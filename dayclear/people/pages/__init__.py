"""The pages of people: search, one person, and the review of those who may be one."""

from django.urls import path

from dayclear.people.pages.matches import apart, list_matches, merge, undo
from dayclear.people.pages.person import list_people, reveal, show_person

urlpatterns = [
    path("", list_people, name="list"),
    path("matches", list_matches, name="matches"),
    path("matches/<int:match_id>/apart", apart, name="apart"),
    path("matches/<int:match_id>/merge", merge, name="merge"),
    path("merges/<int:merge_id>/undo", undo, name="undo"),
    path("<int:person_id>", show_person, name="person"),
    path("<int:person_id>/reveal", reveal, name="reveal"),
]
