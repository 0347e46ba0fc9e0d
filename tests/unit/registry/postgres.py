"""A PostgreSQL of the test's own: a new cluster, reached through a socket in its folder alone."""

import getpass
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

ACCOUNT = "postgres"  # Debian's; the server refuses to run as root


class Cluster:
    """Started on use, stopped and removed at the end."""

    def __init__(self, initdb):
        self._programs = Path(initdb).resolve().parent
        self.folder = Path(tempfile.mkdtemp(prefix="ecogis-pg-", dir="/tmp"))
        self._made = 0
        as_root = os.geteuid() == 0
        if as_root:
            shutil.chown(self.folder, ACCOUNT)
        self._as = ["runuser", "-u", ACCOUNT, "--"] if as_root else []
        self.user = ACCOUNT if as_root else getpass.getuser()
        data = str(self.folder / "data")
        self._run("initdb", "-D", data, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        settings = f"-c listen_addresses='' -k {self.folder} -c fsync=off -c max_connections=60"
        log = str(self.folder / "log")
        self._run("pg_ctl", "-D", data, "-w", "-o", settings, "-l", log, "start")

    def _run(self, program, *words):
        line = [*self._as, str(self._programs / program), *words]
        subprocess.run(line, check=True, stdout=subprocess.DEVNULL, cwd=self.folder, timeout=120)

    def database(self, template="template1"):
        """Address of a new database, empty or as another one that nobody is connected to."""
        import psycopg

        self._made += 1
        name = f"ledger{self._made}"
        template = template.partition("@/")[2].partition("?")[0] or template
        where = {"host": str(self.folder), "user": self.user, "dbname": "postgres"}
        with psycopg.connect(autocommit=True, **where) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return f"postgresql+psycopg://{self.user}@/{name}?host={self.folder}"

    def stop(self):
        data = str(self.folder / "data")
        self._run("pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")
        shutil.rmtree(self.folder, ignore_errors=True)
