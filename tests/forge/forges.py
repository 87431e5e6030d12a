"""Forges on this machine, strict about what they are asked, and talking over real HTTP.

What a forge would refuse is answered as it would; what no correct client would send is noted in
`problems`, which the fixtures expect to be empty.
"""

from __future__ import annotations

import contextlib
import json
import re
import threading
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import parse_qsl, urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Self

REPOSITORY = "acme/site"
TOKEN = "ghs_0123456789abcdef"


@dataclass(frozen=True)
class Asked:
    method: str
    # Below the API's base path.
    path: str
    query: dict[str, str]
    headers: Mapping[str, str]
    body: Any
    # With names that occur more than once.
    pairs: tuple[tuple[str, str], ...] = ()


@dataclass
class Reply:
    status: int
    data: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    # In place of JSON.
    raw: bytes | None = None


class Refused(Exception):  # noqa: N818 - what a server says, not an error of it
    """The answer of a forge that does not do what it is asked."""

    def __init__(self, status: int, message: str, **headers: str) -> None:
        super().__init__(message)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.reply = Reply(status, {"message": message}, named)


@dataclass
class Fault:
    method: str
    pattern: str
    # None closes the connection without an answer.
    reply: Reply | None
    # Whether the forge does first what it was asked.
    after: bool


def is_ancestor(one: str, other: str) -> bool:
    """Whether a commit is an ancestor: the last digits count along a line, the first names it."""
    return one[0] == other[0] and one[-4:] <= other[-4:]


def history(number: int, *, line: str = "a") -> str:
    """Return a commit that these forges know."""
    return f"{line}{number:039d}"


class Forge:
    """A server on port 0 with a table of routes: method, path as a regular expression, function."""

    def __init__(self, base_path: str = "") -> None:
        self.base_path = base_path
        self.asked: list[Asked] = []
        self.problems: list[str] = []
        self.comments: dict[int, dict[str, Any]] = {}
        self.page_size = 100
        # Called when a request has come.
        self.on_asked: Callable[[], None] = lambda: None
        # The name of whoever the token belongs to.
        self.user = "github-actions[bot]"
        self._faults: list[Fault] = []
        self._ids = iter(range(101, 10_000))
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}{self.base_path}"

    @property
    def sequence(self) -> list[str]:
        """What was asked: method and path, one a line."""
        return [f"{one.method} {one.path}" for one in self.asked]

    def asked_for(self, method: str, pattern: str) -> list[Asked]:
        return [o for o in self.asked if o.method == method and fnmatchcase(o.path, pattern)]

    def fail_next(
        self,
        method: str,
        pattern: str,
        reply: Reply | None = None,
        *,
        times: int = 1,
        after: bool = False,
    ) -> None:
        self._faults += [Fault(method, pattern, reply, after)] * times

    def expect(self, truth: bool, problem: str) -> None:
        if not truth:
            self.problems.append(problem)

    def new_id(self) -> int:
        return next(self._ids)

    def routes(self) -> list[tuple[str, str, Callable[..., Reply]]]:
        raise NotImplementedError

    def check(self, asked: Asked) -> None:
        """Check the headers of a request."""
        agent = asked.headers.get("User-Agent", "")
        self.expect(agent.startswith("pages-deploy/"), f"User-Agent {agent}")
        if asked.body is not None:
            content_type = asked.headers.get("Content-Type")
            self.expect(content_type == "application/json", f"Content-Type {content_type}")

    def answer(self, asked: Asked) -> Reply:
        for method, pattern, function in self.routes():
            found = re.fullmatch(pattern, asked.path)
            if found and method == asked.method:
                return function(asked, *found.groups())
        self.problems.append(f"unknown: {asked.method} {asked.path}")
        return Reply(404, {"message": "Not Found"})

    def serve(self, asked: Asked) -> Reply | None:
        self.asked.append(asked)
        self.on_asked()
        self.check(asked)
        for fault in self._faults:
            if fault.method == asked.method and fnmatchcase(asked.path, fault.pattern):
                self._faults.remove(fault)
                if fault.after:
                    self.answer(asked)
                return fault.reply
        try:
            return self.answer(asked)
        except Refused as refused:
            return refused.reply

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        forge = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # Else each answer waits for the other side to confirm its headers.
            disable_nagle_algorithm = True

            def handle(self) -> None:
                with contextlib.suppress(ConnectionError):
                    super().handle()

            def respond(self) -> None:
                content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                address = urlsplit(self.path)
                forge.expect(address.path.startswith(forge.base_path), f"path {address.path}")
                reply = forge.serve(
                    Asked(
                        self.command,
                        address.path.removeprefix(forge.base_path),
                        dict(parse_qsl(address.query)),
                        dict(self.headers.items()),
                        json.loads(content) if content else None,
                        tuple(parse_qsl(address.query)),
                    )
                )
                if reply is None:
                    self.close_connection = True
                    self.connection.close()
                    return
                raw = reply.raw
                if raw is None:
                    raw = b"" if reply.data is None else json.dumps(reply.data).encode()
                # Which would send a date of its own.
                send = self.send_response_only if "Date" in reply.headers else self.send_response
                send(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)

            do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = respond  # noqa: N815 - theirs

            def log_message(self, *_: object) -> None:
                pass

        return Handler


