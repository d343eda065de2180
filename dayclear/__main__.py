"""`python -m dayclear`: the same as the console script."""

from dayclear.config.cli import main

main()
