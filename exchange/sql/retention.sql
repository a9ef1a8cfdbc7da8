-- What leaves when its time is over, and how it leaves the disk.

-- name: erase_exchanges
-- Exchanges that were closed before $1 and drafts that nobody has touched since $2, with all that hangs on them.
DELETE FROM exchange AS old
WHERE (old.closed_at < $1 OR (old.sent_at IS NULL AND old.changed_at < $2))
  AND NOT EXISTS (SELECT FROM upload WHERE upload.exchange_id = old.exchange_id)
  AND NOT EXISTS (SELECT FROM exchange AS younger WHERE younger.parent_id = old.exchange_id);

-- name: erase_alerts
WITH old AS (DELETE FROM alert WHERE sent_at < $1 RETURNING alert_id),
     told AS (DELETE FROM notice USING old WHERE notice.alert_id = old.alert_id)
SELECT count(*) FROM old;

-- name: take_time
SET transaction_timeout = 0;

-- name: rewrite
-- Deleted rows leave the disk only when the table is written anew; the planner keeps samples of them besides.
VACUUM (FULL, ANALYZE) {table};

-- name: end_log_file
-- The log still holds what was erased: it is ended here and deleted by the checkpoint.
SELECT pg_switch_wal();

-- name: checkpoint
CHECKPOINT;
