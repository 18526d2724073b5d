"""The pictures that explain an idea before its stub: `picture("neuron")` in a cell, whether the stub is solved or not.

Each picture shows the example that the notebook works through by hand, so the numbers are literals here.
"""

from collections.abc import Callable
from itertools import pairwise

from autograder.notebook.colors import BLUE, COLORS, GRAY, ORANGE
from autograder.notebook.shapes import SMALL, Drawing, Picture, bars

GREEN = COLORS[2]
WORDS = ("mat", "floor", "table", "roof", "couch", "others")
SHARES = (0.35, 0.28, 0.15, 0.08, 0.06, 0.08)
# The lesson's table at three temperatures: take the log of SHARES, divide it by the temperature, and apply softmax.
TEMPERED = {
    0.1: (0.903, 0.097, 0.0, 0.0, 0.0, 0.0),
    1.0: SHARES,
    2.0: (0.255, 0.228, 0.167, 0.122, 0.106, 0.122),
}
# The attention weights in the first block of the small model after pre-training.
READ = ("The", "cat", "sat", "on", "the")
ATTENTION = ((1.0,), (0.66, 0.34), (0.05, 0.89, 0.06), (0.05, 0.80, 0.12, 0.03), (0.27, 0.11, 0.01, 0.60, 0.02))


def picture(name: str) -> None:
    """Show one of the course's pictures below the cell.

    If there's no picture with that name, raises a ValueError that lists the pictures.
    """
    if name not in PICTURES:
        raise ValueError(f"there's no picture {name!r}; the pictures are {', '.join(PICTURES)}")
    # The checker uses this module too, and shouldn't have to load IPython.
    from IPython.display import display

    display(PICTURES[name]())


def neuron() -> Picture:
    """Three inputs, their weights and a bias, and the one number that comes out."""
    sheet = Drawing("A neuron", 480, 220)
    inputs = (("size 1500", "× 200", "300,000"), ("rooms 3", "× 10,000", "30,000"), ("age 40", "× −1500", "−60,000"))
    for row, (name, weight, product) in enumerate(inputs):
        y, color = 40.0 + 60 * row, ORANGE if "−" in weight else BLUE
        sheet.box((2, y - 17), (92, 34), name, color=BLUE)
        sheet.arrow((96, y), (232, y), (262, 80 + 20 * row), color=color)
        sheet.words((136, y), weight, size=SMALL, bold=True, over_lines=True)
        sheet.words((204, y), product, size=SMALL, over_lines=True)
    sheet.circle((290, 100), 31, "add\nup")
    sheet.arrow((290, 178), (290, 133))
    sheet.words((290, 190), "bias 20,000")
    sheet.arrow((323, 100), (366, 100))
    sheet.box((370, 78), (106, 44), "290,000", color=GREEN)
    sheet.captions((423, 138, "price in USD"), (48, 205, "inputs"), (136, 205, "weights"), (204, 205, "products"))
    return sheet.picture(
        "Three inputs go in, and each is multiplied by its own weight: size 1500 times 200 is 300,000, rooms 3 times "
        "10,000 is 30,000, age 40 times −1500 is −60,000. The neuron adds the three products and its bias of 20,000, "
        "and one number comes out: 290,000 USD."
    )


def layer() -> Picture:
    """Two inputs, three neurons that each take both inputs, and three outputs."""
    sheet = Drawing("A layer", 480, 236)
    neurons = (
        ("1", "0.5", "0", "2", BLUE),
        ("0", "1", "10", "12", ORANGE),
        ("−2", "1", "−1", "−1", GREEN),
    )
    sources = ((46.0, 44.0, "1"), (46.0, 204.0, "2"))
    for row, (first, second, bias, output, color) in enumerate(neurons):
        y = 44.0 + 80 * row
        for (x0, y0, _), weight, share in zip(sources, (first, second), (0.42, 0.82), strict=True):
            sheet.arrow((x0 + 24, y0), (253, y), color=color)
            at = (x0 + 24 + share * (229 - x0), y0 + share * (y - y0))
            sheet.words(at, f"×{weight}", size=SMALL, bold=True, over_lines=True)
        sheet.circle((278, y), 24, f"+ {bias}".replace("+ −", "− "), color=color)
        sheet.arrow((304, y), (364, y), color=color)
        sheet.box((368, y - 18), (60, 36), output, color=color)
    for x, y, value in sources:
        sheet.circle((x, y), 23, value)
    sheet.captions((46, 12, "inputs"), (278, 12, "neurons"), (398, 12, "outputs"))
    return sheet.picture(
        "Three neurons take the same two inputs, 1 and 2, and each has its own weights and bias. The first computes "
        "1 · 1 + 2 · 0.5 + 0 = 2. The second computes 1 · 0 + 2 · 1 + 10 = 12. The third computes "
        "1 · (−2) + 2 · 1 − 1 = −1."
    )


