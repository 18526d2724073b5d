"""What nbgrader's own commands and formgrader need to know when they're run in this folder."""

from autograder.authoring.nbgrader_preprocessors import PREPROCESSORS
from autograder.gradebook.nbgrader_templates import TEMPLATES

c = get_config()  # noqa: F821  (traitlets puts it there)

c.CourseDirectory.course_id = "how-ai-models-work"

# `mastery build` creates both folders: the source from solutions/*.py, and the exercises from the source.
c.CourseDirectory.source_directory = "build/source"
c.CourseDirectory.release_directory = "exercises"

# Without this, nbgrader skips any exercise that already exists (after `mastery build`, all of them do) and leaves it
# out of its gradebook.
c.GenerateAssignment.force = True
# The cells for answers to questions are released unchanged.
c.GenerateAssignment.preprocessors = PREPROCESSORS

# nbgrader's Autograde (command and button) grades in our sandbox; `mastery grade` does the same for a class, but
# faster.
c.Autograde.pre_convert_hook = "autograder.gradebook.nbgrader_plugin.leave_out_unreadable"
c.Autograde.sanitize_preprocessors = [
    "nbgrader.preprocessors.ClearOutput",
    "autograder.gradebook.nbgrader_plugin.NoRoles",
]
c.Autograde.autograde_preprocessors = ["autograder.gradebook.nbgrader_plugin.Sandboxed"]

# Students write in these files, so keep them as they were handed in.
c.Autograde.exclude_overwriting = {"readiness": ["packet.yaml"]}

# In formgrader and feedback, nothing that a student wrote runs, fetches anything or grows too large.
c.HTMLExporter.filters = {
    "markdown2html": "autograder.gradebook.sanitizing.markdown",
    "clean_html": "autograder.gradebook.sanitizing.sanitized",
    "strip_files_prefix": "autograder.gradebook.sanitizing.unchanged",
}

# Formgrader shows what the gradebook holds, even after `mastery grade` changed it in the meantime.
c.HTMLExporter.preprocessors = ["autograder.gradebook.nbgrader_plugin.Rereads"]

# Formulas are MathML, so these pages don't fetch MathJax from elsewhere.
c.HTMLExporter.extra_template_basedirs = TEMPLATES

# `nbgrader zip_collect` understands the names that Canvas and Moodle give to downloaded submissions.
c.ZipCollectApp.extractor_plugin = "autograder.gradebook.lms.downloads.LmsExtractor"
c.ZipCollectApp.collector_plugin = "autograder.gradebook.lms.downloads.LmsCollector"

# `nbgrader collect` only warns about a submission whose owner isn't the student it claims to be from. Our version
# leaves such a submission in the exchange.
c.ExchangeFactory.collect = "autograder.gradebook.exchange.OwnersCollect"
