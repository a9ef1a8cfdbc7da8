-- name: progress
-- What is stored and what of it is published; every batch says its rows.
SELECT coalesce(sum(rows), 0)::bigint AS stored,
       coalesce(sum(rows) FILTER (WHERE published_at IS NOT NULL), 0)::bigint AS published
FROM batch;
