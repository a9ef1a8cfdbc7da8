-- The log of what happened (schemas/migrations/0003_registers.sql).

-- name: note
-- Something happened to one record.
INSERT INTO event (operator_id, kind, happened_at, first_id, last_id, details)
VALUES ($1, $2, $3, $4, $4, $5::jsonb);
