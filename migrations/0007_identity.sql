-- What an older program did not take may be taken by this one: it is read once more.
UPDATE sighting SET is_settled = 0
WHERE is_settled = 1 AND seed_id IN (SELECT id FROM seed WHERE article_id IS NULL);
