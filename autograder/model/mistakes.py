"""Write the names of mistakes the way students read them."""

import re

# If more misconceptions than this could be behind a mistake, students don't read their names: most would be false.
MOST_CAUSES = 3
# Misconceptions' names are function names, so these possessives have no apostrophe there.
_POSSESSIVES = re.compile(r"\b(caller|the prompt)s\b")


def words(misconceptions: str) -> str:
    """Return a misconception's name as you'd write it: with spaces, and with apostrophes in "the caller's array".

    If it's several names, joined with " and " or " or ", each one is in quotes. If too many could be behind one
    mistake, they aren't named.
    """
    quoted = '"{}"' if " " in misconceptions else "{}"
    found = []
    for mistake in misconceptions.split(" and "):
        causes = mistake.split(" or ")
        named = " or ".join(quoted.format(cause) for cause in causes)
        many = f"one of {len(causes)} known mistakes that give the same answers"
        found.append(named if len(causes) <= MOST_CAUSES else many)
    return _POSSESSIVES.sub(r"\1's", " and ".join(found).replace("_", " "))
