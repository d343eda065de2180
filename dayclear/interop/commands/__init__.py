from dayclear.interop.commands.run import Progress, run_import
from dayclear.interop.commands.upload import cancel_import, drop_draft, queue_import, store_upload, with_file

__all__ = [
    "Progress",
    "cancel_import",
    "drop_draft",
    "queue_import",
    "run_import",
    "store_upload",
    "with_file",
]
