"""The demo: embedded Postgres, a sandbox marketplace with living buyers, and the app or a played operator."""
