"""Asks the stand-in Jira and jira820 (a stand-in for a Jira Data Center 8.20 that others wrote) the same questions.

Statuses must be equal, and so must the shapes of the bodies: the same fields with values of the same kinds. What one of them
has and the other has not is listed below, each with its reason; anything else ends the run. JIRA_URL, JIRA_TOKEN and JIRA_ISSUE
(an open issue in a workflow like jira820's) come by environment.
"""

import fnmatch
import json
import os
import threading
import time
import urllib.error
import urllib.request

import uvicorn
from jira820.config import Config
from jira820.server import make_app

# Fields that only we have, each with the reason.
OURS = {
    "serverInfo.scmInfo": "which commit it was built from",
    "myself.groups": "a user who is asked for alone has groups",
    "myself.applicationRoles": "and roles",
    "myself.expand": "which can be expanded",
    "issue.fields.project.archived": "a Data Center has it since 8.0",
    "issue.fields.project.avatarUrls": "jira820 has it in the list of projects alone",
    "issue.fields.project.expand": "the same",
    "new worklog.issueId": "a Data Center names the issue of a worklog",
    "worklogs*.worklogs[[]].issueId": "the same",
    "*.fields.*.fieldId": "a Data Center names the field of a screen",
    "*.fields.resolution.allowedValues[[]].self": "and the addresses of what it allows",
    "links[[]].application": "jira820 leaves out what was not sent; a Jira tells it empty",
    "links[[]].object.icon": "the same",
    "links[[]].object.status": "the same",
}
# Fields that only jira820 has.
THEIRS = {
    "*.fields.assignee.autoCompleteUrl": "decoration",
    "*.fields.worklog.allowedValues": "the same",
    "transitions with fields.transitions[[]].fields.comment": "a Jira lists a comment where a screen requires it",
    "serverInfo.databaseBuildNumber": "8.x alone had it",
    "issue.fields.issuetype.avatarId": "decoration",
    "new comment.renderedBody": "a Jira tells it where it is expanded",
    "*comments*.comments[[]].renderedBody": "the same",
}


