"""Examples for the help of each command: what a line does, and the line.

A command is named by its words; "" is the program itself. A test parses every line.
"""

from __future__ import annotations

EXAMPLES: dict[str, tuple[tuple[str, str], ...]] = {
    "": (
        (
            "Look at the built site on this machine; needs no account",
            "pages-deploy preview dist --open",
        ),
        ("Would a deployment work?", "pages-deploy doctor --project-name my-site"),
        (
            "Deploy for the first time",
            "pages-deploy dist --project-name my-site --create-project",
        ),
        (
            "Take the last deployment back",
            "pages-deploy deployments rollback --project-name my-site",
        ),
        ("Write the file by which CI does all this", "pages-deploy init"),
    ),
    "deploy": (
        (
            "Deploy dist as the current branch",
            "pages-deploy dist --project-name my-site",
        ),
        (
            "To production, or not at all",
            "pages-deploy dist --project-name my-site --branch main --expect production",
        ),
        (
            "Keep the address for a script",
            "pages-deploy dist --project-name my-site --print url",
        ),
    ),
    "plan": (
        ("What would a deployment do?", "pages-deploy plan dist --project-name my-site"),
        (
            "As the branch main; fail where that is not production",
            "pages-deploy plan dist --branch main --expect production",
        ),
        ("For a comment on a pull request", "pages-deploy plan dist --markdown"),
    ),
    "preview": (
        ("Serve dist, and open it in the browser", "pages-deploy preview dist --open"),
        ("Deploy again at each change", "pages-deploy preview dist --watch"),
        ("Only try whether all is served, as in CI", "pages-deploy preview dist --once"),
    ),
    "check": (
        ("What would go wrong?", "pages-deploy check dist"),
        (
            "And which live pages would be gone?",
            "pages-deploy check dist --against https://www.example.com",
        ),
        ("For GitHub's code scanning", "pages-deploy check dist --sarif findings.sarif"),
    ),
    "verify": (
        (
            "Is production still what was built?",
            "pages-deploy verify dist --project-name my-site",
        ),
        ("Does this address serve it?", "pages-deploy verify dist --at https://www.example.com"),
    ),
    "emulator": (
        ("Run it until Ctrl-C", "pages-deploy emulator"),
        ("Keep what is deployed", "pages-deploy emulator --data .pages --port 8791"),
    ),
    "doctor": (
        ("Would a deployment work?", "pages-deploy doctor --project-name my-site"),
        ("As data", "pages-deploy doctor --project-name my-site --json"),
    ),
    "projects": (
        ("Every project of the account", "pages-deploy projects list"),
        ("Make one", "pages-deploy projects create my-site --production-branch main"),
    ),
    "projects list": (("As data", "pages-deploy projects list --json"),),
    "projects get": (("Show one", "pages-deploy projects get my-site"),),
    "projects create": (
        ("Production is the branch main", "pages-deploy projects create my-site"),
        ("Or another one", "pages-deploy projects create my-site --production-branch trunk"),
    ),
    "projects update": (
        (
            "Set a variable for previews",
            "pages-deploy projects update my-site --environment preview --variable A=B",
        ),
        (
            "Set secrets from a file",
            "pages-deploy projects update my-site --variables-file variables.json",
        ),
    ),
    "projects delete": (
        ("Asks before it deletes", "pages-deploy projects delete my-site"),
        ("Where nobody can answer", "pages-deploy projects delete my-site --yes"),
    ),
    "projects status": (
        ("Fail where the latest deployment has failed", "pages-deploy projects status --fail"),
    ),
    "deployments": (
        ("The newest first", "pages-deploy deployments list --project-name my-site --limit 10"),
        ("Go back", "pages-deploy deployments rollback --project-name my-site"),
    ),
    "deployments list": (
        (
            "The last ten in production",
            "pages-deploy deployments list --environment production --limit 10",
        ),
        ("Of one branch", "pages-deploy deployments list --branch my-idea"),
    ),
    "deployments get": (("Show one", "pages-deploy deployments get 0a1b2c3d"),),
    "deployments latest": (
        (
            "The address of what is live",
            "pages-deploy deployments latest --environment production --print url",
        ),
    ),
    "deployments wait": (("For the newest", "pages-deploy deployments wait"),),
    "deployments logs": (
        ("Of the newest, as it goes on", "pages-deploy deployments logs --follow"),
        ("Of one that is over", "pages-deploy deployments logs 0a1b2c3d"),
    ),
    "deployments retry": (("And wait for it", "pages-deploy deployments retry 0a1b2c3d --wait"),),
    "deployments rollback": (
        ("To the one before", "pages-deploy deployments rollback"),
        ("To a certain one", "pages-deploy deployments rollback 0a1b2c3d"),
    ),
    "deployments delete": (
        ("One", "pages-deploy deployments delete 0a1b2c3d"),
        ("All previews of a branch", "pages-deploy deployments delete --branch my-idea --yes"),
    ),
    "deployments prune": (
        ("Only show which", "pages-deploy deployments prune --keep 3 --older-than 30d"),
        ("Delete them", "pages-deploy deployments prune --keep 3 --older-than 30d --yes"),
    ),
    "domains": (
        ("Which there are", "pages-deploy domains list --project-name my-site"),
        ("Attach one", "pages-deploy domains add www.example.com --project-name my-site"),
    ),
    "domains list": (("With their status", "pages-deploy domains list"),),
    "domains get": (("What is missing?", "pages-deploy domains get www.example.com"),),
    "domains add": (
        ("And wait until it is served", "pages-deploy domains add www.example.com --wait"),
    ),
    "domains retry": (("Check it again", "pages-deploy domains retry www.example.com"),),
    "domains wait": (
        ("At most ten minutes", "pages-deploy domains wait www.example.com --timeout 600"),
    ),
    "domains delete": (("Asks before it detaches", "pages-deploy domains delete www.example.com"),),
    "zones": (
        ("Find the id of a zone", "pages-deploy zones list --name example.com"),
        ("Drop all that is cached", "pages-deploy zones purge --everything --zone-id ZONE_ID"),
    ),
    "zones list": (("Find an id by name", "pages-deploy zones list --name example.com"),),
    "zones purge": (
        ("Everything", "pages-deploy zones purge --everything --zone-id ZONE_ID"),
        ("One address", "pages-deploy zones purge --file https://example.com/ --zone-id ZONE_ID"),
    ),
    "init": (
        ("Find out what can be, and ask for the rest", "pages-deploy init"),
        (
            "Say all of it",
            "pages-deploy init --platform github --directory dist --project-name my-site",
        ),
    ),
    "help": (("Of a command", "pages-deploy help deployments prune"),),
    "version": (("Of this program", "pages-deploy version"),),
}
