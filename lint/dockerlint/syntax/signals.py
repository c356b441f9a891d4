"""Signals as STOPSIGNAL names them."""

from __future__ import annotations

from typing import NamedTuple

from dockerlint.syntax.integers import parse_signed
from dockerlint.syntax.invalid import Invalid, quoted
from dockerlint.syntax.nearest import did_you_mean

_FIRST_REAL_TIME = 34
_LAST_REAL_TIME = 64


def _linux_signals() -> dict[str, int]:
    """Name without `SIG` to number on Linux (x86 and ARM), the usual name of a number before its other names."""
    names = (
        "HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU "
        "URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS"
    )
    signals = {name: number for number, name in enumerate(names.split(), 1)}
    signals |= {"RTMIN": _FIRST_REAL_TIME, "RTMAX": _LAST_REAL_TIME}
    signals |= {f"RTMIN+{step}": _FIRST_REAL_TIME + step for step in range(1, 16)}
    signals |= {f"RTMAX-{step}": _LAST_REAL_TIME - step for step in range(1, 15)}
    return signals | {"CLD": signals["CHLD"], "IOT": signals["ABRT"], "POLL": signals["IO"]}


SIGNALS = _linux_signals()
"""What the engine knows on Linux: names without `SIG` (aliases last) and their numbers."""

_NAMES = {number: name for name, number in reversed(SIGNALS.items())}


class Signal(NamedTuple):
    """A signal: its number, and its usual name with `SIG`, or None for a number that is no signal of Linux."""

    number: int
    name: str | None


def parse_signal(text: str) -> Signal | Invalid:
    """The signal that BuildKit reads from the (expanded) word of STOPSIGNAL.

    A name in any case with or without `SIG`, also `RTMIN+1` to `RTMIN+15` and `RTMAX-14` to `RTMAX-1`; or any whole
    number but 0, also one that is no signal (`99`, `-5`): the build passes, and stopping the container then fails.
    """
    number = parse_signed(text, 64)
    if number is not None:
        if number == 0:
            return Invalid(f"{quoted(text)} is not a signal", 0, len(text))
        name = _NAMES.get(number)
        return Signal(number, f"SIG{name}" if name is not None else None)
    word = text.upper().removeprefix("SIG")
    number = SIGNALS.get(word)
    if number is None:
        known = (f"SIG{name}" for name in SIGNALS)
        return Invalid(f"{quoted(text)} is not a signal{did_you_mean(f'SIG{word}', known)}", 0, len(text))
    return Signal(number, f"SIG{_NAMES[number]}")
