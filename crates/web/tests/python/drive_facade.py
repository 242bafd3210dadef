"""Drives the GitHub-compatible facade with PyGithub, a client that knows nothing of this project.

Behind the facade is the sample, imported. By environment come: where Dovetail answers (DOVETAIL_URL), a token of the facade
(DOVETAIL_TOKEN), an address that hooks may call (HOOK_URL), and, where the facade answers nobody but Jira, the name by which
Jira's connector calls itself (JIRA_AGENT). Any failed assertion ends the run.
"""

import os
from datetime import datetime, timezone

import github
from github import Auth, Github, GithubException, UnknownObjectException

URL = os.environ["DOVETAIL_URL"]
TOKEN = os.environ["DOVETAIL_TOKEN"]
HOOK_URL = os.environ["HOOK_URL"]
JIRA_AGENT = os.environ.get("JIRA_AGENT")

CHECKOUT = "platform/platform@shop@checkout"
BELOW_GROUPS = {
    "platform@ops@deploy",
    "platform@ops@oddities",
    "platform@payments@gateway",
    "platform@payments@ledger",
    "platform@shop@checkout",
    "platform@shop@storefront@web",
}
REPOSITORIES = {"handbook", "many"} | BELOW_GROUPS


def connect(prefix="", token=TOKEN, agent=JIRA_AGENT, **options):
    """A client that neither waits between requests nor tries again."""
    known = {"user_agent": agent} if agent else {}
    options = {"retry": None, "seconds_between_requests": None, "seconds_between_writes": None, **known, **options}
    return Github(base_url=f"{URL}{prefix}/api/v3", auth=Auth.Token(token), **options)


def refused(status, call, *args, **kwargs):
    """The call must be refused with this status, and a message."""
    try:
        call(*args, **kwargs)
    except GithubException as refusal:
        assert refusal.status == status, f"{refusal.status} instead of {status}: {refusal}"
        assert refusal.message or refusal.data, "no reason is given"
        return refusal
    raise AssertionError(f"not refused: {call}")


def look_at(thing):
    """Reads every field that was answered: PyGithub fails where one has another type than GitHub's."""
    for field in thing._rawData:  # `raw_data` would ask for the rest of it first
        if isinstance(getattr(type(thing), field, None), property):
            getattr(thing, field)
    return thing


def look_at_all(things):
    return [look_at(thing) for thing in things]


def who_asks(client):
    me = look_at(client.get_user())
    assert (me.login, me.type) == ("integration", "User")
    assert list(me.get_repos()) == []
    assert me.get_repos().totalCount == 0
    refused(401, connect(token="dvf_wrong").get_user().complete)


def people(client):
    group = look_at(client.get_user("platform"))
    assert (group.login, group.type) == ("platform", "Organization")
    assert group.public_repos == len(REPOSITORIES)
    ada = look_at(client.get_user("ada"))
    assert (ada.login, ada.name, ada.type) == ("ada", "Ada Kowalska", "User")
    assert ada.created_at.tzinfo is not None
    refused(404, client.get_user, "nobody-of-this-name")


def lists(client):
    of_group = look_at_all(client.get_user("platform").get_repos())
    assert {repository.name for repository in of_group} == REPOSITORIES
    assert len(of_group) == len(REPOSITORIES), "nothing is told twice"
    organisation = connect(lazy=True).get_organization("platform")
    of_organisation = look_at_all(organisation.get_repos())
    assert [repository.id for repository in of_organisation] == [repository.id for repository in of_group]
    of_subgroup = look_at_all(connect(lazy=True).get_organization("platform@shop").get_repos())
    assert {repository.name for repository in of_subgroup} == {"platform@shop@checkout", "platform@shop@storefront@web"}
    assert {repository.owner.login for repository in of_subgroup} == {"platform@shop"}
    refused(404, list, connect(lazy=True).get_organization("nothing").get_repos())
    for repository in of_group:
        assert repository.full_name == f"platform/{repository.name}"
        assert client.get_repo(repository.full_name).id == repository.id
        assert look_at(repository.owner).type == "Organization"


def repository_of(client):
    repository = look_at(client.get_repo(CHECKOUT))
    assert repository.private and not repository.fork and repository.default_branch == "main"
    assert repository.html_url.endswith("/platform/shop/checkout")
    assert client.get_repo(CHECKOUT.upper()).id == repository.id, "names are compared ignoring case"
    refused(404, client.get_repo, "platform/nothing")
    refused(404, client.get_repo, "attic/legacy-shop")
    return repository


def branches(repository):
    heads = {branch.name: branch.commit.sha for branch in look_at_all(repository.get_branches())}
    assert {"main", "feature/SHOP-142-gift-cards"} <= set(heads) and "feature/SHOP-101-guest-checkout" not in heads
    assert repository.get_branches().totalCount == len(heads)
    return heads


