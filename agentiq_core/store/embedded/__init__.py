"""The Postgres that AgentIQ brings along: started on first use, shared by every process, stopped by the last.

Layout under `$AGENTIQ_HOME`, all of it private to the user who runs AgentIQ:

- `postgres/data`: the cluster. `postgres/password`: the superuser's random password (0600).
- `postgres/run`: the Unix socket, the only way in. A path too long for a socket moves it to a 0700 directory with a
  hashed name under the temp directory; `postgres/socket-directory` says where the running server put it.
- `postgres/server.log` (and `.1`, the run before). `postgres.lock`, `postgres.presence`: file locks.

As root (a container, a cheap VPS) Postgres refuses to run, so it runs as `postgres`, else `nobody`, on its own copy of
the binaries beside the data. When that user cannot reach the home (`/root` is 0700, and stays so), the files live in
`/var/lib/agentiq-<random>` and `$AGENTIQ_HOME/postgres` is a symbolic link to them: back up, or mount as a volume, both.

Two locks decide who does what. `postgres.lock` is held through a whole start or leave, so racing processes make one
server. `postgres.presence` is shared by everyone between `start` and `leave`; the system drops it on `kill -9`.
"""

from agentiq_core.store.embedded.server import EmbeddedPostgres

__all__ = ["EmbeddedPostgres"]
