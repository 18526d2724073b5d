"""What nbgrader's own commands and formgrader need to know when they are run in this folder."""

c = get_config()  # noqa: F821  (traitlets puts it there)

c.CourseDirectory.course_id = "how-ai-models-work"

# `mastery build` makes both: the source from solutions/*.py, the exercises from the source.
c.CourseDirectory.source_directory = "build/source"
c.CourseDirectory.release_directory = "exercises"

# nbgrader passes over an exercise that exists, as it does after `mastery build`, and enters nothing in its gradebook.
c.GenerateAssignment.force = True
