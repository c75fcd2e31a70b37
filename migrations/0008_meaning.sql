-- What the number or letter in front of an item of an ordered list is: `3.`, `a)`. NULL for all others.
ALTER TABLE paragraph ADD COLUMN marker TEXT;
