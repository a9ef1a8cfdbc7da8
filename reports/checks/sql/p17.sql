-- title: Plates changed right after a control
-- severity: medium
-- weight: 8
-- legal: Directive (EU) 2020/1057, Article 1(11)(a)(vi) and (12)
-- A change that, within two days of a control, adds the very plate that was stopped; or changes the plates of the
-- driver who was. Corrections are a duty, too: what counts is what was declared when the vehicle was stopped.
WITH step AS (
    SELECT
        declaration_id, version, operator_id, posting_country, accepted_at, start_date, end_date, fleet_id,
        lag(fleet_id) OVER (PARTITION BY declaration_id ORDER BY version) AS fleet_before
    FROM declaration_version SEMI JOIN amended USING (declaration_id)
    WHERE declaration_id IN (SELECT declaration_id FROM control_link)
),
edit AS (
    SELECT step.*, control.control_id, control.seen_at, control.plate_key, found_by
    FROM step
         JOIN control_link USING (declaration_id)
         JOIN control USING (control_id)
    WHERE version > 1
      AND fleet_id IS DISTINCT FROM fleet_before
      AND accepted_at > control.seen_at
      AND accepted_at <= control.seen_at + to_hours(getvariable('limits').edit_hours)
),
judged AS (
    SELECT
        edit.*,
        after.plate_key IS NOT NULL AND before.plate_key IS NULL AS plate_added
    FROM edit
         LEFT JOIN fleet_plate AS after
             ON after.operator_id = edit.operator_id AND after.fleet_id = edit.fleet_id
                AND after.plate_key = edit.plate_key
         LEFT JOIN fleet_plate AS before
             ON before.operator_id = edit.operator_id AND before.fleet_id = edit.fleet_before
                AND before.plate_key = edit.plate_key
)
SELECT
    operator_id,
    posting_country AS host,
    'control' AS subject_kind,
    control_id::VARCHAR AS subject,
    count(DISTINCT (declaration_id, version)) AS occurrences,
    min(seen_at)::DATE AS first_on,
    max(accepted_at)::DATE AS last_on,
    {
        'control_at': any_value(seen_at), 'plate_added': bool_or(plate_added),
        'minutes_after': min(date_diff('minute', seen_at, accepted_at))
    } AS details,
    newest(declared(declaration_id, version, accepted_at, start_date, end_date), accepted_at) AS evidence
FROM (SELECT DISTINCT * EXCLUDE (found_by) FROM judged WHERE plate_added OR found_by IN ('driver', 'declaration'))
GROUP BY operator_id, posting_country, control_id
