-- What was written on a day, for the chart of an account: the commits of some days are found among millions.

CREATE INDEX git_commit_by_time ON git_commit (authored_at, id);
