"""Background jobs of imports."""

from collections.abc import Mapping
from typing import Any

from procrastinate import JobContext
from procrastinate.contrib.django import app

from dayclear.foundation import clock
from dayclear.foundation.actors import system
from dayclear.foundation.scope import acting
from dayclear.foundation.worker import RETRIES, gives_up
from dayclear.interop.commands.disposal import dispose_uploads
from dayclear.interop.commands.draft import CHECK_TASK, run_check
from dayclear.interop.commands.result_files import drop_result_files
from dayclear.interop.commands.run import give_up, run_import
from dayclear.interop.commands.upload import IMPORT_TASK


@app.task(name=IMPORT_TASK, queue="imports", retry=RETRIES, pass_context=True)
def import_line_list(context: JobContext, upload_id: int) -> None:
    """Run one import. Run again after a crash, it goes on where it stood; the last try in vain ends it as failed."""
    try:
        run_import(upload_id, now=clock.now())
    except Exception:
        if context.job is not None and context.job.attempts >= (RETRIES.max_attempts or 1):
            give_up(upload_id, now=clock.now())
        raise


@gives_up(IMPORT_TASK)
def end_import(args: Mapping[str, Any]) -> None:
    """End an import that ended its worker at every try."""
    give_up(args["upload_id"], now=clock.now())


@app.task(name=CHECK_TASK, queue="imports", retry=RETRIES)
def check_line_list(upload_id: int, digest: str) -> None:
    """Read a large file for the wizard, before anything of it is written."""
    run_check(upload_id, bytes.fromhex(digest))


@app.periodic(cron="20 3 * * *")
@app.task(queue="upkeep", queueing_lock="dispose_uploads", pass_context=False)
def dispose(timestamp: int) -> None:
    """Destroy uploaded files whose time is over."""
    by = system("retention")
    with acting(by):
        dispose_uploads(by=by, now=clock.now())
        drop_result_files(by=by, now=clock.now())
