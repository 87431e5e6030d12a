"""Files that must not be published because of their names, some of them only with what they hold.

1. A path is compared in lower case, in one pass, with the patterns of all rules (`NAMES`).
2. The endings that editors and people give to copies (`id_rsa.old`, `.env~`) count as the name
   itself.
3. Where a rule says so, the file is refused only if its content bears it out: a sample of settings
   with a value in it, a package manager's file with a token.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

# What says that a value is none.
PLACEHOLDER = re.compile(
    rb"(.)\1{4}|12345|abcde|a1b2c3|example|sample|dummy|placeholder|your|token|secret",
    re.IGNORECASE,
)
# What samples of settings have in the place of a secret besides.
_SAMPLE = re.compile(
    rb"passw|change|replace|insert|todo|fixme|default|xxx|test|demo|local|root|admin|guest"
    rb"|postgres|mysql|mongo|redis|laravel|null|none|false|true|[<>{}$*]|\.\.\.|^[./]",
    re.IGNORECASE,
)
_ASSIGNMENT = re.compile(
    rb"^[ \t]*+(?:export[ \t]++)?+([A-Za-z_][A-Za-z0-9_]*+)[ \t]*+=[ \t]*+[\"']?+([^\s\"'#]++)",
    re.MULTILINE,
)
_SECRET_NAME = re.compile(
    rb"(?:api|access|auth|private|secret|_|^)key(?:_|$)|token|secret|passw|(?:_|^)p(?:ass|wd)(?:_|$)"
    rb"|passphrase|credential|(?:_|^)(?:auth|dsn|salt)(?:_|$)",
    re.IGNORECASE,
)
# What bundlers put into their scripts anyway.
_PUBLIC_NAME = re.compile(rb"public|publishable|^vite_|^react_app_|^gatsby_", re.IGNORECASE)
_PASSWORD_IN_ADDRESS = re.compile(rb"://[^\s:/@\"']{1,200}+:([^\s:/@\"']{3,200}+)@")
# A shorter one is a word for trying things out.
SHORTEST_SECRET = 8


@dataclass(frozen=True)
class NameRule:
    """Files that are refused for their names, in any letter case."""

    what: str
    """What such a file holds, in words."""
    patterns: tuple[str, ...]
    """`*` stands for anything but a slash; a slash at the end for everything in a directory."""
    harmless_endings: tuple[str, ...] = ()
    """Endings of names that are fine all the same, unless a value in the file looks secret."""
    holding: re.Pattern[bytes] | None = None
    """What a file has to hold to be refused; None where its name is enough."""
    held: str = ""
    """The same for people, in Markdown."""


NAMES = (
    NameRule(
        "environment variables",
        (".env", ".env.*", ".envrc", ".dev.vars", ".dev.vars.*"),
        (".example", ".sample", ".template", ".dist", ".defaults"),
    ),
    NameRule(
        "environment variables",
        (
            *("production.env", "prod.env", "staging.env", "development.env", "dev.env"),
            *("local.env", "secrets.env", "*.env.local", "*.env.production"),
        ),
        holding=_ASSIGNMENT,
        held="`NAME=value`",
    ),
    NameRule(
        "environment variables",
        ("*.env",),
        holding=re.compile(
            rb"^[ \t]*+(?:export[ \t]++)?+\w{0,60}(?:key|token|secret|pass|pwd|credential|auth)"
            rb"\w{0,60}+[ \t]*+=[ \t]*+[\"']?+[^\s\"'#$<]"
            rb"|://[^\s:/@\"']{1,200}+:[^\s:/@\"'$]{3,200}+@",
            re.IGNORECASE | re.MULTILINE,
        ),
        held="a variable that is called a key, token, password or the like, with its value",
    ),
    NameRule(
        "a registry's credentials",
        (".npmrc", ".pypirc", ".gem/credentials", ".cargo/credentials", ".cargo/credentials.toml"),
    ),
    NameRule(
        "a registry's credentials",
        (".yarnrc.yml", ".yarnrc"),
        holding=re.compile(
            rb"(?:npmAuthToken|npmAuthIdent|_authToken)[\"']?[ \t:]++[\"']?[^\s\"'$]"
        ),
        held="`npmAuthToken`, `npmAuthIdent`",
    ),
    NameRule(
        "a registry's credentials",
        ("auth.json",),
        holding=re.compile(
            rb"\"(?:http-basic|(?:github|gitlab|bitbucket)-oauth|gitlab-token|bearer|auths)\""
            rb"\s*+:\s*+\{\s*+\""
        ),
        held="`github-oauth`, `http-basic` and the like of Composer, `auths` of containers",
    ),
    NameRule(
        "a registry's credentials",
        ("pip.conf", "pip.ini", ".condarc", "nuget.config", "settings.xml", "gradle.properties"),
        holding=re.compile(
            rb"://[^\s:/@\"']{1,200}+:[^\s:/@\"'$]{3,200}+@|ClearTextPassword\"\s++value=\"[^\"%]"
            rb"|<password>[^<${]{3}|[Pp]assword\s*+=\s*+[^\s$]"
        ),
        held="a password",
    ),
    NameRule(
        "passwords",
        (
            *(".netrc", "_netrc", ".git-credentials", ".htpasswd", ".pgpass", ".my.cnf"),
            *(".mylogin.cnf", ".pg_service.conf", ".msmtprc", ".smbcredentials", ".vault-token"),
            *(".password-store/", ".*_history"),
        ),
    ),
    NameRule(
        "passwords",
        ("wp-config.php", "sftp-config.json", ".ftpconfig", ".vscode/sftp.json"),
        holding=re.compile(
            rb"DB_PASSWORD['\"]\s*+,\s*+['\"][^'\"]|\"pass(?:word|phrase)?\"\s*+:\s*+\"[^\"]"
        ),
        held="a password",
    ),
    NameRule(
        "a private key",
        (
            *("id_rsa", "id_dsa", "id_ecdsa", "id_ecdsa_sk", "id_ed25519", "id_ed25519_sk"),
            *(".ssh/", ".gnupg/", "secring.gpg", "*.ppk", "config/master.key"),
        ),
    ),
    NameRule("a key store", ("*.p12", "*.pfx", "*.jks", "*.keystore", "*.kdbx")),
    NameRule(
        "cloud credentials",
        (
            *(
                ".aws/",
                ".azure/",
                ".oci/",
                ".config/gcloud/",
                "application_default_credentials.json",
            ),
            *(".kube/config", "kubeconfig", "kubeconfig.yaml", "kubeconfig.yml", "*.kubeconfig"),
            *(".docker/config.json", ".dockercfg", ".dockerconfigjson", ".s3cfg", ".boto"),
            *(".databrickscfg", ".config/gh/hosts.yml", ".wrangler/config/"),
        ),
    ),
    NameRule(
        "Terraform's state and settings",
        ("*.tfstate", "*.tfstate.*", "*.tfvars", ".terraformrc", "credentials.tfrc.json"),
    ),
    NameRule("a repository's inside", (".git", ".git/", ".hg/", ".svn/")),
)
# Of the names that do not begin with a dot, only one with `STATE` in it may be refused for all of
# these endings.
USUAL_ENDINGS = (
    *(".html", ".htm", ".css", ".js", ".mjs", ".map", ".svg", ".png", ".jpg", ".jpeg", ".gif"),
    *(".webp", ".avif", ".ico", ".woff", ".woff2", ".ttf", ".pdf", ".webmanifest"),
)
STATE = ".tfstate."
# `~`, `.old`, `.bak`, `.1`, ` copy`, ` (2)`, and several of them.
_COPIED = (
    r"(?:~|[._-](?:old|bak|backup|orig|save[d]?|sw[op]|tmp|copy|[0-9]{1,14})| copy| \([0-9]{1,2}\))"
)


def refused_for_its_name(path: str, head: bytes) -> NameRule | None:
    """Return the rule that refuses a path (with its leading slash), or nothing.

    `head` is how the file begins, for the rules that look into it.
    """
    lowered = path.lower()
    if _is_usual(lowered):
        return None
    for expression, rules in _by_first_letter():
        found = expression.search(lowered)
        if found is not None and found.lastindex is not None:
            rule = rules[found.lastindex - 1]
            if lowered.endswith(rule.harmless_endings):
                return rule if _has_secret_value(head) else None
            if rule.holding is None or rule.holding.search(head) is not None:
                return rule
    return None


def _is_usual(lowered: str) -> bool:
    """Whether it is one of the names that most files of a site have, and no rule refuses."""
    is_plain = lowered.endswith(USUAL_ENDINGS) and "/." not in lowered
    return is_plain and STATE not in lowered


def _has_secret_value(head: bytes) -> bool:
    """Whether a sample of settings gives a secret to one of its variables after all."""
    for name, value in _ASSIGNMENT.findall(head):
        password = _PASSWORD_IN_ADDRESS.search(value)
        is_named = _SECRET_NAME.search(name) and not _PUBLIC_NAME.search(name)
        if password is None and (not is_named or b"://" in value):
            continue
        secret = value if password is None else password[1]
        is_sample = PLACEHOLDER.search(secret) or _SAMPLE.search(secret)
        if len(secret) >= SHORTEST_SECRET and not is_sample:
            return True
    return False


@cache
def _by_first_letter() -> tuple[tuple[re.Pattern[str], tuple[NameRule, ...]], ...]:
    """Return two expressions, and the rule of each of their groups.

    A slash or a dot in first place is found faster than a choice would be.
    """
    return (
        _ways("/", lambda pattern: not pattern.startswith("*")),
        _ways(r"\.", lambda pattern: pattern.startswith("*")),
    )


def _ways(
    first: str, is_meant: Callable[[str], bool]
) -> tuple[re.Pattern[str], tuple[NameRule, ...]]:
    rules = tuple(rule for rule in NAMES if any(map(is_meant, rule.patterns)))
    groups = ("|".join(map(_rest, filter(is_meant, rule.patterns))) for rule in rules)
    return re.compile(f"{first}(?:{'|'.join(f'({group})' for group in groups)})"), rules


def _rest(pattern: str) -> str:
    """Return the expression of a name behind the slash before it, or behind its first dot."""
    text = re.escape(pattern.removeprefix("*.")).replace(r"\*", "[^/]*")
    return text if text.endswith("/") else rf"{text}{_COPIED}{{0,3}}+$"
