"""`glede config` and `glede doctor`."""

from __future__ import annotations

import click

from glede.cli.app import Shared, run, shared


@click.group()
def config() -> None:
    """Show the settings and where each one comes from."""


@config.command(name="show")
@shared
def config_show(options: Shared) -> None:
    """All settings, their values, and where each value comes from."""
    from glede.cli import shapes
    from glede.settings import Settings, shown

    resolved = options.resolved()
    rows = {
        key: (shown(resolved.settings, key), resolved.origins.get(key, "default"))
        for key in Settings.model_fields
    }
    if options.as_json:
        shapes.write_json({key: {"value": value, "origin": origin} for key, (value, origin) in rows.items()})
        return
    width = max(map(len, rows))
    for key, (value, origin) in rows.items():
        click.echo(f"{key:<{width}}  {value or '-'}  ({origin})")


@config.command(name="explain")
@click.argument("key")
@shared
def config_explain(options: Shared, key: str) -> None:
    """What one setting means, its default, and every way to set it."""
    from glede.cli import shapes
    from glede.settings import explained

    facts = explained(key, options.resolved())
    if options.as_json:
        shapes.write_json(dict(facts))
        return
    for name, value in facts.items():
        click.echo(f"{name}: {value}")


@click.command()
@shared
def doctor(options: Shared) -> None:
    """Check every part, and say how to mend it."""
    from glede.cli import shapes
    from glede.doctor import examined

    findings = run(examined(options.resolved().settings))
    if options.as_json:
        shapes.write_json(
            {
                "checks": [
                    {"name": one.name, "ok": one.ok, "detail": one.detail, "hint": one.hint}
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
        click.get_current_context().exit(4)
