-- The look-up: plate -> fleets -> the declarations of one operator for one host. `{rows}` is what stands in large
-- files, `{recent}` the table of small ones in memory (reports/files.py).

-- name: fleets
SELECT DISTINCT operator_id, fleet_id, plate, weight
FROM (
    SELECT operator_id, fleet_id, plate, weight FROM {rows} WHERE plate_key = $plate_key
    UNION ALL
    SELECT operator_id, fleet_id, plate, weight FROM {recent} WHERE plate_key = $plate_key
);

-- name: recent_files
-- In which small files an operator's declarations for a host stand.
SELECT DISTINCT file_no FROM {recent} WHERE operator_id = $operator AND posting_country = $host;

-- name: driven
-- The declarations of one driver, found by the licence's number or by all parts of the name in any order.
SELECT DISTINCT declaration_id
FROM {rows}
WHERE operator_id = $operator
  AND posting_country = $host
  AND (
      regexp_replace(upper(strip_accents(driver_licence_number)), '[^A-Z0-9]', '', 'g') = $licence
      OR list_sort(string_split_regex(upper(strip_accents(driver_first_name || ' ' || driver_last_name)), '[^A-Z0-9]+'))
         = $names
  );

-- name: standing
-- How an operator's declarations for a host stood at an instant. One row: counts by standing, and one page.
WITH version AS (
    SELECT declaration_id, version, fleet_id, withdrawn, accepted_at, submitted_at, start_date, end_date,
           NULL::INTEGER AS file_no
    FROM {rows}
    WHERE operator_id = $operator AND posting_country = $host
    UNION ALL
    SELECT declaration_id, version, fleet_id, withdrawn, accepted_at, submitted_at, start_date, end_date, file_no
    FROM {recent}
    WHERE operator_id = $operator AND posting_country = $host
), marked AS (
    SELECT *, accepted_at <= $at AS known, fleet_id IS NOT NULL AND list_contains($fleets, fleet_id) AS listed
    FROM version
), declaration AS (
    SELECT declaration_id,
           max(version) AS newest_version,
           arg_max(
               {{
                   'version': version, 'listed': listed, 'withdrawn': withdrawn, 'submitted_at': submitted_at,
                   'start_date': start_date, 'end_date': end_date, 'file_no': file_no
               }},
               version
           ) FILTER (WHERE known) AS stood,
           coalesce(bool_or(listed) FILTER (WHERE known), false) AS once_listed,
           min(accepted_at) FILTER (
               WHERE NOT known AND listed AND NOT withdrawn AND $day BETWEEN start_date AND end_date
           ) AS declared_after
    FROM marked
    GROUP BY declaration_id
), judged AS (
    SELECT declaration_id, newest_version, stood.*, once_listed, declared_after,
           $driven IS NULL OR list_contains($driven, declaration_id) AS driven,
           CASE
               WHEN stood.withdrawn THEN 'WITHDRAWN'
               WHEN stood.end_date < $day THEN 'EXPIRED'
               WHEN stood.start_date > $day THEN 'FUTURE'
               WHEN stood.start_date <= $day THEN 'IN_FORCE'
           END AS standing
    FROM declaration
), ranked AS (
    SELECT declaration_id, version, newest_version, standing, driven, file_no,
           CASE standing WHEN 'IN_FORCE' THEN if(driven, 0, 1) WHEN 'FUTURE' THEN 2 WHEN 'EXPIRED' THEN 3 ELSE 4 END
               AS rank
    FROM judged
    WHERE listed
), page AS (
    SELECT *
    FROM ranked
    WHERE $after_rank IS NULL OR rank > $after_rank OR (rank = $after_rank AND declaration_id < $after_id)
    ORDER BY rank, declaration_id DESC
    LIMIT $most
)
SELECT count(*) FILTER (WHERE listed AND standing = 'IN_FORCE' AND driven) AS covering,
       count(*) FILTER (WHERE listed AND standing = 'IN_FORCE' AND NOT driven) AS other_driver,
       count(*) FILTER (WHERE listed AND standing = 'FUTURE') AS future,
       count(*) FILTER (WHERE listed AND standing = 'EXPIRED') AS expired,
       count(*) FILTER (WHERE listed AND standing = 'WITHDRAWN') AS withdrawn,
       count(*) FILTER (
           WHERE listed AND standing = 'IN_FORCE' AND driven
                 AND (submitted_at AT TIME ZONE $zone)::DATE > start_date
       ) AS begun_before,
       count(*) FILTER (WHERE NOT listed AND standing = 'IN_FORCE' AND once_listed AND driven) AS plate_removed,
       count(*) FILTER (WHERE NOT listed AND standing = 'IN_FORCE' AND driven AND $driven IS NOT NULL)
           AS driver_elsewhere,
       count(*) FILTER (WHERE NOT listed AND standing = 'IN_FORCE') AS other_vehicles,
       min(declared_after) AS declared_after,
       (SELECT list(page ORDER BY rank, declaration_id DESC) FROM page) AS page
FROM judged;

-- name: declarations
-- The whole rows of one page.
SELECT {columns}
FROM {rows}
WHERE operator_id = $operator AND posting_country = $host AND declaration_id IN (SELECT unnest($ids));
