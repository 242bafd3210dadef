-- What a sync that has not ended may have written commits of: if nothing leads there any more when the next one looks, they are lost.
ALTER TABLE tip ADD COLUMN begun BOOLEAN NOT NULL DEFAULT FALSE;
