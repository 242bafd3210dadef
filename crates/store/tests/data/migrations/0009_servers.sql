-- Nothing of what was there is touched.
INSERT INTO setting (name, value) VALUES ('kept', 'as it was');
