"""The points in the built exercises, compared with course.yaml, and scores recomputed after points have changed."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from autograder.model.amounts import amount
from autograder.model.course import Course, Lab
from autograder.model.errors import CourseError
from autograder.model.paths import FILE_NAME
from autograder.model.results import Evidence, LabResult, Outcome, status_of


def built_maxima(course: Course, lab: Lab) -> dict[str, float]:
    """Return the points of each graded cell in the exercise, by nbgrader's name for the cell.

    Raises CourseError if they differ from course.yaml, since scores would be wrong no matter which points were used.
    """
    shown = f"exercises/{lab.name}/{lab.name}.ipynb"
    roles = list(roles_in(course.root / shown))
    built = {role["grade_id"]: float(role["points"]) for role in roles if role.get("grade") or role.get("task")}
    # nbgrader handles the cells that students fill in and a person grades. course.yaml doesn't list those.
    locked = {role["grade_id"] for role in roles if not role.get("solution")}
    wanted = {stub.name: stub.points for stub in lab.stubs} | {row.name: row.points for row in lab.judged}
    differences = [f"{name} is in {FILE_NAME} but not in {shown}" for name in wanted if name not in built]
    for name, points in built.items():
        if name in wanted and points != wanted[name]:
            differences.append(
                f"{name} is worth {amount(wanted[name], 'point')} in {FILE_NAME} but {points:g} in {shown}"
            )
        elif name not in wanted and name in locked:
            differences.append(f"{shown} has the graded cell {name}, which isn't in {FILE_NAME}")
    if differences:
        more = f", and {len(differences) - 1} more like this" if differences[1:] else ""
        raise CourseError(f"{differences[0]}{more}. Run `mastery build`, then grade again.")
    return built


def roles_in(path: Path) -> Iterator[dict[str, Any]]:
    """Yield nbgrader's metadata for each cell that has any. Raises CourseError."""
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        yield from (cell["metadata"]["nbgrader"] for cell in cells if "nbgrader" in cell["metadata"])
    except FileNotFoundError:
        raise CourseError(f"{path} doesn't exist; make it with `mastery build`.") from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        said = f"{type(error).__name__}: {error}"
        raise CourseError(f"{path} isn't a notebook ({said}); make it again with `mastery build`.") from error


def rescored(result: LabResult, lab: Lab) -> LabResult:
    """Return the result with the same outcomes, but scored with the stubs' current points. Each check keeps its share
    of its stub's points.

    If a stub used to be worth 0 points, we don't know its checks' shares, so we treat the stub as not graded.
    """
    points = {stub.name: stub.points for stub in lab.stubs}
    before = dict.fromkeys(points, 0.0)
    for each in result.checks:
        before[each.stub] = before.get(each.stub, 0.0) + each.max_points
    checks = [_rescored(each, before[each.stub], points.get(each.stub, 0.0)) for each in result.checks]
    changes: dict[str, Any] = {"checks": checks, "max_score": lab.points}
    if checks and result.score is not None:
        changes["status"] = status_of(checks)
        earned = round(min(sum(each.points for each in checks), lab.points), 4)
        changes["score"] = None if changes["status"] == "not graded" else earned
        if changes["status"] != result.status:
            changes["message"] = next(each.message for each in checks if each.outcome is Outcome.NOT_GRADED)
    return result.model_copy(update=changes)


def _rescored(check: Evidence, before: float, now: float) -> Evidence:
    if check.advisory or before == now:
        return check
    if before == 0:
        message = f"{check.stub} was worth 0 points when this was graded, so it has to be graded again."
        return check.model_copy(update={"outcome": Outcome.NOT_GRADED, "message": message})
    return check.model_copy(
        update={
            "points": round(check.points * now / before, 6),
            "max_points": round(check.max_points * now / before, 6),
        }
    )