def commits(repository, heads):
    head = heads["feature/SHOP-142-gift-cards"]
    commit = look_at(repository.get_commit(head))
    assert commit.sha == head and commit.commit.message.startswith("SHOP-142 #comment")
    author = look_at(commit.commit.author)
    assert (author.name, author.email) == ("Ben Okafor", "ben.okafor@example.com")
    assert author.date.tzinfo == timezone.utc
    assert commit.author is None, "whose e-mail is whose is not known"
    changed = {file.filename: file.status for file in look_at_all(commit.files)}
    assert changed == {"src/gift_card.rs": "modified", "tests/gift_card.rs": "added"}
    assert commit.stats.total == commit.stats.additions + commit.stats.deletions > 0
    assert sum(file.additions for file in commit.files) == commit.stats.additions
    assert commit.html_url.endswith(f"/platform/shop/checkout/-/commit/{head}")
    look_at(commit.commit)
    (parent,) = commit.parents
    before = repository.get_commit(parent.sha)
    assert before.commit.message.startswith("SHOP-142 PAY-23")
    assert repository.get_commit("main").sha == heads["main"]
    assert repository.get_commit(head[:10]).sha == head
    refused(404, repository.get_commit, "0" * 40)


def every_commit(client):
    """From the heads down to the roots of every repository, as much as there is."""
    for name in REPOSITORIES - {"many"}:
        repository = client.get_repo(f"platform/{name}")
        ahead, seen = [branch.commit.sha for branch in repository.get_branches()], set()
        while ahead:
            sha = ahead.pop()
            if sha not in seen:
                seen.add(sha)
                commit = look_at(repository.get_commit(sha))
                assert commit.sha == sha and commit.commit.author.date and commit.commit.committer.date
                look_at_all(commit.files)
                ahead += [parent.sha for parent in commit.parents]
        assert seen, name


def pulls(repository):
    everything = look_at_all(repository.get_pulls(state="all", sort="created", direction="asc"))
    numbers = [pull.number for pull in everything]
    assert len(set(numbers)) == len(numbers) >= 7
    assert [pull.created_at for pull in everything] == sorted(pull.created_at for pull in everything)
    assert {pull.state for pull in everything} == {"open", "closed"}
    opened = [pull.number for pull in repository.get_pulls()]
    closed = [pull.number for pull in repository.get_pulls(state="closed")]
    assert sorted(opened + closed) == sorted(numbers)
    changed = [pull.updated_at for pull in repository.get_pulls(state="all", sort="updated", direction="desc")]
    assert changed == sorted(changed, reverse=True)
    for pull in everything:
        a_pull(repository, pull)
    by_title = {pull.title: pull for pull in everything}
    gift_cards = repository.get_pull(by_title["SHOP-142: Pay with gift cards"].number)
    assert [reviewer.login for reviewer in gift_cards.requested_reviewers] == ["ben", "chen"]
    assert [assignee.login for assignee in gift_cards.assignees] == ["ben", "chen"]
    assert gift_cards.assignee.login == "ben"
    assert [comment.user.login for comment in gift_cards.get_issue_comments()] == ["chen"]
    merged = repository.get_pull(by_title["SHOP-118: Keep the cart when the session is lost"].number)
    assert merged.merged and merged.merged_at and merged.closed_at
    assert repository.get_pull(by_title["Draft: SHOP-150 Delivery slots"].number).draft
    fork = repository.get_pull(by_title["SHOP-155: Round totals like the invoice"].number)
    assert fork.head.repo is None and fork.base.repo.full_name == CHECKOUT, "the fork is not open to this token"
    refused(404, repository.get_pull, 999_999)
    return everything


def a_pull(repository, listed):
    pull = look_at(repository.get_pull(listed.number))
    assert (pull.id, pull.title, pull.state, pull.html_url) == (listed.id, listed.title, listed.state, listed.html_url)
    assert pull.merged == (pull.merged_at is not None)
    look_at(pull.user)
    look_at(pull.head)
    assert look_at(pull.base).ref == "main"
    told = look_at_all(pull.get_commits())
    assert len(told) == pull.commits > 0
    assert pull.get_commits().totalCount == pull.commits
    comments = look_at_all(pull.get_issue_comments())
    assert len(comments) == pull.comments
    for comment in comments:
        assert comment.body and look_at(comment.user).login
        assert comment.created_at <= datetime.now(timezone.utc).replace(year=2100)
    assert list(pull.get_review_comments()) == []


def events(repository, everything):
    told = look_at_all(repository.get_events())
    assert {event.type for event in told} == {"PullRequestEvent"}
    assert {event.payload["pull_request"]["number"] for event in told} == {pull.number for pull in everything}
    assert [event.created_at for event in told] == sorted((event.created_at for event in told), reverse=True)
    assert len({event.id for event in told}) == len(told)
    for event in told:
        look_at(event.actor)
        assert event.public is False and event.repo.name == CHECKOUT


