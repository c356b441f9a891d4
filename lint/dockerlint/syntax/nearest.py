"""The nearest known word to a misspelt one, for "did you mean" hints."""

from __future__ import annotations

from collections.abc import Iterable

#: Words longer than this are no misspelt keyword, and comparing them would cost time.
_LONGEST = 64


def nearest(word: str, known: Iterable[str], limit: int = 2) -> str | None:
    """The known word with the fewest edits to `word`, at most `limit`; case counts. None if there is none.

    Of several equally near words one with the same letters wins, since two of them are easily swapped; else the first.
    """
    if len(word) > _LONGEST:
        return None
    best: str | None = None
    best_distance, best_is_mixed_up = limit, False
    for candidate in known:
        if abs(len(candidate) - len(word)) > best_distance or candidate == word:
            continue
        distance = edit_distance(word, candidate)
        is_mixed_up = len(candidate) == len(word) and sorted(candidate) == sorted(word)
        if distance < best_distance or (distance == best_distance and (best is None or is_mixed_up > best_is_mixed_up)):
            best, best_distance, best_is_mixed_up = candidate, distance, is_mixed_up
    return best


def edit_distance(left: str, right: str) -> int:
    """The Levenshtein distance: the fewest insertions, deletions and replacements of single code points."""
    row = list(range(len(right) + 1))
    for number, char in enumerate(left, 1):
        previous, row[0] = row[0], number
        for column, other in enumerate(right, 1):
            previous, row[column] = (
                row[column],
                min(row[column] + 1, row[column - 1] + 1, previous + (char != other)),
            )
    return row[-1]


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The end of a message about a wrong word: `: did you mean 'x'?`, or nothing where no known word is near."""
    near = nearest(word, known)
    return f": did you mean '{near}'?" if near else ""
