"""Serves jira820, a stand-in for a Jira Data Center 8.20 that others wrote, until it is told to stop.

Writes its address and the keys of two open issues into the file READY, and ends when the file STOP is there. What smart commits
also need and jira820 has not, a search for users by permission, is added: everybody may do everything.
"""

import json
import os
import threading
import time
import urllib.request

import uvicorn
from jira820.config import Config
from jira820.server import make_app


def main():
    config = Config(server_version="8.20.8", seed="7")
    app = make_app(config=config)

    @app.get("/rest/api/2/user/permission/search")
    def holders(username: str = ""):
        users = app.state.store.users
        return [app.state.store.serializer.user_obj(name) for name in users if name == username]

    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"

    def make():
        fields = {"project": {"key": config.project_key}, "issuetype": {"name": "Bug"}, "summary": "An issue"}
        request = urllib.request.Request(f"{url}/rest/api/2/issue", data=json.dumps({"fields": fields}).encode())
        request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)["key"]

    told = {"url": url, "issues": [make(), make()], "user": sorted(app.state.store.users)[0]}
    ready = os.environ["READY"]
    with open(f"{ready}.part", "w", encoding="utf-8") as file:
        json.dump(told, file)
    os.rename(f"{ready}.part", ready)
    while not os.path.exists(os.environ["STOP"]):
        time.sleep(0.05)
    server.should_exit = True
    thread.join(10)


main()
