-- title: Driving licence or document expires during the posting
-- severity: low
-- weight: 3
-- legal: Directive (EU) 2020/1057, Article 1(11)(a)(iii)
-- needs: document
-- The register of documents has the driver's licence or identity document as expired before the posting ends.
WITH shown AS (
    SELECT *, driver_document_type AS document_type, number_key(driver_document_number) AS number_key
    FROM scoped
    WHERE NOT withdrawn AND driver_document_number IS NOT NULL
    UNION ALL
    SELECT *, 'DRIVINGLICENSE', number_key(driver_licence_number)
    FROM scoped
    WHERE NOT withdrawn AND driver_licence_number IS NOT NULL AND driver_document_type <> 'DRIVINGLICENSE'
)
SELECT
    operator_id,
    posting_country AS host,
    'driver' AS subject_kind,
    driver_key(driver_licence_number, driver_birth_date) AS subject,
    count(DISTINCT declaration_id) AS occurrences,
    min(expires_on) AS first_on,
    max(end_date) AS last_on,
    {'document': any_value(document_type), 'expires_on': min(expires_on)} AS details,
    newest(declared(declaration_id, version, accepted_at, start_date, end_date), accepted_at) AS evidence
FROM shown
     JOIN register_document USING (document_type, number_key)
WHERE expires_on < end_date
  AND (birth_date IS NULL OR birth_date = driver_birth_date)
  AND (document_type = 'DRIVINGLICENSE' OR register_document.country = driver_document_country)
GROUP BY operator_id, posting_country, driver_key(driver_licence_number, driver_birth_date)
