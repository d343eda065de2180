"""The WSGI entry for the web server."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dayclear.config.settings")
application = get_wsgi_application()
# What stands now stays: the garbage collector need not look through it again while somebody waits.
gc.collect()
gc.freeze()
