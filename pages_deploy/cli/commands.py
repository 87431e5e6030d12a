"""The commands by name, apart from what runs them: the entrypoint needs the names alone."""

from __future__ import annotations

# Imported when called for: a command pays for no other's imports.
COMMANDS = {
    "deploy": "pages_deploy.cli.deploy:command",
    "plan": "pages_deploy.cli.plan:command",
    "preview": "pages_deploy.cli.preview:command",
    "check": "pages_deploy.cli.check:command",
    "verify": "pages_deploy.cli.verify:command",
    "emulator": "pages_deploy.cli.emulator:command",
    "doctor": "pages_deploy.cli.doctor:command",
    "projects": "pages_deploy.cli.projects:command",
    "deployments": "pages_deploy.cli.deployments:command",
    "domains": "pages_deploy.cli.domains:command",
    "zones": "pages_deploy.cli.zones:command",
    "init": "pages_deploy.cli.init:command",
    "help": "pages_deploy.cli.help:help_command",
    "version": "pages_deploy.cli.help:version_command",
}