class Hub(Forge):
    """What GitHub and Gitea have in common: comments on pull requests."""

    def __init__(self, base_path: str = "") -> None:
        super().__init__(base_path)
        self.may_write_comments = True
        self.locked = False
        # Whether the token's owner can be asked for.
        self.has_user = False

    def add_comment(self, body: str, *, author: str = "", pull: str = "42") -> int:
        number = self.new_id()
        self.comments[number] = {
            "id": number,
            "body": body,
            "user": {"login": author or self.user},
            "issue": pull,
        }
        return number

    def bodies(self, pull: str = "42") -> list[str]:
        return [one["body"] for one in self.comments.values() if one["issue"] == pull]

    def comment_routes(self) -> list[tuple[str, str, Callable[..., Reply]]]:
        one = rf"/repos/{REPOSITORY}/issues/comments/(\d+)"
        every = rf"/repos/{REPOSITORY}/issues/(\d+)/comments"
        return [
            ("GET", every, self.list_comments),
            ("POST", every, self.create_comment),
            ("PATCH", one, self.update_comment),
            ("DELETE", one, self.delete_comment),
            ("GET", "/user", self.show_user),
        ]

    def list_comments(self, asked: Asked, pull: str) -> Reply:
        raise NotImplementedError

    def create_comment(self, asked: Asked, pull: str) -> Reply:
        self._check_body(asked)
        number = self.add_comment(asked.body["body"], pull=pull)
        return Reply(201, self.comments[number])

    def update_comment(self, asked: Asked, number: str) -> Reply:
        self._check_body(asked)
        comment = self.comments.get(int(number))
        if comment is None:
            raise Refused(404, "Not Found")
        if comment["user"]["login"] != self.user:
            raise Refused(403, "Must have admin rights to Repository.")
        comment["body"] = asked.body["body"]
        return Reply(200, comment)

    def delete_comment(self, asked: Asked, number: str) -> Reply:
        if self.comments.pop(int(number), None) is None:
            raise Refused(404, "Not Found")
        return Reply(204)

    def show_user(self, asked: Asked) -> Reply:
        if not self.has_user:
            raise Refused(403, "Resource not accessible by integration")
        return Reply(200, {"login": self.user, "id": 7})

    def _check_body(self, asked: Asked) -> None:
        self.expect(set(asked.body) == {"body"}, f"fields {sorted(asked.body)}")
        if self.locked:
            raise Refused(
                403,
                "Unable to create comment because issue is locked.",
                x_accepted_github_permissions="issues=write; pull_requests=write",
            )
        if not self.may_write_comments:
            raise Refused(
                403,
                "Resource not accessible by integration",
                x_accepted_github_permissions="issues=write; pull_requests=write",
            )
        if len(asked.body["body"]) > 65_536:
            raise Refused(422, "body is too long (maximum is 65536 characters)")


