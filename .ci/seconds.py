"""Print how many seconds the tests took, for each folder and file directly in `tests`. Reads pytest's JUnit XML."""

import sys
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree


def seconds_per_place(files: list[str]) -> Counter[str]:
    """Return the seconds taken by each folder and module directly in `tests`."""
    found: Counter[str] = Counter()
    for file in files:
        for case in ElementTree.parse(file).iter("testcase"):
            below = case.get("classname", "").split(".")[1:2] or ["?"]
            found[below[0]] += float(case.get("time", 0))
    return found


if __name__ == "__main__":
    for place, seconds in seconds_per_place([name for name in sys.argv[1:] if Path(name).is_file()]).most_common():
        print(f"{seconds:7.1f} s  {place}")
