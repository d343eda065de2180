"""Line lists and result files: the list of imports, the steps from a file to an import, and what became of it."""

from django.urls import path

from dayclear.interop.pages.draft import columns, drop, new, preview, start, values
from dayclear.interop.pages.listing import list_imports
from dayclear.interop.pages.result import cancel, errors, progress, show
from dayclear.interop.pages.results import plate_file, result_file, results, take_in

urlpatterns = [
    path("", list_imports, name="imports"),
    path("new", new, name="new"),
    path("results", results, name="results"),
    path("plates/<int:plate_id>.<slug:form>", plate_file, name="plate_file"),
    path("results/<int:file_id>", result_file, name="result_file"),
    path("results/<int:file_id>/take-in", take_in, name="take_in_results"),
    path("<int:upload_id>", show, name="import"),
    path("<int:upload_id>/columns", columns, name="columns"),
    path("<int:upload_id>/values", values, name="values"),
    path("<int:upload_id>/preview", preview, name="preview"),
    path("<int:upload_id>/start", start, name="start"),
    path("<int:upload_id>/drop", drop, name="drop"),
    path("<int:upload_id>/progress", progress, name="progress"),
    path("<int:upload_id>/cancel", cancel, name="cancel"),
    path("<int:upload_id>/errors.csv", errors, name="errors"),
]
