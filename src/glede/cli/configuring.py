"""`glede config` and `glede doctor`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from glede.cli.app import Shared, before_commands, run, shared
from glede.errors import ConfigurationError

if TYPE_CHECKING:
    from glede.settings import Resolved, Settings


@click.group()
@before_commands
def config(**_: object) -> None:
    """Show the settings and where each one comes from."""


@config.command(name="show")
@shared
def config_show(options: Shared) -> None:
    """All settings, their values, and where each value comes from."""
    from glede.cli.writing import write_json
    from glede.settings import Settings as AllSettings
    from glede.settings import shown

    resolved = options.resolved()
    rows = {
        key: (shown(resolved.settings, key), resolved.origins.get(key, "default"))
        for key in AllSettings.model_fields
    }
    roles = _roles(resolved.settings)
    if options.as_json:
        shown_rows = {key: {"value": value, "origin": origin} for key, (value, origin) in rows.items()}
        write_json({**shown_rows, "roles": roles})
        return
    width = max(map(len, rows))
    for key, (value, origin) in rows.items():
        click.echo(f"{key:<{width}}  {value or '-'}  ({origin})")
    click.echo("\nmodels:")
    for role, facts in roles.items():
        said = f"{facts['model']} {facts['url']}, {facts['key']}" if facts["model"] else "none"
        click.echo(f"  {role:<{width}}  {said}")


def _roles(settings: Settings) -> dict[str, dict[str, str | None]]:
    """The model of each role, where it is asked, and whether it has a key; never the key."""
    from glede.roles import ROLES, model_of
    from glede.settings import without_password

    found: dict[str, dict[str, str | None]] = {}
    for role in ROLES:
        choice = model_of(settings, role)
        if choice is None:
            found[role] = {"model": None, "url": None, "key": None}
            continue
        where = "in this process" if choice.provider == "local" else "at its provider's own address"
        found[role] = {
            "model": choice.name,
            "url": f"at {without_password(choice.url)}" if choice.url else where,
            "key": "a key is set" if choice.key else "no key",
        }
    return found


@config.command(name="explain")
@click.argument("key")
@shared
def config_explain(options: Shared, key: str) -> None:
    """What one setting means, its default, and every way to set it."""
    from glede.cli.writing import write_json

    facts = explained(key, options.resolved())
    if options.as_json:
        write_json(dict(facts))
        return
    for name, value in facts.items():
        click.echo(f"{name}: {value}")


@click.command()
@click.option(
    "--deep", is_flag=True, help="Also what takes long: indexes of the catalogue, pictures, unknown files."
)
@shared
def doctor(options: Shared, deep: bool) -> None:
    """Check every part, compare the stores with one another, and say how to mend what is wrong."""
    from glede.care.doctor import examined
    from glede.cli.writing import write_json

    findings = run(examined(options.resolved().settings, deep=deep))
    if options.as_json:
        write_json(
            {
                "checks": [
                    {
                        "name": one.name,
                        "ok": one.ok,
                        "code": one.code or None,
                        "detail": one.detail,
                        "hint": one.hint,
                    }
                    for one in findings
                ]
            }
        )
    else:
        for one in findings:
            click.echo(f"{'ok  ' if one.ok else 'BAD '} {one.name}: {one.detail}")
            if not one.ok:
                click.echo(f"     hint: {one.hint}")
    if not all(one.ok for one in findings):
        click.get_current_context().exit(1)


def explained(key: str, resolved: Resolved) -> dict[str, str]:
    """What a setting means, its value and origin, its default, and the ways to set it."""
    from pydantic import SecretStr

    from glede.settings import HARMLESS, TUTORIAL_NAMES, shown, user_file
    from glede.settings import Settings as AllSettings

    field = AllSettings.model_fields.get(key)
    if field is None:
        raise ConfigurationError(f"there is no setting {key!r}", hint="`glede config show` lists them all.")
    ways = [f"GLEDE_{key.upper()} in the environment or .env", f"{key} in {user_file(os.environ)}"]
    ways += [f"{name} in the environment or .env" for name, alias in TUTORIAL_NAMES.items() if alias == key]
    if key in HARMLESS:
        ways.append(f"{key} in the project's glede.toml")
    default = "" if isinstance(field.default, SecretStr) else str(field.default)
    return {
        "setting": key,
        "meaning": field.description or "",
        "value": shown(resolved.settings, key),
        "origin": resolved.origins.get(key, "default"),
        "default": default,
        "set by": "; ".join(ways),
    }
