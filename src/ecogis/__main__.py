"""``python -m ecogis`` is the command ``ecogis``."""

from ecogis.cli.main import main

main()
