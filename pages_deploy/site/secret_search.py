"""What must not be published: credentials that lie in a build directory by accident.

1. Each file is searched while the manifest reads it anyway: its path, and the first
   `SEARCHED_BYTES` of its content.
2. Some names are refused whatever the file holds (`NAMES`).
3. Content gets a glance first. Each of the `GLANCES` starts with one letter that is rare in text,
   since the regex engine finds a single letter many times faster than a word, and looks back from
   there. Only where one of them finds something are the rules (`CONTENTS`) applied.
4. A match whose random part repeats, counts, or says that it is an example is a placeholder, as
   documentation shows it.

What this cannot see: whatever stands further into a file, in a binary file (one with a zero byte)
or an archive, in any encoding, and every secret that has no form of its own, such as a password.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pages_deploy.errors import DirectoryError
from pages_deploy.text.amounts import counted

if TYPE_CHECKING:
    from collections.abc import Callable

# Files that hold credentials are short; all of a large site would take as long as hashing it.
SEARCHED_BYTES = 32 * 1024
# The files named in an error; the rest is counted.
NAMED_FILES = 5


@dataclass(frozen=True)
class NameRule:
    """Files that are refused for their names, in any letter case."""

    what: str
    """What such a file holds, in words."""
    patterns: tuple[str, ...]
    """`*` stands for anything but a slash; a slash at the end for everything in a directory."""
    harmless_endings: tuple[str, ...] = ()
    """Endings of names that are fine all the same."""


@dataclass(frozen=True)
class ContentRule:
    """Content that is refused in whatever file it stands."""

    what: str
    """What it is, in words."""
    form: str
    """How it looks, for people, in Markdown."""
    pattern: re.Pattern[bytes]
    """Its group `body` is the random part."""
    placeholder: re.Pattern[bytes]
    """What is found in the random part of an example."""


@dataclass(frozen=True, slots=True)
class FoundSecret:
    """One file that must not be published; as text, its place and what it is."""

    path: str
    """As in the manifest: starts with a slash."""
    what: str
    """The words of the rule that found it."""
    line: int = 0
    """The line on which the content was found, from 1; 0 where it is the name."""

    def __str__(self) -> str:
        place = f" line {self.line}" if self.line else ""
        return f"{self.path}{place} ({self.what})"


NAMES = (
    NameRule(
        "environment variables",
        (".env", ".env.*", ".envrc", ".dev.vars", ".dev.vars.*"),
        (".example", ".sample", ".template", ".dist", ".defaults"),
    ),
    NameRule(
        "a registry's credentials",
        (".npmrc", ".pypirc", ".gem/credentials", ".cargo/credentials", ".cargo/credentials.toml"),
    ),
    NameRule(
        "passwords",
        (".netrc", "_netrc", ".git-credentials", ".htpasswd", ".pgpass", ".my.cnf", ".*_history"),
    ),
    NameRule(
        "a private key",
        (
            *("id_rsa", "id_dsa", "id_ecdsa", "id_ecdsa_sk", "id_ed25519", "id_ed25519_sk"),
            *(".ssh/", ".gnupg/", "secring.gpg", "*.ppk"),
        ),
    ),
    NameRule("a key store", ("*.p12", "*.pfx", "*.jks", "*.keystore", "*.kdbx")),
    NameRule(
        "cloud credentials",
        (
            *(".aws/", ".azure/", ".config/gcloud/", "application_default_credentials.json"),
            *(".kube/config", "kubeconfig", "kubeconfig.yaml", "kubeconfig.yml", "*.kubeconfig"),
            *(".docker/config.json", ".dockercfg", ".s3cfg", ".boto", ".wrangler/config/"),
        ),
    ),
    NameRule(
        "Terraform's state and settings",
        ("*.tfstate", "*.tfstate.*", "*.tfvars", ".terraformrc", "credentials.tfrc.json"),
    ),
    NameRule("a repository's inside", (".git/", ".hg/", ".svn/")),
)

_TOKEN_PLACEHOLDER = re.compile(
    rb"(.)\1{4}|12345|abcde|a1b2c3|example|sample|dummy|placeholder|your|token|secret",
    re.IGNORECASE,
)
# Real keys have runs of `A`, though never as long.
_KEY_PLACEHOLDER = re.compile(rb"(.)\1{15}|abcdefgh", re.IGNORECASE)
# Line ends, also as JSON and shells write them inside of a string.
_BREAK = rb"(?:\s|\\+[nr])"


def _token(what: str, form: str, prefix: bytes, rest: bytes) -> ContentRule:
    # The prefix goes first: what starts with plain letters is found fast.
    body = rest if b"?P<body>" in rest else rb"(?P<body>%s)" % rest
    pattern = rb"%s(?<![A-Za-z0-9_-]%s)%s(?![A-Za-z0-9])" % (prefix, prefix, body)
    return ContentRule(what, form, re.compile(pattern, re.DOTALL), _TOKEN_PLACEHOLDER)


CONTENTS = (
    ContentRule(
        "a private key",
        "`-----BEGIN ... PRIVATE KEY-----` with all of its base64, also inside of JSON",
        re.compile(
            rb"-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----" + _BREAK + rb"+"
            # What RFC 1421 and PGP write before the key.
            rb"(?:[A-Za-z-]+: [^\r\n\\]+" + _BREAK + rb"+)*"
            rb"(?P<body>(?:[A-Za-z0-9+/=]|" + _BREAK + rb"){64,})-----END "
        ),
        _KEY_PLACEHOLDER,
    ),
    _token(
        "an AWS key",
        "the ID of an access key, `AKIA...`, and in the next 300 bytes its secret of 40 characters",
        b"AKIA",
        rb"(?!IOSFODNN7EXAMPLE)[A-Z2-7]{16}(?![A-Za-z0-9]).{1,300}?(?<![A-Za-z0-9/+=])"
        rb"(?P<body>(?=[A-Za-z0-9/+]*[a-z])(?=[A-Za-z0-9/+]*[A-Z])(?=[A-Za-z0-9/+]*[0-9])"
        rb"[A-Za-z0-9/+]{40})(?![/+=])",
    ),
    _token("a Cloudflare token", "`cfut_...`, `cfat_...`", b"cf[ua]t_", rb"[A-Za-z0-9]{40,64}"),
    _token("a Cloudflare key", "`cfk_...`", b"cfk_", rb"[A-Za-z0-9]{40,64}"),
    _token(
        "a GitHub token",
        "`ghp_...`, `gho_...`, `ghu_...`, `ghs_...`, `ghr_...`",
        b"gh[opsur]_",
        rb"[A-Za-z0-9]{36}|[0-9]{1,12}_eyJ[A-Za-z0-9]{19}[\w-]*\.[\w-]{20,}\.[\w-]{20,}",
    ),
    _token(
        "a GitHub token", "`github_pat_...`", b"github_pat_", rb"[A-Za-z0-9]{22}_[A-Za-z0-9]{59}"
    ),
    _token("a GitLab token", "`glpat-...`", b"glpat-", rb"[\w-]{20,}"),
    _token("an npm token", "`npm_...`", b"npm_", rb"[A-Za-z0-9]{36}"),
    _token(
        "a Slack token",
        "`xoxb-...`, `xoxp-...`",
        b"xox[bp]-",
        rb"(?:[0-9]{10,13}-){2,3}(?P<body>[A-Za-z0-9]{24,34})",
    ),
    _token("a Stripe key", "`sk_live_...`", b"sk_live_", rb"[A-Za-z0-9]{24,200}"),
    _token("a Stripe key", "`rk_live_...`", b"rk_live_", rb"[A-Za-z0-9]{24,200}"),
    _token("an OpenAI key", "`sk-proj-...`", b"sk-proj-", rb"[\w-]{20,}T3BlbkFJ[\w-]{20,}"),
    _token("an Anthropic key", "`sk-ant-...`", b"sk-ant-", rb"(?:api|admin)[0-9]{2}-[\w-]{93}AA"),
)
GLANCES = (
    re.compile(rb"K(?:(?<=AK)IA[A-Z2-7]{16}|(?<=PRIVATE K)EY)"),
    re.compile(rb"_[A-Za-z0-9]{22}"),
    re.compile(rb"-(?<=[bjpt]-)(?:(?<=glpat-)|(?<=xox[bp]-)|(?<=sk-proj-)|(?<=sk-ant-))"),
)


class SecretSearch:
    """Searches the files that it is shown, and remembers what it found."""

    def __init__(self) -> None:
        self.found: list[FoundSecret] = []
        """One entry a file, in the order in which they were searched."""

    def search(self, path: str, head: bytes) -> None:
        """Search one file: its path, with the leading slash, and how its content begins."""
        found = _of_name(path) or _of_content(path, head)
        if found is not None:
            self.found.append(found)

    def judge(self, *, is_allowed: bool, warn: Callable[[str], None]) -> None:
        """Raise DirectoryError when anything was found; where that is allowed, warn of it."""
        if not self.found:
            return
        count = len(self.found)
        files = counted(count, "file")
        named = ", ".join(map(str, self.found[:NAMED_FILES]))
        more = f" and {count - NAMED_FILES} more" if count > NAMED_FILES else ""
        if is_allowed:
            warn(f"Without ALLOW_SECRETS {files} would not be published: {named}{more}.")
            return
        raise DirectoryError(
            f"{files} must not be published: {named}{more}.",
            "Keep them out of the build output, or publish them all the same by --allow-secrets "
            "(input allowSecrets). A secret that was public before has to be replaced.",
        )


def _of_name(path: str) -> FoundSecret | None:
    lowered = path.lower()
    found = _NAME.search(lowered)
    if found is None or found.lastindex is None:
        return None
    rule = NAMES[found.lastindex - 1]
    return None if lowered.endswith(rule.harmless_endings) else FoundSecret(path, rule.what)


def _of_content(path: str, head: bytes) -> FoundSecret | None:
    if head.find(b"\0", 0, SEARCHED_BYTES) >= 0:
        return None
    for glance in GLANCES:
        if glance.search(head, 0, SEARCHED_BYTES) is not None:
            return _by_rule(path, head)
    return None


def _by_rule(path: str, head: bytes) -> FoundSecret | None:
    for rule in CONTENTS:
        for found in rule.pattern.finditer(head, 0, SEARCHED_BYTES):
            if not rule.placeholder.search(found["body"]):
                return FoundSecret(path, rule.what, head.count(b"\n", 0, found.start()) + 1)
    return None


def _group_of(rule: NameRule) -> str:
    wild = (re.escape(pattern).replace(r"\*", "[^/]*") for pattern in rule.patterns)
    return f"({'|'.join(one if one.endswith('/') else f'{one}$' for one in wild)})"


# One group for each rule. A slash in first place is found faster than a choice would be.
_NAME = re.compile(f"/(?:{'|'.join(map(_group_of, NAMES))})")
