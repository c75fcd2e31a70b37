-- Carriers of many: archives and JSON lines, each of whose members is a file of its import. One that
-- was read to its end, with nothing in it refused, is known by its state, and not read again.
CREATE TABLE carrier (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    run_id      INTEGER NOT NULL REFERENCES import_run (id), -- the last that read it in this state
    path        TEXT NOT NULL,               -- as in sighting.path of its members
    byte_length INTEGER NOT NULL,
    modified_at TEXT,
    modified_ns INTEGER NOT NULL,            -- since 1970
    members     INTEGER NOT NULL,            -- the files that it counts for
    is_settled  INTEGER NOT NULL CHECK (is_settled IN (0, 1)), -- 1: an equal state proves equal bytes
    UNIQUE (path, byte_length, modified_ns)
) STRICT;
CREATE INDEX carrier_by_run ON carrier (run_id);

-- What was no article to an older program may be a carrier to this one: it is looked at once more.
UPDATE sighting SET is_settled = 0
WHERE is_settled = 1 AND seed_id IN (SELECT id FROM seed WHERE article_id IS NULL);