class FakeGitHub(Hub):
    """GitHub, or with a base path of `/api/v3` an Enterprise Server."""

    DEPLOYMENT_FIELDS = frozenset(
        {
            "ref",
            "task",
            "auto_merge",
            "required_contexts",
            "payload",
            "environment",
            "description",
            "transient_environment",
            "production_environment",
        }
    )
    STATUS_FIELDS = frozenset(
        {"state", "log_url", "description", "environment", "environment_url", "auto_inactive"}
    )
    STATES = frozenset(
        {"error", "failure", "inactive", "in_progress", "queued", "pending", "success"}
    )

    def __init__(self, base_path: str = "") -> None:
        super().__init__(base_path)
        self.token = TOKEN
        self.deployments: dict[int, dict[str, Any]] = {}
        self.statuses: dict[int, list[dict[str, Any]]] = {}
        self.pulls: list[dict[str, Any]] = []
        # Commits that the repository has; a fork's are not among them.
        self.foreign_commits: set[str] = set()
        # Of commits, by their hash.
        self.messages: dict[str, str] = {}
        self.may_deploy = True
        self.may_read_contents = True
        self.knows_inactive = True

    def check(self, asked: Asked) -> None:
        super().check(asked)
        wanted = {
            "Authorization": f"Bearer {self.token}",
            "Accept": "application/vnd.github+json",
            "X-GitHub-Api-Version": "2022-11-28",
        }
        for name, value in wanted.items():
            self.expect(asked.headers.get(name) == value, f"{name}: {asked.headers.get(name)}")

    def routes(self) -> list[tuple[str, str, Callable[..., Reply]]]:
        deployments = f"/repos/{REPOSITORY}/deployments"
        return [
            *self.comment_routes(),
            ("GET", deployments, self.list_deployments),
            ("POST", deployments, self.create_deployment),
            ("GET", rf"{deployments}/(\d+)/statuses", self.list_statuses),
            ("POST", rf"{deployments}/(\d+)/statuses", self.create_status),
            ("GET", rf"/repos/{REPOSITORY}/commits/([0-9a-f]+)/pulls", self.pulls_of_commit),
            ("GET", rf"/repos/{REPOSITORY}/commits/([0-9a-f]+)", self.show_commit),
            ("GET", f"/repos/{REPOSITORY}/pulls", self.list_pulls),
            ("GET", rf"/repos/{REPOSITORY}/pulls/(\d+)", self.show_pull),
            ("GET", rf"/repos/{REPOSITORY}/compare/([0-9a-f]+)\.\.\.([0-9a-f]+)", self.compare),
        ]

    def compare(self, asked: Asked, base: str, head: str) -> Reply:
        self.expect(asked.query == {"per_page": "1", "page": "2"}, f"query {asked.query}")
        if not self.may_read_contents:
            raise Refused(
                403,
                "Resource not accessible by integration",
                x_accepted_github_permissions="contents=read",
            )
        # Commits that nobody has pushed.
        if not {base[0], head[0]} <= set("ab"):
            raise Refused(404, "Not Found")
        status = "diverged"
        if base == head:
            status = "identical"
        elif is_ancestor(base, head):
            status = "ahead"
        elif is_ancestor(head, base):
            status = "behind"
        return Reply(200, {"status": status, "commits": []})

    def show_pull(self, asked: Asked, number: str) -> Reply:
        for one in self.pulls:
            if one["number"] == int(number):
                return Reply(200, one)
        raise Refused(404, "Not Found")

    def add_pull(
        self,
        number: int,
        sha: str,
        *,
        state: str = "open",
        base: str = "",
        source: str | None = REPOSITORY,
        branch: str = "topic",
    ) -> None:
        repository = None if source is None else {"full_name": source}
        self.pulls.append(
            {
                "number": number,
                "state": state,
                "head": {"sha": sha, "ref": branch, "repo": repository, "user": {"login": "bob"}},
                "base": {"repo": {"full_name": base or REPOSITORY}},
            }
        )

    def states(self, deployment_id: int) -> list[str]:
        return [status["state"] for status in reversed(self.statuses[deployment_id])]

    def list_comments(self, asked: Asked, pull: str) -> Reply:
        return self.page(asked, [one for one in self.comments.values() if one["issue"] == pull])

    def page(self, asked: Asked, items: list[Any]) -> Reply:
        """Cut a page out; the size is the smaller of what is asked for and what the test sets."""
        number = int(asked.query.get("page", "1"))
        size = min(int(asked.query.get("per_page", "30")), self.page_size)
        headers = {}
        if number * size < len(items):
            following = f"{self.url}{asked.path}?per_page={size}&page={number + 1}"
            last = following.rpartition("=")[0] + f"={-(-len(items) // size)}"
            headers["Link"] = f'<{following}>; rel="next", <{last}>; rel="last"'
        return Reply(200, items[(number - 1) * size : number * size], headers)

    def create_deployment(self, asked: Asked) -> Reply:
        body = asked.body
        self.expect(set(body) <= self.DEPLOYMENT_FIELDS, f"fields {sorted(body)}")
        self.expect(body.get("auto_merge") is False, "auto_merge would merge the base branch")
        self.expect(body.get("required_contexts") == [], "this run's own check is not green yet")
        for name in ("transient_environment", "production_environment"):
            self.expect(isinstance(body.get(name), bool), f"{name} is not said")
        self.expect(len(body.get("description", "")) <= 140, "the description is too long")
        self.expect(len(json.dumps(body.get("payload"))) < 500, "the payload is not small")
        if not self.may_deploy:
            raise Refused(
                403,
                "Resource not accessible by integration",
                x_accepted_github_permissions="deployments=write",
            )
        if not re.fullmatch("[0-9a-f]{40}", body["ref"]):
            raise Refused(422, f"No ref found for: {body['ref']}")
        number = self.new_id()
        self.deployments[number] = {"id": number, "sha": body["ref"], **body}
        self.statuses[number] = []
        return Reply(201, self.deployments[number])

    def list_deployments(self, asked: Asked) -> Reply:
        found = [
            one
            for one in reversed(self.deployments.values())
            if one["sha"] == asked.query.get("sha", one["sha"])
            and one["environment"] == asked.query.get("environment", one["environment"])
        ]
        return self.page(asked, found)

    def create_status(self, asked: Asked, deployment_id: str) -> Reply:
        body = asked.body
        self.expect(set(body) <= self.STATUS_FIELDS, f"fields {sorted(body)}")
        self.expect(body.get("state") in self.STATES, f"state {body.get('state')}")
        self.expect(len(body.get("description", "")) <= 140, "the description is too long")
        for name in ("log_url", "environment_url"):
            self.expect(re.match("https?://", body.get(name, "http://")) is not None, name)
        if body["state"] == "inactive" and not self.knows_inactive:
            raise Refused(422, "Validation Failed")
        if int(deployment_id) not in self.deployments:
            raise Refused(404, "Not Found")
        status = {"id": self.new_id(), **body}
        self.statuses[int(deployment_id)].insert(0, status)
        return Reply(201, status)

    def list_statuses(self, asked: Asked, deployment_id: str) -> Reply:
        return self.page(asked, self.statuses[int(deployment_id)])

    def show_commit(self, asked: Asked, sha: str) -> Reply:
        if sha not in self.messages:
            raise Refused(422, f"No commit found for SHA: {sha}")
        return Reply(200, {"sha": sha, "commit": {"message": self.messages[sha]}, "files": []})

    def pulls_of_commit(self, asked: Asked, sha: str) -> Reply:
        if sha in self.foreign_commits:
            return Reply(200, [])
        # Also those that have the commit somewhere, which the test's numbers below ten do.
        found = [one for one in self.pulls if one["head"]["sha"] == sha or one["number"] < 10]
        return Reply(200, found)

    def list_pulls(self, asked: Asked) -> Reply:
        self.expect(asked.query.get("state") == "open", "closed ones are of no use")
        return self.page(asked, [one for one in self.pulls if one["state"] == "open"])


