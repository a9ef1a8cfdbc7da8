-- title: Community licence unknown, suspended or withdrawn
-- severity: high
-- weight: 20
-- legal: Directive (EU) 2020/1057, Article 1(11)(a)(i); Regulation (EC) No 1071/2009, Article 16
-- needs: licence
-- Operators whose licence number is not in the register of their country, or not valid on the day of the check, and
-- whose postings are not over. Operators of a country whose register is not here are not judged.
WITH judged AS (
    SELECT
        operator_id,
        CASE
            WHEN operator.licence_key IS NULL THEN 'NOT_GIVEN'
            WHEN register_licence.licence_key IS NULL THEN 'UNKNOWN'
            WHEN status = 'VALID' AND valid_until < getvariable('as_of') THEN 'EXPIRED'
            ELSE status
        END AS licence_status
    FROM operator
         SEMI JOIN (SELECT country FROM register_load WHERE record = 'licence') USING (country)
         LEFT JOIN register_licence USING (country, licence_key)
)
SELECT
    operator_id,
    posting_country AS host,
    'operator' AS subject_kind,
    operator_id::VARCHAR AS subject,
    count(*) AS occurrences,
    min(start_date) AS first_on,
    max(end_date) AS last_on,
    {'licence_status': any_value(licence_status)} AS details,
    newest(declared(declaration_id, version, accepted_at, start_date, end_date), accepted_at) AS evidence
FROM scoped JOIN judged USING (operator_id)
WHERE NOT withdrawn AND end_date >= getvariable('as_of') AND licence_status <> 'VALID'
GROUP BY operator_id, posting_country
