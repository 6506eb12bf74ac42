"""One file a revision; the newest is `migrations.HEAD`."""
