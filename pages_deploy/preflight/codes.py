"""Every code that a finding can have, with what it means: for SARIF, and for docs/findings.md."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

# A row for each kind of finding, in the order of docs/findings.md, which has a heading for each.
CODES: Mapping[str, str] = {
    # What stands in the way.
    "secret": "A file that looks like a secret must not be published.",
    "secret-unsearched": "The search for secrets gave up on a file.",
    "file-too-large": "A file is larger than Pages takes.",
    "special-file-too-large": "A file of rules is larger than it can be.",
    "special-file-not-text": "A file of rules is no text in UTF-8.",
    "name-not-utf8": "The name of a file is not valid UTF-8, as addresses are.",
    "not-a-file": "Something in the build directory is neither a file nor a directory.",
    "link-outside": "A link leaves the build directory.",
    "link-broken": "A link leads to something that does not exist.",
    "link-loop": "A link leads back to itself, or to a directory that contains it.",
    "too-deep": "Directories are too deep within each other.",
    "unreadable": "A file or directory cannot be read.",
    "replaced": "A file was replaced while the build directory was read.",
    "nothing-to-deploy": "The build directory has no file to deploy.",
    "worker-code": "The Worker code cannot be deployed as it is.",
    # Rules.
    "redirect-invalid": "A line of _redirects that is no rule has no effect.",
    "redirect-duplicate": "A line of _redirects whose source an earlier line has has no effect.",
    "redirect-shadowed": "A line of _redirects whose paths an earlier line takes has no effect.",
    "redirect-loop": "A redirect that leads back to itself.",
    "rewrite-redirects": "A rule with the status 200 leads away from the page it should show.",
    "redirect-limit": "A line of _redirects that is more than Pages reads has no effect.",
    "redirect-query": "The source of a redirect is read without its query or fragment.",
    "redirect-unknown-name": "The target of a redirect names what its source does not take.",
    "header-invalid": "A line of _headers that is no header has no effect.",
    "header-duplicate": "A block of _headers whose path a later block has has no effect.",
    "header-limit": "A block of _headers that is more than Pages reads has no effect.",
    "line-too-long": "A line that is longer than Pages reads has no effect.",
    "routes-invalid": "Pages refuses this _routes.json.",
    "routes-without-worker": "A _routes.json without Worker code has no effect.",
    # Files.
    "too-many-files": "The site has more files than Pages takes.",
    "many-files": "The site has about as many files as the plan allows, or more.",
    "no-index": "Nothing answers at the site's own address.",
    "reserved-name": "A name that Pages reserves is not deployed.",
    "functions-in-output": "Worker code in the build directory is not deployed.",
    "node-modules": "What is below node_modules is not deployed.",
    "repository": "The root of a repository is deployed.",
    "name-unreachable": "No address leads to this file.",
    "name-case": "The names of two files differ in the case of letters alone.",
    "name-collision": "Two files would answer at one address.",
    # Links, and what is live.
    "dead-link": "A link to a path of the site at which nothing is.",
    "dead-link-fallback": "Pages shows the home page where a link leads to nothing.",
    "dead-links-left-out": "More links lead nowhere than are named.",
    "page-unread": "A page whose links were not looked at.",
    "vanished-page": "An address that the live site lists and this deployment has not.",
    "vanished-fallback": "Pages shows the home page at addresses that are gone.",
    "vanished-unknown": "Which addresses would vanish is not fully known.",
    "vanished-allowance": "A line that allows an address to vanish which does not.",
    # Addresses.
    "alias-taken": "The address of the branch belongs to another branch.",
}