class FakeGitea(Hub):
    """Gitea; `pages` tells whether it knows them, which most versions do not for comments."""

    def __init__(self, *, pages: bool, tells_total: bool = True) -> None:
        super().__init__("/api/v1")
        self.user = "gitea-actions"
        self.pages = pages
        self.tells_total = tells_total
        # Older versions compare branches alone.
        self.compares_commits = True
        self.page_size = 2
        self.pulls: list[dict[str, Any]] = []

    def check(self, asked: Asked) -> None:
        super().check(asked)
        authorization = asked.headers.get("Authorization")
        self.expect(authorization == f"token {TOKEN}", f"Authorization {authorization}")

    def routes(self) -> list[tuple[str, str, Callable[..., Reply]]]:
        commit = rf"/repos/{REPOSITORY}/git/commits/([0-9a-f]+)"
        return [
            *self.comment_routes(),
            ("GET", commit, self.show_commit),
            ("GET", f"/repos/{REPOSITORY}/pulls", self.list_pulls),
            ("GET", rf"/repos/{REPOSITORY}/compare/([0-9a-f]+)\.\.\.([0-9a-f]+)", self.compare),
        ]

    def compare(self, asked: Asked, base: str, head: str) -> Reply:
        self.expect(
            asked.query == {"stat": "false", "verification": "false", "files": "false"},
            f"query {asked.query}",
        )
        if not self.compares_commits:
            raise Refused(404, "The target couldn't be found.")
        commits = [] if is_ancestor(head, base) else [{"sha": head}]
        return Reply(200, {"total_commits": len(commits), "commits": commits})

    def show_commit(self, asked: Asked, sha: str) -> Reply:
        return Reply(200, {"sha": sha, "commit": {"message": "Say more\n\nAnd why.\n"}})

    def list_comments(self, asked: Asked, pull: str) -> Reply:
        self.expect({"page", "limit"} == set(asked.query), f"query {asked.query}")
        items = [one for one in self.comments.values() if one["issue"] == pull]
        headers = {"X-Total-Count": str(len(items))} if self.tells_total else {}
        if self.pages:
            start = (int(asked.query["page"]) - 1) * self.page_size
            items = items[start : start + self.page_size]
        return Reply(200, items, headers)

    def list_pulls(self, asked: Asked) -> Reply:
        self.expect(asked.query.get("state") == "open", "closed ones are of no use")
        return Reply(200, self.pulls)