def gradients() -> Picture:
    """The computational graph of the loss on one house, with the gradients that flow back through it."""
    sheet = Drawing("A computational graph, forward and back", 560, 214)
    steps = (("weight", "200"), ("guess", "300,000"), ("error", "−10,000"), ("loss", "100,000,000"))
    links = (("× size 1500", "× 1500"), ("− price 310,000", "× 1"), ("squared", "× 2 · error"))
    slopes = ("−30,000,000", "−20,000", "−20,000", "1")
    middles = [62.0 + 145 * place for place in range(4)]
    for x, (name, value), slope in zip(middles, steps, slopes, strict=True):
        sheet.words((x, 44), name, bold=True)
        sheet.box((x - 50, 58), (100, 38), value, color=BLUE)
        sheet.box((x - 50, 128), (100, 38), slope, color=ORANGE)
    for (left, right), (forward, back) in zip(pairwise(middles), links, strict=True):
        sheet.arrow((left + 52, 77), (right - 52, 77), color=BLUE, width=2.5)
        sheet.arrow((right - 52, 147), (left + 52, 147), color=ORANGE, width=2.5)
        sheet.words(((left + right) / 2, 20), forward, size=SMALL)
        sheet.line(((left + right) / 2, 30), ((left + right) / 2, 68), dashed=True, width=1)
        sheet.words(((left + right) / 2, 184), back, size=SMALL)
        sheet.line(((left + right) / 2, 156), ((left + right) / 2, 174), dashed=True, width=1)
    sheet.words((280, 205), "the loss's slope for each value: multiply on the way back", size=SMALL)
    return sheet.picture(
        "Going forward, from left to right, the weight 200 times the size 1500 is the guess 300,000. Subtracting the "
        "price 310,000 gives the error −10,000, and squaring that gives the loss 100,000,000. Going back, from right "
        "to left, each step multiplies by its own slope: 1 at the loss; times 2 · error, −20,000 at the error; times "
        "1, still −20,000 at the guess; and times the size 1500, −30,000,000 at the weight."
    )


def valley() -> Picture:
    """The loss plotted against one weight, with three steps of gradient descent down into the valley."""
    sheet = Drawing("The valley", 480, 262)

    def place(x: float) -> tuple[float, float]:
        return 60 + 380 * (x + 0.5) / 7, 200 - 170 * (x - 3) ** 2 / 12.25

    sheet.line((60, 24), (60, 210), (456, 210), width=1)
    sheet.line(*(place(-0.5 + 7 * step / 60) for step in range(61)), color=GRAY, width=2.5)
    walk = (0.0, 0.6, 1.08, 1.464)
    for left, right in pairwise(walk):
        sheet.arrow(place(left), place(right), color=ORANGE, width=2.5)
    for x, (right, up) in zip(walk, ((8, -6), (10, -4), (11, -4), (11, -6)), strict=True):
        sheet.dot(place(x), ORANGE)
        sheet.words((place(x)[0] + right, place(x)[1] + up), f"{x:g}", anchor="start", size=SMALL)
    sheet.line((place(3)[0], 200), (place(3)[0], 216), width=1)
    sheet.captions(
        (place(3)[0], 226, "3, the bottom"),
        (place(0)[0], 226, "0, the start"),
        (258, 248, "weight"),
        (60, 12, "loss"),
        (300, 60, "slope −6 at the start,\nso step right by 0.1 · 6"),
    )
    return sheet.picture(
        "Plotted against the weight x, the loss (x − 3)² is a valley with its bottom at 3. Gradient descent starts at "
        "0, where the slope is −6, and takes three steps against the slope with a learning rate of 0.1: to 0.6, to "
        "1.08 and to 1.464. Each step is shorter than the one before, because the valley gets flatter."
    )


