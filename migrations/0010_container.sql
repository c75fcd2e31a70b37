-- A file that holds many documents is a container, here as everywhere else. The old name stays readable.
ALTER TABLE carrier RENAME TO container;
DROP INDEX carrier_by_run;
CREATE INDEX container_by_run ON container (run_id);
CREATE VIEW carrier AS
SELECT id, run_id, path, byte_length, modified_at, modified_ns, members, is_settled FROM container;
