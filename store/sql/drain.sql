-- name: known_frames
-- Which of these frames the ledger has already: they were delivered a second time.
SELECT frame_ms, frame_seq
FROM frame
WHERE shard = $1
  AND (frame_ms, frame_seq) IN (SELECT * FROM unnest($2::bigint[], $3::bigint[]));

-- name: open_batch
INSERT INTO batch (shard, rows) VALUES ($1, $2) RETURNING batch_id;

-- name: known_fleets
-- Which of these fleets their operators have already.
SELECT operator_id, fleet_id
FROM fleet JOIN unnest($1::uuid[], $2::uuid[]) AS named (operator_id, fleet_id) USING (operator_id, fleet_id);

-- name: add_frames
INSERT INTO frame (shard, frame_ms, frame_seq, batch_id, rows, first_id, last_id)
SELECT $1, frame_ms, frame_seq, $2, rows, first_id, last_id
FROM unnest($3::bigint[], $4::bigint[], $5::int[], $6::uuid[], $7::uuid[])
     AS incoming (frame_ms, frame_seq, rows, first_id, last_id);

-- name: add_lake_file
INSERT INTO lake_file (path, lake_table, batch_id, rows, bytes) VALUES ($1, $2, $3, $4, $5);
