-- What is being approved is one person's: two who approve at once would do it twice.

ALTER TABLE approval
    DROP CONSTRAINT approval_state_check,
    ADD CONSTRAINT approval_state_check CHECK (state IN ('waiting', 'approving', 'approved', 'refused'));
