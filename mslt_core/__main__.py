"""`python -m mslt_core`: the command line."""

from mslt_core.cli.commands import main

main()