def temperature() -> Picture:
    """A temperature dial from cold to hot, and how it changes the bars for a table of probabilities."""
    sheet = Drawing("The temperature dial", 540, 232)
    for number, (value, shares) in enumerate(TEMPERED.items()):
        left = 10.0 + 180 * number
        sheet.words((left + 80, 14), f"temperature {value:g}", bold=True)
        tops = bars(sheet, (left, 42), (160, 104), shares, 1.0)
        for place, (word, share, (x, y)) in enumerate(zip(WORDS, shares, tops, strict=True)):
            sheet.words((x, y - 8), f"{share:.2f}".lstrip("0") if share else "0", size=10.5)
            sheet.words((x, 156 + 13 * (place % 2)), word, size=10.5)
        sheet.line((left, 146), (left + 160, 146), width=1)
    sheet.arrow((60, 196), (490, 196), color=ORANGE, width=3)
    for x in (90, 270, 450):
        sheet.dot((x, 196), ORANGE, 7)
    sheet.captions((90, 220, "cold: almost always “mat”"), (270, 220, "as trained"), (450, 220, "hot: more even"))
    return sheet.picture(
        "The table after “The cat sat on the” at three temperatures. At 0.1, mat has 0.90, floor 0.10 and the rest "
        "almost nothing. At 1, it's the model's own table: mat 0.35, floor 0.28, table 0.15, roof 0.08, couch 0.06, "
        "others 0.08. At 2, it's more even: 0.26, 0.23, 0.17, 0.12, 0.11 and 0.12. The order never changes."
    )


def top_k() -> Picture:
    """The bars for a table of probabilities, with all but the three tallest removed."""
    sheet = _table("Top-k", 3)
    sheet.words((300, 40), "k = 3: keep the best three,\nhowever likely they are", size=SMALL)
    return sheet.picture(
        "Six bars in order: mat 0.35, floor 0.28, table 0.15, roof 0.08, couch 0.06, others 0.08. If k = 3, the line "
        "comes after table: mat, floor and table stay, and the other three are ruled out."
    )


def top_p() -> Picture:
    """The bars for a table of probabilities with their running totals, cut off where the total reaches p."""
    sheet = _table("Top-p", 3)
    for place, total in enumerate(("0.35", "0.63", "0.78")):
        sheet.words((55 + 70 * place, 214), f"total {total}", size=SMALL, bold=total == "0.78")
    sheet.words((305, 40), "p = 0.7: keep words up to the\nfirst total that reaches 0.7", size=SMALL)
    return sheet.picture(
        "Six bars in order: mat 0.35, floor 0.28, table 0.15, roof 0.08, couch 0.06, others 0.08. The running totals "
        "are 0.35 with mat, 0.63 with floor and 0.78 with table. If p = 0.7, the line comes after table, the first "
        "word that brings the total to 0.7. Mat, floor and table stay."
    )


def generation() -> Picture:
    """The loop in which each drawn token becomes part of the next context."""
    sheet = Drawing("The generation loop", 520, 226)
    sheet.words((75, 14), "context", bold=True)
    for row, (word, new) in enumerate((("The", False), ("cat", False), ("sat", False), ("on", True))):
        sheet.box((30, 28 + 36 * row), (90, 30), word, color=ORANGE if new else BLUE, dashed=new)
    sheet.arrow((126, 82), (186, 82))
    sheet.box((190, 56), (92, 52), "model", color=GRAY)
    sheet.arrow((284, 82), (330, 82))
    sheet.words((382, 14), "next-token probabilities", size=SMALL)
    tops = bars(sheet, (336, 28), (92, 70), (0.8, 0.15, 0.05), 0.9)
    for (x, _), word in zip(tops, ("on", "under", "…"), strict=True):
        sheet.words((x, 108), word, size=SMALL)
    sheet.line((336, 98), (428, 98), width=1)
    sheet.arrow((434, 82), (470, 82), (470, 132))
    sheet.box((420, 136), (98, 34), "draw one", color=GREEN)
    sheet.arrow((468, 172), (468, 202), (75, 202), (75, 174), color=ORANGE, width=2.5)
    sheet.words((268, 190), "“on” is added to the context, and the loop repeats", size=SMALL)
    return sheet.picture(
        "The context “The cat sat” goes into the model, which outputs the probabilities of the next token. One token "
        "is drawn, here “on”. It's added to the end of the context, and the loop repeats with “The cat sat on”, until "
        "the stop token is drawn or there are enough tokens."
    )


def attention() -> Picture:
    """An attention matrix over the words of a sentence."""
    return attention_matrix(
        READ,
        [[*row, *[0.0] * (len(READ) - len(row))] for row in ATTENTION],
        "Attention over “The cat sat on the”",
        "These are the weights in the small model's first block: how much each word looks at itself and the words "
        "before it. Each row sums to 1. The: itself 1. Cat: The 0.66, itself 0.34. Sat: The 0.05, cat 0.89, itself "
        "0.06. On: The 0.05, cat 0.80, sat 0.12, itself 0.03. The second the: The 0.27, cat 0.11, sat 0.01, on 0.60, "
        "itself 0.02. Above the diagonal everything is 0, because no word looks ahead.",
    )


