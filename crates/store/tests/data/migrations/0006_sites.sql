-- Another account of the time before there were sites: whom it serves is not said anywhere.
INSERT INTO setting (name, value) VALUES ('before.sites', 'none');
