"""Runs a command so that nothing that goes wrong shows as a traceback."""

from __future__ import annotations

import gc
import os
import sys
from importlib import import_module

from dockerlint import __version__
from dockerlint.config.document import ConfigError
from dockerlint.registry import RegistryError
from dockerlint.report.visible import visible

#: Exit statuses beyond those of findings (0 and 1).
TROUBLE = 2
BROKEN_PIPE = 141


class CommandError(Exception):
    """The command cannot do what it was asked for; the message says why."""


def guarded(module: str, arguments: list[str]) -> int:
    """Run a command's module, and give its exit status.

    Wrong usage, wrong settings and trouble with files end with 2 and a message on standard error. So does a bug of
    ours, with what is needed to report it. A reader that stops reading (`dlint | head`) is no error worth a word; the
    status is then that of a program which the signal ended.
    """
    # What a run makes holds no circles, so the collector finds nothing and takes a tenth of the time.
    gc.disable()
    try:
        _prepare_streams()
        status: int = import_module(module).run(arguments)
        sys.stdout.flush()
    except (ConfigError, RegistryError, CommandError) as error:
        complain(str(error))
        return TROUBLE
    except BrokenPipeError:
        # The interpreter flushes once more at its end, which must not fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE
    except OSError as error:
        complain(": ".join(filter(None, (error.filename, error.strerror or str(error)))))
        return TROUBLE
    except SystemExit as end:
        # argparse ends the program by itself after `--help` and wrong usage.
        return end.code if isinstance(end.code, int) else TROUBLE
    except Exception as error:  # noqa: BLE001 - whatever it is, users get one line and not a traceback
        complain(described(error))
        return TROUBLE
    return status


def described(error: BaseException) -> str:
    """A bug as one line, with the place where it showed."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = "" if place is None else f" at {os.path.basename(place.tb_frame.f_code.co_filename)}:{place.tb_lineno}"
    what = f"{type(error).__name__}{where}: {error}" if str(error) else f"{type(error).__name__}{where}"
    return f"internal error: {what} (a bug in dlint {__version__}: please report this line and the Dockerfile)"


def complain(message: str) -> None:
    """Write a message to standard error, each line marked as ours."""
    for line in message.splitlines() or [""]:
        sys.stderr.write(f"dlint: {visible(line)}\n")


def _prepare_streams() -> None:
    """Let standard output and error take characters that their encoding lacks, as escapes.

    A stream that the program was started without takes everything and keeps nothing.
    """
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115 - open until the end
        reconfigure = getattr(getattr(sys, name), "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")