def stages() -> Picture:
    """What goes into each of the three stages of training, and what the model can do afterward."""
    sheet = Drawing("The three stages of training", 560, 240)
    columns = (
        ("1 Pre-training", "texts, lots of them", "guess the next token", "knows language,\nmay not answer", BLUE),
        ("2 Fine-tuning", "questions with answers", "guess the answer’s tokens", "answers\nquestions", ORANGE),
        (
            "3 RLHF or DPO",
            "pairs of answers, rated",
            "give the better one more often",
            "answers as\npeople prefer",
            GREEN,
        ),
    )
    for number, (name, data, task, able, color) in enumerate(columns):
        middle = 93.0 + 187 * number
        sheet.words((middle, 14), data, size=SMALL)
        sheet.arrow((middle, 26), (middle, 50), color=color)
        sheet.box((middle - 78, 54), (156, 46), name, color=color)
        sheet.words((middle, 116), task, size=10.5)
        sheet.arrow((middle, 130), (middle, 158), color=color)
        sheet.box((middle - 64, 162), (128, 52), able)
        if number:
            sheet.arrow((middle - 107, 77), (middle - 82, 77), width=2.5)
    sheet.words((280, 230), "each stage starts from the weights of the one before", size=SMALL)
    return sheet.picture(
        "There are three boxes, one per stage, and each stage starts from the weights of the one before. In "
        "pre-training, the model learns from lots of text to guess the next token. After that it knows language, but "
        "it may answer a question with another question. In fine-tuning, it learns from questions and answers to guess "
        "the tokens of the answers, so now it answers. In RLHF or DPO, people rate pairs of answers, and from that the "
        "model learns to give the better one more often."
    )


def attention_matrix(tokens: tuple[str, ...], weights: list[list[float]], title: str, sentence: str) -> Picture:
    """Draw the weights (T, T) between T tokens as squares. Row i shows how much token i looks at each token."""
    count = len(tokens)
    side = min(44.0, 330 / count)
    longest = max(map(len, tokens))
    left, top = 30 + 8.0 * longest, 40 + (6.5 * longest if count > 6 else 0)
    sheet = Drawing(title, left + side * count + 16, top + side * count + 12)
    sheet.words((left + side * count / 2, 10), "is looked at", size=SMALL)
    sheet.words((10, 10), "looks ↓", size=SMALL, anchor="start")
    for row, token in enumerate(tokens):
        sheet.words((left - 8, top + side * (row + 0.5)), token, anchor="end", size=SMALL)
        sheet.upright((left + side * (row + 0.5), top - 8), token, slanted=count > 6)
        for column in range(count):
            at, weight = (left + side * column, top + side * row), weights[row][column]
            if column > row:
                sheet.line((at[0] + side * 0.4, at[1] + side / 2), (at[0] + side * 0.6, at[1] + side / 2), width=1)
                continue
            sheet.bar(at, (side - 2, side - 2), BLUE, opacity=0.04 + 0.66 * weight)
            if side > 30:
                sheet.words((at[0] + side / 2 - 1, at[1] + side / 2), f"{weight:.2f}".removeprefix("0"), size=SMALL)
    return sheet.picture(sentence)


def _table(title: str, kept: int) -> Drawing:
    """Draw the lesson's table as bars. The bars we keep are blue, and there's a line after the last one."""
    sheet = Drawing(title, 450, 226)
    room = 70.0
    for place, (word, share) in enumerate(zip(WORDS, SHARES, strict=True)):
        tall = 140 * share / 0.4
        left = 30 + room * place
        sheet.bar((left, 176 - tall), (50, tall), BLUE if place < kept else GRAY, opacity=1 if place < kept else 0.45)
        sheet.words((left + 25, 168 - tall), f"{share:.2f}", size=SMALL)
        sheet.words((left + 25, 192), word, size=SMALL)
    sheet.line((20, 176), (446, 176), width=1)
    cut = 30 + room * kept - 10
    sheet.line((cut, 70), (cut, 200), color=ORANGE, dashed=True, width=2.5)
    return sheet


PICTURES: dict[str, Callable[[], Picture]] = {
    "neuron": neuron,
    "layer": layer,
    "gradients": gradients,
    "valley": valley,
    "temperature": temperature,
    "top_k": top_k,
    "top_p": top_p,
    "generation": generation,
    "attention": attention,
    "stages": stages,
}
