"""Texts that look like secrets, made by chance, and what a search finds in files."""

from __future__ import annotations

import base64
import json
import random
import string
from typing import TYPE_CHECKING

from pages_deploy.site.secret_search import FoundSecret, SecretSearch

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

# Made here, so that no scanner of this repository takes them for what they imitate.
DICE = random.Random(20)
LETTERS = string.ascii_letters + string.digits


def letters(count: int, alphabet: str = LETTERS) -> str:
    return "".join(DICE.choices(alphabet, k=count))


def key(kind: str = "", *, ends: str = "\n", headers: str = "", size: int = 600) -> str:
    """Return what looks like a private key in PEM."""
    body = base64.b64encode(DICE.randbytes(size)).decode()
    lines = [body[start : start + 64] for start in range(0, len(body), 64)]
    title = f"{kind} PRIVATE KEY".strip()
    if kind == "PGP":
        title += " BLOCK"
    text = f"-----BEGIN {title}-----\n{headers}" + "\n".join(lines) + f"\n-----END {title}-----\n"
    return text.replace("\n", ends)


def aws(between: str) -> str:
    secret = "aA1" + letters(37)
    return f"AKIA{letters(16, string.ascii_uppercase + '234567')}{between}{secret}"


def hexes(count: int) -> str:
    return letters(count, "0123456789abcdef")


