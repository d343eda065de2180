"""The pages of sampling."""

from django.urls import path

from dayclear.sampling.pages.advising import show_advice
from dayclear.sampling.pages.desk import desk, manifest, shell_data, worker
from dayclear.sampling.pages.planning import ask, show_plan, take_over

urlpatterns = [
    path("advice", show_advice, name="advice"),
    path("rounds/<int:round_id>/plan", ask, name="plan_points"),
    path("plans/<int:plan_id>", show_plan, name="plan"),
    path("plans/<int:plan_id>/take-over", take_over, name="take_over_plan"),
    # The sampler's page; it works without a server.
    path("desk/", desk, name="desk"),
    path("desk/shell.json", shell_data, name="shell_data"),
    path("desk/manifest.webmanifest", manifest, name="manifest"),
    path("desk/worker.js", worker, name="worker"),
]
