from dayclear.interop.commands.disposal import dispose_uploads
from dayclear.interop.commands.draft import ask_check, run_check, settle_plan, start_import
from dayclear.interop.commands.run import Progress, give_up, run_import
from dayclear.interop.commands.upload import cancel_import, drop_draft, queue_import, store_upload, with_file

__all__ = [
    "Progress",
    "ask_check",
    "cancel_import",
    "dispose_uploads",
    "drop_draft",
    "give_up",
    "queue_import",
    "run_check",
    "run_import",
    "settle_plan",
    "start_import",
    "store_upload",
    "with_file",
]
