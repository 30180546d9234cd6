"""Runs a verb and turns whatever it raises into one line and an exit code."""

from __future__ import annotations

import os
import sys
import traceback
from importlib.metadata import version
from typing import Annotated

import typer

from proxy.cli import anonymise, check, discover, doctor, gateway, graph, keys, ledger, models, probe, profile, report, run, verify
from proxy.cli.console import EXIT_CODES, INTERNAL_EXIT, INTERRUPTED_EXIT, complain, say
from proxy.errors import VeilcastError
from proxy.media.redact import redact

EPILOG = "\n\n".join(
    (
        "**Try it**",
        "`veilcast run --source sample_videos/street.mp4?loop=true` and open http://127.0.0.1:8080",
        "`veilcast run --source rtsp://user:password@camera/stream --sink rtmp://platform/app/key`",
        "`veilcast anonymise holiday.mp4 holiday-hidden.mp4 --report report.json`",
        "Secrets: write `env:NAME` or `file:PATH` wherever a URL or a key is taken.",
        "**Exit codes**",
        "  \n".join(f"`{code}` {meaning}" for code, meaning in EXIT_CODES),
    )
)

app = typer.Typer(
    help="Makes people in live camera streams unrecognisable before anyone sees them.",
    epilog=EPILOG,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for verb in (run, anonymise, check, discover, doctor, probe, profile, models, graph, keys, verify, gateway, ledger, report):
    verb.register(app)


def _say_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"veilcast {version('veilcast')}")
        raise typer.Exit


@app.callback()
def options(
    debug: Annotated[bool, typer.Option("--debug", help="Show where in the program an error came from.")] = False,
    show_version: Annotated[
        bool, typer.Option("--version", help="Show the version and leave.", is_eager=True, callback=_say_version)
    ] = False,
) -> None:
    """Makes people in live camera streams unrecognisable before anyone sees them."""
    del debug, show_version  # the one is read where errors are handled, the other acts at once


def execute(arguments: list[str]) -> int:
    """Run the command with ``arguments``; returns its exit code."""
    try:
        code = app(arguments or ["--help"], standalone_mode=False)
    except (KeyboardInterrupt, typer.Abort):
        say("interrupted")
        return INTERRUPTED_EXIT
    except BrokenPipeError:
        # Whoever read standard output has gone; a second failure while Python flushes it would be shown.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:  # noqa: BLE001 - whatever it is, the user gets a line and a code
        if "--debug" in arguments:
            sys.stderr.write(redact("".join(traceback.format_exception(error))))
        return _explain(error)
    return code if isinstance(code, int) else 0


def _explain(error: Exception) -> int:
    if isinstance(error, VeilcastError):
        complain(error)
        return int(getattr(error, "code", error.exit_code))
    describe = getattr(error, "format_message", None)
    if describe is not None:  # a command line that typer could not understand
        context = getattr(error, "ctx", None)
        say(str(describe()))
        say(f"hint: see {context.command_path if context else 'veilcast'} --help")
        return 2
    say(f"defect: {type(error).__name__}: {error}")
    say("hint: run again with --debug and report what it shows")
    return INTERNAL_EXIT
