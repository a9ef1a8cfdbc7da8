-- What is only ever added is not counted again and again: columns that no query narrows by have no statistics, and
-- tables of the pipeline are looked at after hundreds of thousands of new rows instead of after a tenth more.

CREATE FUNCTION spare_statistics(added_to regclass, VARIADIC narrowed_by text[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    columns text;
BEGIN
    SELECT string_agg(format('ALTER COLUMN %I SET STATISTICS 0', attname), ', ')
    INTO columns
    FROM pg_attribute
    WHERE attrelid = added_to AND attnum > 0 AND NOT attisdropped AND attname <> ALL (narrowed_by);
    IF columns IS NOT NULL THEN
        EXECUTE format('ALTER TABLE %s %s', added_to, columns);
    END IF;
    EXECUTE format(
        'ALTER TABLE %s SET (autovacuum_analyze_threshold = 200000, autovacuum_vacuum_insert_threshold = 500000)',
        added_to
    );
END
$$;

-- For each partition of declaration_version, those to come as well (store/partitions.py).
CREATE FUNCTION spare_partition(partition regclass) RETURNS void LANGUAGE sql AS $$
    SELECT spare_statistics(
        partition,
        'declaration_id', 'version', 'operator_id', 'withdrawn', 'accepted_at', 'posting_country', 'start_date',
        'end_date', 'fleet_id', 'driver_id', 'external_reference', 'named_fleet_id'
    );
$$;

SELECT spare_partition(inhrelid::regclass) FROM pg_inherits WHERE inhparent = 'declaration_version'::regclass;
SELECT spare_statistics('fleet', 'operator_id', 'fleet_id');
SELECT spare_statistics('event', 'operator_id', 'transaction', 'event_id', 'kind', 'happened_at');
SELECT spare_statistics('operator_span', 'operator_id', 'first_id', 'last_id', 'batch_id');
