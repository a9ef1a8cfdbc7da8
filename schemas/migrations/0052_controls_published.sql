-- Controls are published to the lake: each row carries the transaction that wrote it.
ALTER TABLE control ADD COLUMN written_in xid8 NOT NULL DEFAULT pg_current_xact_id();
CREATE INDEX control_written ON control (written_in);
