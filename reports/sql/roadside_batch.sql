-- Many plates at once: the same tree as the look-up's (reports/standing.py, domain.md 6.1), set by set.

-- name: hits
-- Which fleets name the plates that are asked.
SELECT DISTINCT plate_key, plate, operator_id, fleet_id
FROM (
    SELECT plate_key, plate, operator_id, fleet_id FROM {rows} WHERE plate_key IN (SELECT unnest($keys))
    UNION ALL
    SELECT plate_key, plate, operator_id, fleet_id FROM {recent} WHERE plate_key IN (SELECT unnest($keys))
);

-- name: counts
-- What each plate's declarations for the host were worth at the instant. `{hits}` is what `hits` found.
WITH hit AS MATERIALIZED (SELECT DISTINCT plate_key, operator_id, fleet_id FROM {hits}),
version AS MATERIALIZED (
    SELECT declaration_id, version, operator_id, fleet_id, withdrawn, accepted_at, submitted_at, start_date, end_date
    FROM {rows}
    WHERE posting_country = $host AND operator_id IN (SELECT operator_id FROM hit)
    UNION ALL
    SELECT declaration_id, version, operator_id, fleet_id, withdrawn, accepted_at, submitted_at, start_date, end_date
    FROM {recent}
    WHERE posting_country = $host AND operator_id IN (SELECT operator_id FROM hit)
),
began AS (SELECT unnest($days::DATE[]) AS start_date, unnest($ends::TIMESTAMPTZ[]) AS day_over),
stood AS MATERIALIZED (
    SELECT *,
           CASE WHEN withdrawn THEN 'withdrawn'
                WHEN end_date < $day THEN 'expired'
                WHEN start_date > $day THEN 'future'
                ELSE 'in_force'
           END AS state
    FROM version
    WHERE accepted_at <= $at
    QUALIFY row_number() OVER (PARTITION BY declaration_id ORDER BY version DESC) = 1
),
by_fleet AS (
    SELECT operator_id,
           fleet_id,
           count(*) FILTER (WHERE state = 'in_force') AS covering,
           count(*) FILTER (WHERE state = 'future') AS future,
           count(*) FILTER (WHERE state = 'expired') AS expired,
           count(*) FILTER (WHERE state = 'withdrawn') AS withdrawn,
           count(*) FILTER (WHERE state = 'in_force' AND submitted_at >= day_over) AS begun_before
    FROM stood LEFT JOIN began USING (start_date)
    WHERE fleet_id IS NOT NULL
    GROUP BY ALL
),
named AS (
    SELECT plate_key,
           sum(covering) AS covering,
           sum(future) AS future,
           sum(expired) AS expired,
           sum(withdrawn) AS withdrawn,
           sum(begun_before) AS begun_before
    FROM hit JOIN by_fleet USING (operator_id, fleet_id)
    GROUP BY plate_key
),
in_force AS (SELECT operator_id, count(*) AS declarations FROM stood WHERE state = 'in_force' GROUP BY operator_id),
of_operators AS (
    SELECT plate_key, sum(declarations) AS declarations
    FROM (SELECT DISTINCT plate_key, operator_id FROM hit) JOIN in_force USING (operator_id)
    GROUP BY plate_key
),
renamed AS (
    SELECT DISTINCT version.declaration_id, version.operator_id, version.fleet_id, stood.fleet_id AS present
    FROM version JOIN stood USING (declaration_id)
    WHERE version.accepted_at <= $at AND stood.state = 'in_force' AND version.fleet_id IS DISTINCT FROM stood.fleet_id
),
removed AS (
    SELECT hit.plate_key, count(DISTINCT renamed.declaration_id) AS plate_removed
    FROM hit
         JOIN renamed USING (operator_id, fleet_id)
         LEFT JOIN hit AS still
         ON still.plate_key = hit.plate_key AND still.operator_id = hit.operator_id AND still.fleet_id = renamed.present
    WHERE still.plate_key IS NULL
    GROUP BY hit.plate_key
),
late AS (
    SELECT version.operator_id, version.fleet_id, version.accepted_at, stood.fleet_id AS present
    FROM version LEFT JOIN stood ON stood.declaration_id = version.declaration_id AND stood.state = 'in_force'
    WHERE version.accepted_at > $at AND NOT version.withdrawn
      AND version.start_date <= $day AND version.end_date >= $day
),
afterwards AS (
    SELECT hit.plate_key, min(late.accepted_at) AS declared_after
    FROM hit
         JOIN late USING (operator_id, fleet_id)
         LEFT JOIN hit AS covered
         ON covered.plate_key = hit.plate_key
            AND covered.operator_id = hit.operator_id
            AND covered.fleet_id = late.present
    WHERE covered.plate_key IS NULL
    GROUP BY hit.plate_key
)
SELECT plate_key,
       coalesce(covering, 0)::BIGINT AS covering,
       coalesce(future, 0)::BIGINT AS future,
       coalesce(expired, 0)::BIGINT AS expired,
       coalesce(named.withdrawn, 0)::BIGINT AS withdrawn,
       coalesce(begun_before, 0)::BIGINT AS begun_before,
       coalesce(plate_removed, 0)::BIGINT AS plate_removed,
       (coalesce(declarations, 0) - coalesce(covering, 0))::BIGINT AS other_vehicles,
       declared_after
FROM (SELECT DISTINCT plate_key FROM hit)
     LEFT JOIN named USING (plate_key)
     LEFT JOIN of_operators USING (plate_key)
     LEFT JOIN removed USING (plate_key)
     LEFT JOIN afterwards USING (plate_key);
