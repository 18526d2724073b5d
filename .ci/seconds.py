"""Print the seconds that tests took, per folder of `tests` or per file directly in it. Reads pytest's JUnit XML."""

import sys
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree


def seconds_per_place(files: list[str]) -> Counter[str]:
    """Return seconds by the first name below `tests`, which is a folder or a module."""
    found: Counter[str] = Counter()
    for file in files:
        for case in ElementTree.parse(file).iter("testcase"):
            below = case.get("classname", "").split(".")[1:2] or ["?"]
            found[below[0]] += float(case.get("time", 0))
    return found


if __name__ == "__main__":
    for place, seconds in seconds_per_place([name for name in sys.argv[1:] if Path(name).is_file()]).most_common():
        print(f"{seconds:7.1f} s  {place}")
