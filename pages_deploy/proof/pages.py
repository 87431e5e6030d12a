"""The pages of a deployment, told by its manifest: at which address it serves which content.

A page is an HTML asset at the address at which Pages serves it. None are `404.html`, what the
site's own `_redirects` answer for, and what its Worker answers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pages_deploy.rules.addresses import address_of, as_sent
from pages_deploy.rules.answers import Answers
from pages_deploy.rules.redirects import read_redirects

if TYPE_CHECKING:
    from pages_deploy.rules.routes_json import RoutesRules
    from pages_deploy.site.manifest import Manifest

_ERROR_PAGE = "/404.html"


class Pages:
    """The pages of one manifest; `worker_rules` say which paths a Worker answers."""

    def __init__(self, manifest: Manifest, *, worker_rules: RoutesRules | None = None) -> None:
        special = manifest.special_files.get("_redirects", b"")
        self._redirects = read_redirects(special.decode("utf-8", "replace"))
        self._worker_rules = worker_rules
        files = frozenset(asset.path for asset in manifest.assets)
        self._answers = Answers(files, self._redirects, worker_rules=worker_rules)
        self.hashes: dict[str, str] = {}
        """The asset hash of each page by its address, which is decoded."""
        self.left_to_worker = 0
        """How many HTML assets are at an address that the Worker answers."""
        for asset in manifest.assets:
            if not asset.is_page or asset.path.endswith(_ERROR_PAGE):
                continue
            address = address_of(asset.path, self._answers.has)
            if address is None or self._is_ruled(address):
                continue
            if self._is_workers(address):
                self.left_to_worker += 1
            else:
                self.hashes[address] = asset.hash

    def answers(self, address: str) -> bool:
        """Whether something answers at an address, decoded: a file, a rule, the Worker."""
        # Where a rule leads is its author's choice.
        return self._is_ruled(address) or self._answers.at(as_sent(address)).is_there

    def _is_ruled(self, address: str) -> bool:
        return self._redirects.matches(as_sent(address))

    def _is_workers(self, address: str) -> bool:
        return self._worker_rules is not None and self._worker_rules.matches(as_sent(address))
