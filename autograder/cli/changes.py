"""`mastery changes`: print the list of changed scores again."""

from rich.markup import escape

from autograder.cli.common import Database, Json, Labs, console, course_at_hand, labs_of, verbs_of
from autograder.model.escaping import terminal

verb = verbs_of("Instructors")


@verb("instructor")
def changes(labs: Labs = None, db: Database = None, as_json: Json = False) -> None:
    """Print every score and late penalty that changed without a new submission: before and after, when and why.

    Example: mastery changes softmax
    """
    course = course_at_hand()
    from autograder.gradebook.gradebook import Gradebook
    from autograder.gradebook.settings import settings_of

    chosen = {lab.name for lab in labs_of(course, labs)}
    with Gradebook(course, settings_of(course), db) as book:
        # If no lab is named, show all changes, including those in labs that the course no longer has.
        found = [each for each in book.changes() if not labs or each.lab in chosen]
    for each in found:
        said = f"{each.changed_at:%Y-%m-%d %H:%M} UTC  {each}"
        print(each.model_dump_json()) if as_json else console.print(escape(terminal(said)), soft_wrap=True)
    if not found and not as_json:
        console.print("No score has changed.")