class Jira:
    """One of the two."""

    def __init__(self, url, token, issue):
        self.url, self.token, self.issue = url, token, issue

    def ask(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/rest/api/2{path}", data=data, method=method)
        request.add_header("Content-Type", "application/json")
        request.add_header("Authorization", f"Bearer {self.token}")
        try:
            with urllib.request.urlopen(request) as answer:
                status, text = answer.status, answer.read()
        except urllib.error.HTTPError as refusal:
            status, text = refusal.code, refusal.read()
        return status, json.loads(text) if text else None


def transition(jira, name):
    """The number of the transition with this name."""
    _, told = jira.ask("GET", f"/issue/{jira.issue}/transitions")
    return next(it["id"] for it in told["transitions"] if it["name"] == name)


def script(jira):
    """The questions, in order; every answer with a name."""
    issue, missing = f"/issue/{jira.issue}", "/issue/NONE-99999"
    started = "2026-01-02T03:04:05.000+0000"
    yield "serverInfo", jira.ask("GET", "/serverInfo")
    yield "configuration", jira.ask("GET", "/configuration")
    yield "myself", jira.ask("GET", "/myself")
    yield "issue", jira.ask("GET", f"{issue}?fields=summary,status,project,issuetype,created")
    yield "missing issue", jira.ask("GET", missing)
    yield "new comment", jira.ask("POST", f"{issue}/comment", {"body": "first\nsecond line"})
    jira.ask("POST", f"{issue}/comment", {"body": "another"})
    yield "comments", jira.ask("GET", f"{issue}/comment")
    yield "one page of comments", jira.ask("GET", f"{issue}/comment?startAt=1&maxResults=1")
    yield "comment of nothing", jira.ask("POST", f"{missing}/comment", {"body": "x"})
    work = {"timeSpentSeconds": 5400, "started": started, "comment": "typing"}
    yield "new worklog", jira.ask("POST", f"{issue}/worklog", work)
    yield "worklogs", jira.ask("GET", f"{issue}/worklog")
    yield "worklog of nothing", jira.ask("POST", f"{missing}/worklog", work)
    yield "transitions", jira.ask("GET", f"{issue}/transitions")
    yield "transitions with fields", jira.ask("GET", f"{issue}/transitions?expand=transitions.fields")
    yield "unknown transition", jira.ask("POST", f"{issue}/transitions", {"transition": {"id": "999"}})
    begin = {"transition": {"id": transition(jira, "To In Progress")}}
    yield "begin", jira.ask("POST", f"{issue}/transitions", begin)
    yield "begin again", jira.ask("POST", f"{issue}/transitions", begin)
    done = {
        "transition": {"id": transition(jira, "To Done")},
        "fields": {"resolution": {"name": "Done"}, "assignee": {"name": "admin"}},
        "update": {"comment": [{"add": {"body": "ready"}}], "worklog": [{"add": {"timeSpent": "1h 30m", "started": started}}]},
    }
    yield "finish", jira.ask("POST", f"{issue}/transitions", done)
    yield "history", of_status(jira.ask("GET", f"{issue}?expand=changelog&fields=status,resolution"))
    yield "worklogs afterwards", jira.ask("GET", f"{issue}/worklog")
    yield "comments afterwards", jira.ask("GET", f"{issue}/comment")
    link = {"globalId": "mr=1", "relationship": "merge request", "object": {"url": "https://example.com/1", "title": "!1"}}
    yield "links", (jira.ask("POST", f"{issue}/remotelink", link)[0], jira.ask("GET", f"{issue}/remotelink")[1])


def of_status(answer):
    """The answer without the changes of other fields, which jira820 does not note."""
    for change in answer[1]["changelog"]["histories"]:
        change["items"] = [item for item in change["items"] if item["field"] == "status"]
    return answer


def content(name, answer):
    """What must be the same to the letter."""
    _, body = answer
    if name.startswith("worklogs"):
        return [(it["timeSpent"], it["timeSpentSeconds"]) for it in body["worklogs"][-2:]]
    if name.startswith("comments"):
        # jira820 dates comments to the second and sorts them by that alone.
        return sorted(it["body"] for it in body["comments"])
    if name.startswith("transitions"):
        return sorted((it["name"], it["to"]["name"], it["to"]["statusCategory"]["key"], it["hasScreen"]) for it in body["transitions"])
    if name == "history":
        changes = [it for change in body["changelog"]["histories"][-2:] for it in change["items"] if it["field"] == "status"]
        return [(it["fromString"], it["toString"]) for it in changes], body["fields"]["status"]["name"]
    return None


def kind(value):
    """Numbers are numbers, whatever their form."""
    if isinstance(value, bool):
        return "bool"
    return "number" if isinstance(value, (int, float)) else type(value).__name__


def is_listed(fields, where):
    """Whether a field is one of those that are known to be missing."""
    return any(fnmatch.fnmatchcase(where, pattern) for pattern in fields)


def compare(where, ours, theirs):
    """What differs."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for field in sorted(ours.keys() | theirs.keys()):
            if field not in theirs:
                if not is_listed(OURS, f"{where}.{field}"):
                    yield f"{where}.{field}: jira820 does not have it"
            elif field not in ours:
                if not is_listed(THEIRS, f"{where}.{field}"):
                    yield f"{where}.{field}: only jira820 has it"
            else:
                yield from compare(f"{where}.{field}", ours[field], theirs[field])
    elif isinstance(ours, list) and isinstance(theirs, list):
        if len(ours) != len(theirs):
            yield f"{where}: we have {len(ours)}, jira820 has {len(theirs)}"
        for mine, other in zip(ours, theirs):
            yield from compare(f"{where}[]", mine, other)
    elif kind(ours) != kind(theirs):
        yield f"{where}: we have {ours!r}, jira820 has {theirs!r}"


def start_jira820():
    """Serves it on a free port of this machine."""
    config = Config(server_version="8.20.8", seed="7")
    server = uvicorn.Server(uvicorn.Config(make_app(config=config), host="127.0.0.1", port=0, log_level="error"))
    threading.Thread(target=server.run, daemon=True).start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    jira = Jira(f"http://127.0.0.1:{port}", "any", None)
    fields = {"project": {"key": config.project_key}, "issuetype": {"name": "Bug"}, "summary": "An issue"}
    _, made = jira.ask("POST", "/issue", {"fields": fields})
    jira.issue = made["key"]
    return jira


def everything():
    ours = Jira(os.environ["JIRA_URL"], os.environ["JIRA_TOKEN"], os.environ["JIRA_ISSUE"])
    differences, names = [], []
    for (name, mine), (_, other) in zip(script(ours), script(start_jira820())):
        names.append(name)
        if mine[0] != other[0]:
            differences.append(f"{name}: we answer {mine[0]}, jira820 {other[0]}")
            continue
        differences.extend(compare(name, mine[1], other[1]))
        if content(name, mine) != content(name, other):
            differences.append(f"{name}: we say {content(name, mine)}, jira820 {content(name, other)}")
    assert not differences, "\n".join(differences)
    return names


if __name__ == "__main__":
    print("jira820 agrees in", ", ".join(everything()))