class FakeGitLab(Forge):
    """GitLab with one project, number 278964."""

    def __init__(self) -> None:
        super().__init__("/api/v4")
        self.user = "project_278964_bot_1"
        self.may_write = True
        # Otherwise the next page is named in `Link` alone.
        self.has_page_headers = True

    def check(self, asked: Asked) -> None:
        super().check(asked)
        self.expect(asked.headers.get("PRIVATE-TOKEN") == TOKEN, "no PRIVATE-TOKEN")
        self.expect("Authorization" not in asked.headers, "two kinds of credentials")

    def routes(self) -> list[tuple[str, str, Callable[..., Reply]]]:
        notes = r"/projects/(?:278964|acme%2Fsub%2Fsite)/merge_requests/(\d+)/notes"
        return [
            ("GET", r"/projects/278964/repository/commits/([0-9a-f]+)", self.show_commit),
            ("GET", notes.removesuffix("/notes"), self.show_merge_request),
            ("GET", notes, self.list_notes),
            ("POST", notes, self.create_note),
            ("PUT", rf"{notes}/(\d+)", self.update_note),
            ("DELETE", rf"{notes}/(\d+)", self.delete_note),
            ("GET", "/user", lambda _: Reply(200, {"id": 9, "username": self.user})),
            ("GET", "/projects/278964/repository/merge_base", self.merge_base),
        ]

    def merge_base(self, asked: Asked) -> Reply:
        names = [name for name, _ in asked.pairs]
        self.expect(names == ["refs[]", "refs[]"], f"query {asked.pairs}")
        one, other = (commit for _, commit in asked.pairs)
        if one[0] != other[0]:
            raise Refused(404, "404 Merge Base Not Found")
        return Reply(200, {"id": min(one, other), "title": "Say"})

    def show_commit(self, asked: Asked, sha: str) -> Reply:
        return Reply(200, {"id": sha, "title": "Say", "message": "Say more\n\nAnd why.\n"})

    def show_merge_request(self, asked: Asked, number: str) -> Reply:
        found = {
            "iid": int(number),
            "state": "merged",
            "source_branch": "topic",
            "source_project_id": 278964,
            "target_project_id": 278964,
        }
        return Reply(200, found)

    def add_note(self, body: str, *, author: str = "", merge_request: str = "7") -> int:
        number = self.new_id()
        self.comments[number] = {
            "id": number,
            "body": body,
            "author": {"username": author or self.user},
            "system": False,
            "issue": merge_request,
        }
        return number

    def list_notes(self, asked: Asked, merge_request: str) -> Reply:
        items = [one for one in self.comments.values() if one["issue"] == merge_request]
        page = int(asked.query.get("page", "1"))
        size = min(int(asked.query.get("per_page", "20")), self.page_size)
        following = str(page + 1) if page * size < len(items) else ""
        found = items[(page - 1) * size : page * size]
        if self.has_page_headers:
            return Reply(200, found, {"x-next-page": following})
        link = f'<{self.url}{asked.path}?page={following}&per_page={size}>; rel="next"'
        return Reply(200, found, {"Link": link} if following else {})

    def create_note(self, asked: Asked, merge_request: str) -> Reply:
        self.expect(set(asked.body) == {"body"}, f"fields {sorted(asked.body)}")
        if not self.may_write:
            raise Refused(403, "403 Forbidden")
        number = self.add_note(asked.body["body"], merge_request=merge_request)
        return Reply(201, self.comments[number])

    def update_note(self, asked: Asked, merge_request: str, number: str) -> Reply:
        note = self.comments.get(int(number))
        if note is None or note["issue"] != merge_request:
            raise Refused(404, "404 Not found")
        if note["author"]["username"] != self.user:
            raise Refused(403, "403 Forbidden")
        note["body"] = asked.body["body"]
        return Reply(200, note)

    def delete_note(self, asked: Asked, merge_request: str, number: str) -> Reply:
        if self.comments.pop(int(number), None) is None:
            raise Refused(404, "404 Not found")
        return Reply(204)


F = TypeVar("F", bound=Forge)


@contextlib.contextmanager
def running(forge: F) -> Iterator[F]:
    """Run a forge, and find afterwards that nothing wrong was asked of it."""
    with forge:
        yield forge
    assert forge.problems == []
