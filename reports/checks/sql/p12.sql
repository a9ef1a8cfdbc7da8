-- title: Transport manager unfit, or external for too many
-- severity: high
-- weight: 15
-- legal: Regulation (EC) No 1071/2009, Articles 4(2) and 14
-- needs: manager
-- Operators whose transport manager is declared unfit on the day of the check, or manages as an external one more
-- than four undertakings or more than fifty vehicles (certified copies of their licences).
WITH external AS (
    SELECT
        certificate_country, certificate_key, count(*) AS undertakings, coalesce(sum(certified_copies), 0) AS vehicles
    FROM register_manager LEFT JOIN register_licence USING (country, licence_key)
    WHERE external
    GROUP BY ALL
),
judged AS (
    SELECT
        country, licence_key, name AS manager,
        register_manager.certificate_country || ' ' || register_manager.certificate_key AS certificate,
        coalesce(unfit_from <= getvariable('as_of') AND (unfit_until IS NULL OR unfit_until >= getvariable('as_of')),
                 false) AS unfit,
        external.undertakings, external.vehicles
    FROM register_manager
         LEFT JOIN external
             ON register_manager.external AND external.certificate_country = register_manager.certificate_country
                AND external.certificate_key = register_manager.certificate_key
)
SELECT
    operator_id,
    posting_country AS host,
    'manager' AS subject_kind,
    certificate AS subject,
    count(*) AS occurrences,
    min(start_date) AS first_on,
    max(end_date) AS last_on,
    {
        'manager': any_value(manager), 'unfit': any_value(unfit), 'undertakings': any_value(undertakings),
        'vehicles': any_value(vehicles)
    } AS details,
    newest(declared(declaration_id, version, accepted_at, start_date, end_date), accepted_at) AS evidence
FROM scoped
     JOIN operator USING (operator_id)
     JOIN judged USING (country, licence_key)
WHERE NOT withdrawn
  AND end_date >= getvariable('as_of')
  AND (unfit OR undertakings > getvariable('limits').manager_undertakings
       OR vehicles > getvariable('limits').manager_vehicles)
GROUP BY operator_id, posting_country, certificate
