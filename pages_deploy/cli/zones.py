"""`pages-deploy zones ...`: the cache in front of custom domains."""

from __future__ import annotations

import click

from pages_deploy.cli.connection import CONNECTION_OPTIONS, open_client
from pages_deploy.cli.helpful import HelpfulGroup
from pages_deploy.cli.parameters import with_api_options
from pages_deploy.cli.printing import print_json, print_table
from pages_deploy.cli.runtime import Given, Runtime
from pages_deploy.deploy.purge import PERMISSION_HINT
from pages_deploy.errors import AuthenticationError, SettingsError
from pages_deploy.settings import options
from pages_deploy.text.amounts import counted


@click.group(cls=HelpfulGroup, help="Zones: the cache in front of custom domains.")
def command() -> None:
    pass


@command.command("list", help="List the zones that the token can see, to find an id by name.")
@click.option("--name", default="", help="Only the zone of this domain.")
@with_api_options(CONNECTION_OPTIONS)
def list_zones(runtime: Runtime, /, *, name: str, as_json: bool, given: Given) -> None:
    settings = runtime.settings(given)
    with open_client(settings, runtime, settings.credentials) as client:
        zones = list(client.zones.list(name=name))
    if as_json:
        print_json(runtime, zones)
    else:
        print_table(runtime, ("id", "name"), [(zone.id, zone.name) for zone in zones])


@command.command("purge", help="Purge the cache: everything, or what is named.")
@click.option("--everything", is_flag=True, help="The whole cache of the zone.")
@click.option("--host", "hosts", multiple=True, help="Everything of this host name; repeatable.")
@click.option("--file", "files", multiple=True, metavar="URL", help="One address; repeatable.")
@click.option("--tag", "tags", multiple=True, help="All with this Cache-Tag; repeatable.")
@click.option(
    "--prefix",
    "prefixes",
    multiple=True,
    metavar="HOST/PATH",
    help="Everything below this address; repeatable.",
)
@with_api_options([options.ZONE_ID, options.PURGE_API_TOKEN, *CONNECTION_OPTIONS])
def purge(
    runtime: Runtime,
    /,
    *,
    everything: bool,
    hosts: tuple[str, ...],
    files: tuple[str, ...],
    tags: tuple[str, ...],
    prefixes: tuple[str, ...],
    as_json: bool,
    given: Given,
) -> None:
    settings = runtime.settings(given)
    zone_id = settings.required(options.ZONE_ID)
    named = len(hosts) + len(files) + len(tags) + len(prefixes)
    if everything == bool(named):
        raise SettingsError(
            "Choose what to purge: --everything alone, or some of --host, --file, --tag, --prefix."
        )
    with open_client(settings, runtime, settings.purge_credentials) as client:
        try:
            if everything:
                client.zones.purge_everything(zone_id)
            client.zones.purge_hosts(zone_id, hosts)
            client.zones.purge_files(zone_id, files)
            client.zones.purge_tags(zone_id, tags)
            client.zones.purge_prefixes(zone_id, prefixes)
        except AuthenticationError as error:
            raise error.with_hint(PERMISSION_HINT) from error
    what = "everything" if everything else counted(named, "item")
    if as_json:
        print_json(runtime, {"purged": what, "zone_id": zone_id})
    else:
        runtime.print_line(f"Purged {what} of zone {zone_id}")
