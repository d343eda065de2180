"""Background jobs of imports."""

from procrastinate.contrib.django import app

from dayclear.foundation import clock
from dayclear.foundation.worker import RETRIES
from dayclear.interop.commands.run import run_import
from dayclear.interop.commands.upload import IMPORT_TASK


@app.task(name=IMPORT_TASK, queue="imports", retry=RETRIES)
def import_line_list(upload_id: int) -> None:
    """Run one import. Run again after a crash, it goes on where it stood."""
    run_import(upload_id, now=clock.now())
