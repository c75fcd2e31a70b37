-- What a document says of its language and its date, and how exactly.
ALTER TABLE article ADD COLUMN
    language TEXT /* primary BCP 47 subtag: `zh`, `en`; NULL of a text that is too short to tell */;
ALTER TABLE article ADD COLUMN
    published_precision TEXT /* how exactly published_at is known: `second`, `minute`, `day` */;
ALTER TABLE seed ADD COLUMN
    published_precision TEXT /* how exactly published_at is known: `second`, `minute`, `day` */;
ALTER TABLE seed ADD COLUMN
    published_text TEXT /* what stands where a date belongs, as written, where it is not understood */;
