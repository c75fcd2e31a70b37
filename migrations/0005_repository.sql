-- Repositories: the git object behind a sighting, by which bytes are known without reading them, and
-- how far each history was walked.

ALTER TABLE sighting ADD COLUMN
    object_id BLOB /* git's name of what stood there; NULL outside repositories */
        CHECK (length(object_id) = 20 OR length(object_id) = 32);
CREATE INDEX sighting_by_object ON sighting (object_id);

-- A history that was taken in up to its tip: later imports begin behind it.
CREATE TABLE repository_history (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    path     TEXT NOT NULL,                  -- of the repository, as in its sightings
    pattern  TEXT NOT NULL,                  -- of the paths that were taken; '' for all
    tip      BLOB NOT NULL CHECK (length(tip) = 20 OR length(tip) = 32), -- a commit
    boundary BLOB CHECK (length(boundary) = 32), -- stands for where a shallow clone ends; NULL if whole
    members  INTEGER NOT NULL,               -- versions in it that have a seed
    UNIQUE (path, pattern, tip)
) STRICT;
