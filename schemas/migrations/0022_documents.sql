-- Driving licences and identity documents with their last day, as a national register gives them.

CREATE TABLE register_document (
    country       text NOT NULL,
    document_type text NOT NULL CHECK (document_type IN ('IDCARD', 'PASSPORT', 'DRIVINGLICENSE')),
    number_key    text NOT NULL,
    birth_date    date,
    expires_on    date NOT NULL,
    PRIMARY KEY (country, document_type, number_key)
);

ALTER TABLE register_load DROP CONSTRAINT register_load_record_check;
ALTER TABLE register_load ADD CONSTRAINT register_load_record_check
    CHECK (record IN ('licence', 'vehicle', 'manager', 'check', 'document'));
