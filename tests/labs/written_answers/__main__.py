"""Print the names that a bank of answers gets, next to what their authors say: BANK [LAB ...]."""

import sys

from tests.labs.written_answers import graded, read, tally
from tests.repository import COURSE


def main(bank: str, *labs: str) -> None:
    for lab in labs or [each.name for each in COURSE.labs]:
        answers = read(bank, lab)
        if not answers:
            continue
        found = graded(COURSE, answers)
        for each in found:
            about = each.answer.wrong or each.answer.style
            print(f"\n{each.answer.stub}, {each.points:.0%} of the points: {' '.join(about.split())}")
            print(f"  {each.name or ('not named' if each.rejected else 'not rejected')}")
            print(*([f"  {each.hint}"] if each.hint else []))
            for pitfall in each.pitfalls:
                print(f"  Pitfall, {pitfall.name}: {pitfall.sentence}")
        print(f"\n{tally(lab, found)}")


if __name__ == "__main__":
    main(*sys.argv[1:])
