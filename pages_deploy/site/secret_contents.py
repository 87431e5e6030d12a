"""Contents that must not be published, in whatever file they stand: keys and tokens by their form.

Most forms are those of gitleaks: `secret_contents.txt` is generated from its rules by
`scripts/update_secret_contents.py`. What stands here is what it lacks, or finds too often.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources

from pages_deploy.site.secret_names import PLACEHOLDER

# How far its surroundings reach around a match.
NEAR_BYTES = 300


@dataclass(frozen=True)
class ContentRule:
    """Content that is refused in whatever file it stands."""

    what: str
    """What it is, in words."""
    form: str
    """How it looks, for people, in Markdown."""
    start: bytes
    """What every match begins with, in the very letters."""
    rest: bytes
    """The expression of what follows; its group `body`, or all of it, is the random part."""
    placeholder: re.Pattern[bytes] = PLACEHOLDER
    """What is found in the random part of an example."""
    least_bits: float = 0.0
    """The entropy of a letter of the random part that is no example."""
    stands_alone: bool = True
    """Whether it is something else where a letter, `_` or `-` stands before it."""
    harmless_near: re.Pattern[bytes] | None = None
    """What stands around a match that is meant to be public."""

    @cached_property
    def expression(self) -> re.Pattern[bytes]:
        """The whole; compiled for the first file that has the start, since most sites have none."""
        start = re.escape(self.start)
        # The start goes first: what begins with plain letters is found fast.
        before = rb"(?<![A-Za-z0-9_-]%s)" % start if self.stands_alone else b""
        rest = self.rest if b"?P<body>" in self.rest else rb"(?P<body>%s)" % self.rest
        # Of what has no fixed length more may follow.
        after = b"" if self.rest.endswith(b"}+") else rb"(?![A-Za-z0-9])"
        return re.compile(start + before + rest + after, re.DOTALL)

    def find(self, text: bytes, end: int) -> int | None:
        """Return where the first match before `end` begins that is no example, or None."""
        if self.start not in text:
            return None
        for found in self.expression.finditer(text, 0, end):
            body = found["body"]
            if self.placeholder.search(body) or _bits_a_letter(body) < self.least_bits:
                continue
            near = text[max(found.start() - NEAR_BYTES, 0) : found.end() + NEAR_BYTES]
            if self.harmless_near is None or not self.harmless_near.search(near):
                return found.start()
        return None


def _bits_a_letter(body: bytes) -> float:
    """Return the entropy of a text, as gitleaks measures it."""
    shares = (count / len(body) for count in Counter(body).values())
    return -sum(share * math.log2(share) for share in shares)


_KEY = ContentRule(
    "a private key",
    "`-----BEGIN ... PRIVATE KEY-----` with all of its base64, also inside of JSON",
    b"-----BEGIN ",
    rb"(?:(?!PRIVATE )[A-Z0-9]++ ){0,3}+PRIVATE KEY(?: BLOCK)?-----(?:\s|\\++[nr])++"
    # What RFC 1421 and PGP write before the key.
    rb"(?:[A-Za-z-]++: [^\r\n\\]++(?:\s|\\++[nr])++)*+"
    # With line ends, also as JSON and shells write them inside of a string.
    rb"(?P<body>(?:[A-Za-z0-9+/=\s]|\\++[nr]){64,}+)-----END",
    # Real keys have runs of `A`, though never as long.
    placeholder=re.compile(rb"(.)\1{15}|abcdefgh", re.IGNORECASE),
    stands_alone=False,
)
# Forty letters of base64, of all three kinds: no hash has capitals.
_AWS_SECRET = (
    rb"(?P<body>(?=[A-Za-z0-9/+]{0,39}[a-z])(?=[A-Za-z0-9/+]{0,39}[A-Z])"
    rb"(?=[A-Za-z0-9/+]{0,39}[0-9])[A-Za-z0-9/+]{40})(?![/+=])"
)
# Between a name and its value, in whatever language.
_EQUALS = rb"[\"']?+(?:\s*+(?:=>|[=:,>])\s*+|\s++)[\"'`]?+"
_GITHUB = rb"(?:[A-Za-z0-9]{36}|[0-9]{1,12}_eyJ[A-Za-z0-9]{19}[\w-]*+\.[\w-]{20,}+\.[\w-]{20,}+)"


def _named(what: str, rest: bytes, *names: str) -> list[ContentRule]:
    """Return the rules for a value that its name tells."""
    form = ", ".join(f"`{name}=...`" for name in names)
    return [
        ContentRule(what, form, name.encode(), _EQUALS + rest, stands_alone=False) for name in names
    ]


def _token(what: str, rest: bytes, *starts: str) -> list[ContentRule]:
    """Return the rules for tokens that begin with one of some texts."""
    form = ", ".join(f"`{start}...`" for start in starts)
    return [ContentRule(what, form, start.encode(), rest) for start in starts]


_OWN = (
    _KEY,
    ContentRule(
        "an AWS key",
        "the ID of an access key, `AKIA...`, and in the next 300 bytes its secret of 40 characters",
        b"AKIA",
        rb"(?!IOSFODNN7EXAMPLE)[A-Z2-7]{16}(?![A-Za-z0-9]).{1,300}?(?<![A-Za-z0-9/+=])"
        + _AWS_SECRET,
    ),
    *_named(
        "an AWS key",
        _AWS_SECRET,
        *("SECRET_ACCESS_KEY", "secret_access_key", "SecretAccessKey", "secretAccessKey"),
    ),
    *_token("a Cloudflare token", rb"[A-Za-z0-9]{40,64}", "cfut_", "cfat_"),
    *_token("a Cloudflare key", rb"[A-Za-z0-9]{40,64}", "cfk_"),
    *_named(
        "a Cloudflare token",
        rb"(?P<body>[A-Za-z0-9_-]{40})(?![_-])",
        *("CLOUDFLARE_API_TOKEN", "CF_API_TOKEN"),
    ),
    *_named("a Cloudflare key", rb"(?P<body>[0-9a-f]{37})", "CLOUDFLARE_API_KEY", "CF_API_KEY"),
    *_token("a GitHub token", _GITHUB, "ghp_", "gho_", "ghu_", "ghs_", "ghr_"),
    *_token("a GitHub token", rb"[A-Za-z0-9]{22}_[A-Za-z0-9]{59}", "github_pat_"),
    *_token("a GitLab token", rb"[\w-]{20,}+(?:\.[0-9a-z.]{2,20}+)?+", "glpat-", "glrt-"),
    *_token("an npm token", rb"[A-Za-z0-9]{36}", "npm_"),
    *_token(
        "a Slack token",
        rb"(?:[0-9]{10,13}-){2,3}+(?P<body>[A-Za-z0-9]{24,34})",
        *("xoxb-", "xoxp-"),
    ),
    *_token("a Stripe key", rb"[A-Za-z0-9]{24,200}", "sk_live_", "rk_live_"),
    *_token(
        "an OpenAI key",
        rb"[\w-]{20,100}?T3BlbkFJ[\w-]{20,}",
        *("sk-proj-", "sk-svcacct-"),
    ),
    *_token("an Anthropic key", rb"(?:api|admin)[0-9]{2}-[\w-]{93}AA", "sk-ant-"),
    *_token("a Google key", rb"[\w-]{28}", "GOCSPX-"),
    ContentRule(
        "a Discord webhook",
        "`/api/webhooks/...`",
        b"/api/webhooks/",
        rb"[0-9]{17,20}+/(?P<body>[\w-]{60,80})",
        stands_alone=False,
    ),
    ContentRule(
        "a Teams webhook",
        "`.webhook.office.com/webhookb2/...`",
        b".webhook.office.com/webhookb2/",
        rb"[0-9a-f-]{36}@[0-9a-f-]{36}/IncomingWebhook/(?P<body>[0-9a-f]{32})",
        stands_alone=False,
    ),
)
# What is public all the same: a key of a page, in an address or in Firebase's settings.
_PUBLIC = {
    b"AIza": re.compile(
        rb"[?&]key=AIza|google(?:apis)?\.com/|authDomain|messagingSenderId|firebase", re.IGNORECASE
    )
}


@cache
def contents() -> tuple[ContentRule, ...]:
    """Return all rules, our own first."""
    table = (resources.files(__package__) / "secret_contents.txt").read_text("utf-8")
    rules = list(_OWN)
    for line in table.splitlines():
        if line and not line.startswith("#"):
            what, start, rest, bits = line.split("\t")
            rules.append(
                ContentRule(
                    what,
                    f"`{start}...`",
                    start.encode(),
                    rest.encode(),
                    least_bits=float(bits),
                    # An address has a scheme before it, or nothing.
                    stands_alone="/" not in start,
                    harmless_near=_PUBLIC.get(start.encode()),
                )
            )
    return tuple(rules)
