"""Drives the stand-in GitLab with python-gitlab, a client that knows nothing of this project.

The server holds the sample; GITLAB_URL and GITLAB_TOKEN come by environment. Any failed assertion ends the run.
"""

import os

import gitlab
from gitlab.exceptions import GitlabAuthenticationError, GitlabCreateError, GitlabGetError

URL = os.environ["GITLAB_URL"]
TOKEN = os.environ["GITLAB_TOKEN"]


def refused(status, error, call, *args, **kwargs):
    """The call must be refused with this status."""
    try:
        call(*args, **kwargs)
    except error as refusal:
        assert refusal.response_code == status, f"{refusal.response_code} instead of {status}: {refusal}"
    else:
        raise AssertionError(f"not refused: {call}")


def sign_in():
    client = gitlab.Gitlab(URL, private_token=TOKEN)
    client.auth()
    assert client.user.username == "integration"
    version, _revision = client.version()
    assert int(version.split(".")[0]) >= 16, version
    bearer = gitlab.Gitlab(URL, oauth_token=TOKEN)
    bearer.auth()
    assert bearer.user.id == client.user.id
    refused(401, GitlabAuthenticationError, gitlab.Gitlab(URL, private_token="wrong").auth)
    return client


def groups(client):
    group = client.groups.get("platform")
    assert group.full_path == "platform" and group.parent_id is None
    paths = {below.full_path for below in group.descendant_groups.list(get_all=True)}
    assert "platform/shop/storefront" in paths, paths
    assert {below.path for below in group.subgroups.list(get_all=True)} == {"shop", "payments", "ops"}
    projects = group.projects.list(include_subgroups=True, per_page=2, get_all=True)
    paths = {project.path_with_namespace for project in projects}
    assert len(paths) == len(projects) == 7, "pages neither overlap nor leave anything out"
    assert "platform/shop/storefront/web" in paths and "attic/legacy-shop" not in paths
    merged = group.mergerequests.list(state="merged", get_all=True)
    assert len(merged) >= 5 and all(request.merged_at for request in merged)
    refused(404, GitlabGetError, client.groups.get, "no-such-group")


def projects(client):
    listed = list(client.projects.list(iterator=True, membership=True, order_by="id", pagination="keyset", per_page=3))
    ids = [project.id for project in listed]
    assert len(ids) == len(set(ids)) >= 7
    renamed = client.projects.get("platform/payments/gateway")
    assert client.projects.get("platform/payments/payment-gw").id == renamed.id, "the old path still leads there"
    assert renamed.http_url_to_repo == f"{URL}/platform/payments/gateway.git"
    refused(404, GitlabGetError, client.projects.get, "attic/legacy-shop")
    return client.projects.get("platform/shop/checkout")


def branches(project):
    names = [branch.name for branch in project.branches.list(get_all=True)]
    assert "feature/SHOP-142-gift-cards" in names and "feature/SHOP-101-guest-checkout" not in names
    assert [branch.name for branch in project.branches.list(get_all=True) if branch.default] == ["main"]
    gift_cards = project.branches.get("feature/SHOP-142-gift-cards")
    assert gift_cards.commit["title"].startswith("SHOP-142")
    created = project.branches.create({"branch": "try/SHOP-142-python", "ref": "main"})
    assert created.commit["id"] == project.branches.get("main").commit["id"]
    created.delete()
    refused(404, GitlabGetError, project.branches.get, "try/SHOP-142-python")


def commits(project):
    listed = project.commits.list(ref_name="main..feature/SHOP-142-gift-cards", get_all=True)
    assert len(listed) == 3 and all("SHOP-142" in commit.title for commit in listed)
    newest = project.commits.get(listed[0].id)
    assert newest.stats["total"] == newest.stats["additions"] + newest.stats["deletions"] > 0
    changed = [file["new_path"] for file in newest.diff(get_all=True)]
    assert "tests/gift_card.rs" in changed, changed
    refs = newest.refs(type="branch", get_all=True)
    assert {"type": "branch", "name": "feature/SHOP-142-gift-cards"} in refs, refs
    newest.comments.create({"note": "Nice"})
    assert [comment.note for comment in newest.comments.list(get_all=True)] == ["Nice"]
    compared = project.repository_compare("main", "feature/SHOP-142-gift-cards")
    assert len(compared["commits"]) == 3
    since = project.commits.list(ref_name="main", since=listed[0].committed_date, get_all=True)
    assert 0 < len(since) < len(project.commits.list(ref_name="main", get_all=True))
    refused(404, GitlabGetError, project.commits.get, "0" * 40)


def merge_requests(client, project):
    states = {request.iid: request.state for request in project.mergerequests.list(state="all", get_all=True)}
    assert {"opened", "closed", "merged"} <= set(states.values()), states
    project.branches.create({"branch": "try/SHOP-150-merge", "ref": "feature/SHOP-150-delivery-slots"})
    asked = {"source_branch": "try/SHOP-150-merge", "target_branch": "main", "title": "Draft: SHOP-150 by a script"}
    request = project.mergerequests.create(asked)
    assert request.draft and request.state == "opened"
    refused(409, GitlabCreateError, project.mergerequests.create, asked)
    request.title = "SHOP-150 by a script"
    request.save()
    assert not project.mergerequests.get(request.iid).draft
    assert [commit.title for commit in request.commits()] == ["SHOP-150 Offer delivery slots of two hours"]
    note = request.notes.create({"body": "Looks good"})
    assert note.id in [note.id for note in request.notes.list(get_all=True)]
    approve(client, project, request.iid)
    request = project.mergerequests.get(request.iid)
    request.state_event = "close"
    request.save()
    request.state_event = "reopen"
    request.save()
    assert request.state == "opened"
    merged = request.merge(should_remove_source_branch=True)
    assert merged["state"] == "merged" and merged["merge_commit_sha"]
    merge_commit = project.commits.get(merged["merge_commit_sha"])
    assert merge_commit.parent_ids[1] == request.sha
    refused(404, GitlabGetError, project.branches.get, "try/SHOP-150-merge")


def approve(client, project, iid):
    """GitLab without a licence answers approvals without the merge request's numbers, hence a fresh object each time."""
    project.mergerequests.get(iid).approve()
    approvals = project.mergerequests.get(iid).approvals.get()
    assert [by["user"]["username"] for by in approvals.approved_by] == [client.user.username]
    project.mergerequests.get(iid).unapprove()
    assert project.mergerequests.get(iid).approvals.get().approved_by == []


def hooks(project):
    hook = project.hooks.create({"url": "http://127.0.0.1:1/hook", "merge_requests_events": True, "token": "secret"})
    assert hook.push_events and hook.merge_requests_events and not hook.note_events
    assert "token" not in hook.attributes, "a secret is never told again"
    hook.note_events = True
    hook.save()
    assert project.hooks.get(hook.id).note_events
    refused(422, GitlabCreateError, project.hooks.create, {"url": "not a url"})
    hook.delete()
    assert project.hooks.list(get_all=True) == []


def everything():
    client = sign_in()
    groups(client)
    project = projects(client)
    branches(project)
    commits(project)
    merge_requests(client, project)
    hooks(project)
    fork = project.forks.create({"namespace_path": "integration"})
    assert client.projects.get(fork.id).forked_from_project["id"] == project.id


if __name__ == "__main__":
    everything()
    print("python-gitlab", gitlab.__version__, "is content")
