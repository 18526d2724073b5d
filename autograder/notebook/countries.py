"""What the small language model knows about countries, and two ways to answer a question about a capital."""

CAPITALS = {
    "Spain": "Madrid",
    "Italy": "Rome",
    "Greece": "Athens",
    "Japan": "Tokyo",
    "Norway": "Oslo",
    "Poland": "Warsaw",
    "Portugal": "Lisbon",
    "Sweden": "Stockholm",
    "Turkey": "Ankara",
    "Hungary": "Budapest",
    "Finland": "Helsinki",
    "France": "Paris",
}
LANGUAGES = {
    "Spain": "Spanish",
    "Italy": "Italian",
    "Greece": "Greek",
    "Japan": "Japanese",
    "Norway": "Norwegian",
    "Poland": "Polish",
    "Portugal": "Portuguese",
    "Sweden": "Swedish",
    "Turkey": "Turkish",
    "Hungary": "Hungarian",
    "Finland": "Finnish",
    "France": "French",
}


def question_about(country: str) -> str:
    """Return the question about the country's capital."""
    return f"What is the capital of {country}?"


def plain(country: str) -> str:
    """Return only the answer."""
    return f"The capital of {country} is {CAPITALS[country]}."


def wordy(country: str) -> str:
    """Return the answer, plus something that nobody asked for."""
    return f"{plain(country)} The people of {country} speak {LANGUAGES[country]}."