CAPITALS = string.ascii_uppercase + string.digits
LOWER = string.ascii_lowercase + string.digits
SECRET = "aA1" + letters(37)
UUID = "-".join(hexes(size) for size in (8, 4, 4, 4, 12))
JWT = f"eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.{letters(300)}.{letters(200)}"
SECRETS = {
    "PKCS 8": (key(), "a private key"),
    "RSA": (key("RSA"), "a private key"),
    "EC": (key("EC", size=121), "a private key"),
    "Ed25519": (key(size=48), "a private key"),
    "OpenSSH": (key("OPENSSH"), "a private key"),
    "PGP": (key("PGP", headers="Version: GnuPG v2\nComment: mine\n\n"), "a private key"),
    "encrypted": (
        key("RSA", headers="Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00FF\n\n"),
        "a private key",
    ),
    "with line ends of Windows": (key(ends="\r\n"), "a private key"),
    "service account": (
        json.dumps({"type": "service_account", "private_key": key()}, indent=2),
        "a private key",
    ),
    "in a script": (f"const key = '{key(ends=chr(92) + 'n')}';", "a private key"),
    "AWS in a file": (
        f"[default]\naws_access_key_id = {aws(chr(10) + 'aws_secret_access_key = ')}\n",
        "an AWS key",
    ),
    "AWS in a script": (f'{{id:"{aws(chr(34) + ",secret:" + chr(34))}"}}', "an AWS key"),
    "Cloudflare user": (f"cfut_{letters(40)}0badcafe", "a Cloudflare token"),
    "Cloudflare account": (f"cfat_{letters(40)}0badcafe", "a Cloudflare token"),
    "Cloudflare global": (f"cfk_{letters(40)}0badcafe", "a Cloudflare key"),
    **{f"gh{kind}": (f"gh{kind}_{letters(36)}", "a GitHub token") for kind in "opsur"},
    "ghs, the longer form": (f"ghs_2718281_{JWT}", "a GitHub token"),
    "github_pat": (f"github_pat_{letters(22)}_{letters(59)}", "a GitHub token"),
    "glpat": (f"glpat-{letters(20)}", "a GitLab token"),
    "glpat, the longer form": (f"glpat-{letters(37)}.01.{letters(9).lower()}", "a GitLab token"),
    "npm": (f"npm_{letters(36)}", "an npm token"),
    "Slack bot": (f"xoxb-48151623420-9876543210987-{letters(24)}", "a Slack token"),
    "Slack user": (
        f"xoxp-48151623420-48151623421-9876543210987-{letters(32)}",
        "a Slack token",
    ),
    "Stripe secret": (f"sk_live_{letters(24)}", "a Stripe key"),
    "Stripe restricted": (f"rk_live_{letters(99)}", "a Stripe key"),
    "OpenAI": (f"sk-proj-{letters(74)}T3BlbkFJ{letters(74)}", "an OpenAI key"),
    "OpenAI service account": (
        f"sk-svcacct-{letters(74)}T3BlbkFJ{letters(74)}",
        "an OpenAI key",
    ),
    "Anthropic": (f"sk-ant-api03-{letters(93)}AA", "an Anthropic key"),
    "AWS without quotes": (f"AWS_SECRET_ACCESS_KEY={SECRET}", "an AWS key"),
    "AWS in YAML": (f"  aws_secret_access_key: {SECRET}", "an AWS key"),
    "AWS in JSON": (f'{{"SecretAccessKey": "{SECRET}"}}', "an AWS key"),
    "AWS in XML": (f"<SecretAccessKey>{SECRET}</SecretAccessKey>", "an AWS key"),
    "AWS in JavaScript": (f"{{ secretAccessKey: '{SECRET}' }}", "an AWS key"),
    "AWS Bedrock": (f"ABSK{letters(120)}", "an AWS key"),
    "Cloudflare in a variable": (f"CLOUDFLARE_API_TOKEN={letters(40)}", "a Cloudflare token"),
    "Cloudflare in short": (f"export CF_API_TOKEN='{letters(40)}'", "a Cloudflare token"),
    "Cloudflare's older key": (f"CLOUDFLARE_API_KEY: {hexes(37)}", "a Cloudflare key"),
    "CF_API_KEY": (f"CF_API_KEY={hexes(37)}", "a Cloudflare key"),
    "Google": (f"AIza{letters(35)}", "a Google key"),
    "Google OAuth": (f"GOCSPX-{letters(28)}", "a Google key"),
    "SendGrid": (f"SG.{letters(22)}.{letters(43)}", "a SendGrid key"),
    "PyPI": (f"pypi-AgEIcHlwaS5vcmc{letters(150)}", "a PyPI token"),
    "Slack app": (
        f"xapp-1-A0{letters(9, CAPITALS)}-4815162342-{hexes(64)}",
        "a Slack token",
    ),
    "Slack configuration": (f"xoxe.xoxp-1-{letters(163, CAPITALS)}", "a Slack token"),
    "Slack configuration of a bot": (f"xoxe.xoxb-1-{letters(166, CAPITALS)}", "a Slack token"),
    "Slack bot of old": (f"xoxb-263594206564-{letters(24)}", "a Slack token"),
    "Slack webhook": (
        f"https://hooks.slack.com/services/T{letters(9, CAPITALS)}/B0/{letters(32)}",
        "a Slack webhook",
    ),
    "Slack workflow": (
        f"hooks.slack.com/workflows/T0{letters(8, CAPITALS)}/4815162342108151/{letters(34)}",
        "a Slack webhook",
    ),
    "Slack trigger": (
        f"https://hooks.slack.com/triggers/T{letters(9, CAPITALS)}/4815162342/{letters(32)}",
        "a Slack webhook",
    ),
    "Discord webhook": (
        f"https://discord.com/api/webhooks/48151623421081516/{letters(68)}",
        "a Discord webhook",
    ),
    "Teams webhook": (
        f"https://x.webhook.office.com/webhookb2/{UUID}@{UUID}/IncomingWebhook/{hexes(32)}/{UUID}",
        "a Teams webhook",
    ),
    **{
        f"gl{kind}": (f"gl{kind}-{letters(size)}", "a GitLab token")
        for kind, size in (("dt", 20), ("ffct", 20), ("ft", 20), ("imt", 25), ("agent", 50))
    },
    "glrt": (f"glrt-{letters(20)}", "a GitLab token"),
    "glsoat": (f"glsoat-{letters(20)}", "a GitLab token"),
    "gloas": (f"gloas-{letters(64)}", "a GitLab token"),
    "glcbt": (f"glcbt-64_{letters(20)}", "a GitLab token"),
    "glptt": (f"glptt-{hexes(40)}", "a GitLab token"),
    "glrt of a kind": (f"glrt-t1_{letters(27)}.01.{letters(9).lower()}", "a GitLab token"),
    **{
        f"DigitalOcean {kind}": (f"do{kind}_v1_{hexes(64)}", "a DigitalOcean token")
        for kind in "opr"
    },
    **{
        f"Shopify {kind}": (f"shp{kind}_{hexes(32)}", "a Shopify token")
        for kind in ("at", "ca", "pa", "ss")
    },
    "1Password": (f"ops_eyJ{letters(260)}", "a 1Password token"),
    "age": (
        f"AGE-SECRET-KEY-1{letters(58, 'QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L')}",
        "a private key",
    ),
    "Artifactory": (f"AKCp{letters(69)}", "an Artifactory key"),
    "Clojars": (f"CLOJARS_{letters(60)}", "a Clojars token"),
    "EasyPost": (f"EZAK{letters(54)}", "an EasyPost key"),
    "Grafana Cloud": (f"glc_{letters(60)}", "a Grafana token"),
    "Grafana": (f"glsa_{letters(32)}_{hexes(8)}", "a Grafana token"),
    "Heroku": (f"HRKU-AA{letters(58)}", "a Heroku key"),
    "Hugging Face": (f"hf_{letters(34, string.ascii_letters)}", "a Hugging Face token"),
    "Hugging Face organization": (
        f"api_org_{letters(34, string.ascii_letters)}",
        "a Hugging Face token",
    ),
    "Linear": (f"lin_api_{letters(40)}", "a Linear key"),
    "Notion": (f"ntn_48151623421{letters(35)}", "a Notion token"),
    "Perplexity": (f"pplx-{letters(48)}", "a Perplexity key"),
    "Postman": (f"PMAK-{hexes(24)}-{hexes(34)}", "a Postman key"),
    "Prefect": (f"pnu_{letters(36)}", "a Prefect token"),
    "ReadMe": (f"rdme_{letters(70, LOWER)}", "a ReadMe key"),
    "RubyGems": (f"rubygems_{hexes(48)}", "a RubyGems key"),
    "Scalingo": (f"tk-us-{letters(48)}", "a Scalingo token"),
    "Brevo": (f"xkeysib-{hexes(64)}-{letters(16)}", "a Brevo key"),
    "Sentry": (f"sntryu_{hexes(64)}", "a Sentry token"),
    "Sentry organization": (
        f"sntrys_eyJpYXQiO{letters(60)}LCJyZWdpb25fdXJs{letters(60)}==_{letters(43)}",
        "a Sentry token",
    ),
    **{
        f"SettleMint {kind}": (f"sm_{kind}at_{letters(16)}", "a SettleMint token") for kind in "aps"
    },
    "Square": (f"sq0atp-{letters(22)}", "a Square token"),
    "Twilio": (f"SK{hexes(32)}", "a Twilio key"),
}


class SeenContents(SecretSearch):
    """Remembers what it is shown."""

    def __init__(self, then: Callable[[str], None] = lambda _path: None) -> None:
        super().__init__()
        self.seen: list[tuple[str, bytes]] = []
        self._then = then

    def glance(self, path: str, head: bytes) -> bool:
        self.seen.append((path, head))
        self._then(path)
        return super().glance(path, head)


def secrets_in(files: Mapping[str, bytes | str]) -> list[FoundSecret]:
    secrets = SecretSearch()
    for path, content in files.items():
        secrets.search(f"/{path}", content.encode() if isinstance(content, str) else content)
    return secrets.found
