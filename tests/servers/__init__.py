"""Real servers for tests, private to one run: started in a temporary folder, gone at its end.

`python -m tests.servers run -- pytest ...` starts them once for a whole run, also under xdist.
"""

from __future__ import annotations

from tests.servers.install import ensure_installed
from tests.servers.postgres import PostgresServer, drop_database, new_database
from tests.servers.process import ServerError
from tests.servers.rabbit import RabbitServer, new_vhost

__all__ = [
    "PostgresServer",
    "RabbitServer",
    "ServerError",
    "drop_database",
    "ensure_installed",
    "new_database",
    "new_vhost",
]
