-- name: attach
ATTACH '{database_url}' AS register (TYPE postgres, READ_ONLY);

-- name: tables
CREATE TEMPORARY TABLE receipt (submission_id UUID, accepted BIGINT, refused_id UUID[]);
CREATE TEMPORARY TABLE found (submission_id UUID, declarations BIGINT);
CREATE TEMPORARY TABLE difference (kind VARCHAR, declaration_id UUID, version INTEGER, detail VARCHAR);

-- name: take_window
-- One window of ids as Postgres has it: each version with a hash over all its columns.
CREATE OR REPLACE TEMPORARY TABLE stored AS
SELECT declaration_id, version, hash({columns}) AS digest
FROM postgres_query('register', 'SELECT {columns} FROM declaration_version
    WHERE declaration_id >= ''{first}'' AND declaration_id < ''{next}''');

-- name: take_lake_window
CREATE OR REPLACE TEMPORARY TABLE published AS
SELECT declaration_id, version, hash({columns}) AS digest
FROM (SELECT {columns} FROM lake.declaration_version UNION ALL SELECT {columns} FROM lake.declaration_version_recent)
WHERE declaration_id >= '{first}'::UUID AND declaration_id < '{next}'::UUID;

-- name: compare_window
INSERT INTO difference
SELECT 'missing in the lake', declaration_id, version, NULL FROM (FROM stored EXCEPT ALL FROM published)
UNION ALL
SELECT 'not in Postgres, or doubled in the lake', declaration_id, version, NULL FROM (FROM published EXCEPT ALL FROM stored);

-- name: sum_window
-- How many first versions of each submission are stored; the last 32 bits of an id are its line.
INSERT INTO found
SELECT (left(declaration_id::VARCHAR, 28) || '00000000')::UUID, count(*)
FROM stored
WHERE version = 1
GROUP BY ALL;

-- name: refused_but_stored
INSERT INTO difference
SELECT 'stored though it was refused', declaration_id, version, NULL
FROM stored
WHERE declaration_id IN (SELECT unnest(refused_id) FROM receipt);

-- name: receipted_but_missing
INSERT INTO difference
SELECT 'receipted and not stored', submission_id, NULL, format('{} of {} stored', coalesce(sum(declarations), 0), accepted)
FROM (SELECT submission_id, max(accepted) AS accepted FROM receipt GROUP BY ALL)
     LEFT JOIN (SELECT submission_id, sum(declarations) AS declarations FROM found GROUP BY ALL) USING (submission_id)
GROUP BY submission_id, accepted
HAVING coalesce(sum(declarations), 0) <> accepted;

-- name: stored_without_receipt
INSERT INTO difference
SELECT 'stored without a receipt', submission_id, NULL, format('{} declarations', sum(declarations))
FROM found
WHERE submission_id NOT IN (SELECT submission_id FROM receipt)
GROUP BY submission_id;

-- name: totals
SELECT (SELECT count(*) FROM receipt), (SELECT coalesce(sum(accepted), 0)::BIGINT FROM receipt),
       (SELECT count(*) FROM difference);

-- name: differences
SELECT kind, declaration_id, version, detail FROM difference ORDER BY kind, declaration_id, version LIMIT $1;
