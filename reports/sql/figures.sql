-- Facts and figures from the lake. Variables: `since`, `until` (DATE, both days in it, in UTC), `counted_from` (DATE: what
-- came before is in facts that are kept already), `host` (or NULL for all). A declaration counts when it was submitted:
-- later versions and withdrawals change nothing.

-- name: activity
-- Who declared how much, where to, in which week: all further tables are sums of this one.
CREATE OR REPLACE TEMP TABLE activity AS
SELECT
    operator_id,
    operator_country AS origin,
    posting_country AS host,
    CASE WHEN cabotage AND international THEN 'both' WHEN cabotage THEN 'cabotage' ELSE 'international' END AS operation,
    CASE WHEN goods AND passengers THEN 'both' WHEN passengers THEN 'passengers' ELSE 'goods' END AS carriage,
    date_trunc('week', submitted_at::DATE)::DATE AS week,
    count(*)::INTEGER AS declarations
FROM declaration_version
WHERE version = 1
  AND submitted_at >= getvariable('since')::TIMESTAMPTZ
  AND submitted_at < (getvariable('until') + 1)::TIMESTAMPTZ
  AND (getvariable('host') IS NULL OR posting_country = getvariable('host')::VARCHAR)
GROUP BY ALL;

-- name: totals
SELECT
    coalesce(sum(declarations), 0)::BIGINT AS declarations,
    count(DISTINCT operator_id) AS operators
FROM activity;

-- name: ever
-- Everything up to the end of the period that is not in kept facts, and the operators of the declarations that are here.
SELECT
    count(*) FILTER (WHERE submitted_at >= getvariable('counted_from')::TIMESTAMPTZ) AS declarations,
    count(DISTINCT operator_id) AS operators,
    min(submitted_at)::DATE AS first_day
FROM declaration_version
WHERE version = 1
  AND submitted_at < (getvariable('until') + 1)::TIMESTAMPTZ
  AND (getvariable('host') IS NULL OR posting_country = getvariable('host')::VARCHAR);

-- name: drivers
-- For one host state: how many drivers, counted by licence number and birth date; a number and nothing else.
SELECT count(*)
FROM (
    SELECT DISTINCT driver_licence_number, driver_birth_date
    FROM declaration_version
    WHERE version = 1
      AND submitted_at >= getvariable('since')::TIMESTAMPTZ
      AND submitted_at < (getvariable('until') + 1)::TIMESTAMPTZ
      AND posting_country = getvariable('host')::VARCHAR
);

-- name: cells
-- Declarations and operators by each dimension; summed by operator first, so that operators need not be told apart again.
WITH by_operator AS (
    SELECT 'origin' AS dimension, origin AS key, operator_id, sum(declarations) AS declarations
    FROM activity GROUP BY origin, operator_id
    UNION ALL
    SELECT 'host', host, operator_id, sum(declarations) FROM activity GROUP BY host, operator_id
    UNION ALL
    SELECT 'operation', operation, operator_id, sum(declarations) FROM activity GROUP BY operation, operator_id
    UNION ALL
    SELECT 'carriage', carriage, operator_id, sum(declarations) FROM activity GROUP BY carriage, operator_id
    UNION ALL
    SELECT 'week', week::VARCHAR, operator_id, sum(declarations) FROM activity GROUP BY week, operator_id
)
SELECT dimension, key, sum(declarations)::BIGINT AS declarations, count(*) AS operators
FROM by_operator
GROUP BY dimension, key
ORDER BY dimension, key;

-- name: pairs
SELECT origin, host, sum(declarations)::BIGINT AS declarations, count(*) AS operators
FROM (SELECT origin, host, operator_id, sum(declarations) AS declarations FROM activity GROUP BY ALL)
GROUP BY origin, host
ORDER BY origin, host;
