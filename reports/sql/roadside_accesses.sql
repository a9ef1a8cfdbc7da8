-- What officers of one host state read about one driver (Regulation (EU) 2016/679, Article 15(1)).

-- name: declared
-- The driver's declarations for the state, and from when on each plate was named in one of them.
SELECT DISTINCT version.declaration_id, version.accepted_at, fleet.plate_keys
FROM declaration_version AS version LEFT JOIN fleet USING (operator_id, fleet_id)
WHERE version.declaration_id = ANY($1::uuid[]) AND version.posting_country = $2;

-- name: candidates
-- Readings that may concern the driver; plates and numbers are compared again outside, in every spelling.
SELECT lookup_log.lookup_id, lookup_log.at, lookup_log.kind, lookup_log.sought, lookup_log.purpose, lookup_log.verdict,
       officer.authority
FROM lookup_log LEFT JOIN officer USING (officer_id)
WHERE lookup_log.host = $1
  AND (lookup_log.kind = 'driver'
       AND (regexp_replace(upper(sought), '[^A-Z0-9]', '', 'g') = $2 OR right(sought, 10) = $3)
       OR lookup_log.kind IN ('declaration', 'copy', 'code')
       AND translate(regexp_replace(upper(sought), '[^A-Z0-9]', '', 'g'), 'OIL', '011') = ANY($4::text[])
       OR lookup_log.kind = 'plate'
       AND (regexp_replace(upper(sought), '[^A-Z0-9]', '', 'g') = ANY($5::text[]) OR sought ~ '[^ -~]'))
ORDER BY lookup_id;
