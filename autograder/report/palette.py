"""The colors of levels, readable on white and on black, and distinguishable even if you can't tell red from green."""

from autograder.mastery.levels import Level

COLOURS = {
    Level.NOT_STARTED: "#8a8f98",
    Level.ATTEMPTED: "#d55e00",
    Level.FAMILIAR: "#e0a526",
    Level.PROFICIENT: "#4a9bd4",
    Level.MASTERED: "#1b62a5",
}