def pages(client):
    """Page by page, whatever their length, nothing is left out and nothing told twice."""
    many = client.get_repo("platform/many")
    expected = sorted(branch.name for branch in connect(per_page=100).get_repo("platform/many").get_branches())
    assert len(expected) == len(set(expected)) == many.get_branches().totalCount > 100
    for length in [7, 50]:
        shorter = connect(per_page=length).get_repo("platform/many")
        names = [branch.name for branch in shorter.get_branches()]
        assert sorted(names) == expected, length
        assert [branch.name for branch in reversed(shorter.get_branches())] == list(reversed(names))
        assert [branch.name for branch in shorter.get_branches().get_page(1)] == names[length : 2 * length]
        numbers = [pull.number for pull in shorter.get_pulls(state="all")]
        assert len(set(numbers)) == len(numbers) == many.get_pulls(state="all").totalCount == 32
        assert shorter.get_events().totalCount == len(list(shorter.get_events())) == 32
    nothing = client.get_repo("platform/handbook").get_pulls(state="all")
    assert list(nothing) == [] and nothing.totalCount == 0
    listed = [repository.name for repository in connect(per_page=3).get_user("platform").get_repos()]
    assert len(listed) == len(REPOSITORIES) and set(listed) == REPOSITORIES


def hooks(repository):
    assert list(repository.get_hooks()) == []
    asked = {"url": f"{HOOK_URL}/rest/bitbucket/1.0/repository/7/sync", "content_type": "json"}
    hook = look_at(repository.create_hook("web", asked, events=["push", "pull_request"], active=True))
    assert (hook.name, hook.active, hook.events) == ("web", True, ["push", "pull_request"])
    assert (hook.config["url"], hook.config["content_type"]) == (asked["url"], "json")
    assert [listed.id for listed in look_at_all(repository.get_hooks())] == [hook.id]
    assert look_at(repository.get_hook(hook.id)).config == hook.config
    refused(422, repository.create_hook, "web", asked)
    refused(422, repository.create_hook, "web", {"url": "https://elsewhere.example.com/"})
    hook.delete()
    refused(404, repository.get_hook, hook.id)
    assert list(repository.get_hooks()) == []


def rate_limit(client):
    limits = client.get_rate_limit()
    for rate in [limits.rate, limits.resources.core, limits.resources.search]:
        assert rate.remaining == rate.limit > 0 and rate.used == 0
        assert rate.reset.tzinfo is not None


def everything_as_one(everything):
    """What a Jira whose Host URL ends in `/-/jira` takes for a repository."""
    all_of_it = connect(lazy=True).get_repo("-/jira")
    numbers = {pull.number for pull in look_at_all(all_of_it.get_pulls(state="all"))}
    assert numbers > {pull.number for pull in everything}
    assert {event.payload["pull_request"]["number"] for event in all_of_it.get_events()} == numbers
    for listed in everything:
        pull = connect().get_repo(CHECKOUT).get_pull(listed.number)
        requester = pull.requester
        for below in [f"pulls/{pull.number}", f"pulls/{pull.number}/commits", f"pulls/{pull.number}/comments"]:
            there = requester.requestJsonAndCheck("GET", f"/repos/-/jira/{below}")[1]
            assert there == requester.requestJsonAndCheck("GET", f"/repos/{CHECKOUT}/{below}")[1], below
        comments = f"issues/{pull.number}/comments"
        there = requester.requestJsonAndCheck("GET", f"/repos/-/jira/{comments}")[1]
        assert there == requester.requestJsonAndCheck("GET", f"/repos/{CHECKOUT}/{comments}")[1]


def gitlabs_old_path():
    repository = connect(prefix="/-/jira").get_repo(CHECKOUT)
    assert look_at(repository.get_commit("main")).sha
    assert {branch.name for branch in repository.get_branches()} >= {"main"}


def what_is_not_there(client):
    gone = refused(410, client.get_emojis)
    assert "API V3 is no longer supported" in str(gone.data)
    refused(410, list, client.get_repo(CHECKOUT).get_issues())


def strangers():
    """Where only Jira is answered, PyGithub's own name opens next to nothing."""
    stranger = connect(agent=None)
    assert stranger.get_user().login == "integration"
    refused(404, stranger.get_repo, CHECKOUT)
    refused(404, stranger.get_user, "platform")
    refused(404, stranger.get_rate_limit)
    repository = connect(agent=None, lazy=True).get_repo(CHECKOUT)
    for part in [repository.get_branches, repository.get_pulls, repository.get_events]:
        refused(404, list, part())
    assert list(repository.get_hooks()) == [], "hooks are managed by a client of Jira's that has another name"


def walk():
    if JIRA_AGENT:
        strangers()
    client = connect()
    who_asks(client)
    people(client)
    lists(client)
    repository = repository_of(client)
    commits(repository, branches(repository))
    everything = pulls(repository)
    events(repository, everything)
    every_commit(client)
    pages(client)
    hooks(repository)
    rate_limit(client)
    everything_as_one(everything)
    gitlabs_old_path()
    what_is_not_there(client)


if __name__ == "__main__":
    walk()
    print("PyGithub", github.__version__ if hasattr(github, "__version__") else "", "is content")
