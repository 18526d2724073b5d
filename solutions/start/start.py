# %% [markdown]
# # Start here: notebooks, arrays and your first check
#
# **About 15 minutes.** Builds on a little Python: variables, lists, functions. You need to know nothing about Jupyter
# or numpy. Nothing here counts towards a score, so break things freely.
#
# Every lab of this course is a notebook like this one. You read a little, write a function, and a check tells you at
# once whether it is right, and if not, what is wrong. This page shows you how that works.
#
# | part | what you learn | minutes |
# |---|---|---|
# | 1 | running cells, and starting afresh | 3 |
# | 2 | arrays: shape and dtype | 3 |
# | 3 | axis: along the rows or down the columns | 4 |
# | 4 | your first function, and reading a check's answer | 4 |
# | 5 | saving and handing in | 1 |

# %% [markdown]
# ## Where this leads
#
# Click into the cell below and press **Shift + Enter**. One small language model answers your question four times: as
# it was before any training, and after each of three stages.

# %%
from autograder import play, progress

play("stages")

# %% [markdown]
# The model is the same in all four rows; only its 43,120 weights differ.
#
# - *Untrained*, its weights are random numbers, and so is what it says.
# - *Pre-trained* on 364 lines of text, it has learned language. It answers a question with more questions, since that's
#   what came after questions in its texts.
# - *Fine-tuned* on 28 questions with their answers, it answers. The question about France wasn't among them.
# - *Preference-tuned* on 11 pairs of answers. In each pair people liked the one that says a bit more, so it says more.
#
# Ask it something else: `Explain gravity simply`, say, or a capital. It knows only what was in its texts.
#
# **You'll build every part of this:** the seven boxes below, through which every language model turns your text into
# its own, and the training that finds the weights. Each box lights up when you've finished it. The picture is at the
# top of every lab.

# %%
progress()

# %% [markdown]
# ## 1. Running a cell
#
# A notebook is made of **cells**. Some hold text, like this one; some hold Python, like the next one. Click into the
# next one and press **Shift + Enter**. That runs it and moves on to the one after it.

# %%
import matplotlib.pyplot as plt
import numpy as np

from autograder import check, show, solved

# %% [markdown]
# Nothing to see? That is right: this cell only fetches what the notebook needs. numpy, which everybody calls `np`,
# computes with tables of numbers; `plt` draws pictures; the last line gets three helpers of this course. Every lab
# starts with such a cell.
#
# Left of the cell stands a number in brackets: `[1]` means that it was the first cell to run. While a cell is running,
# a star stands there: `[*]`. Now run the next one.

# %%
sum([2, 3])

# %% [markdown]
# The value of the last line appears below the cell: 5.
#
# Now change the 3 to a 4 and run the cell again. **Changing a cell does nothing until you run it.** That is the most
# common slip of all, so remember it.
#
# Cells share their variables. Run the next two cells, and then the second of them once more.

# %%
pens = 3

# %%
pens = pens + 1
print(pens)

# %% [markdown]
# It printed 4, and the second time 5, because the notebook remembers everything that has run, in the order in which
# *you* ran it. After an hour of trying things out, that memory can be quite unlike what is on the page. So now and
# then, and always before you hand in, start afresh. In the menu choose
#
# > **Kernel > Restart Kernel and Run All Cells…**
#
# The *kernel* is the Python behind the notebook. Restarting it forgets all variables (your text stays as it is), and
# then every cell runs once, from top to bottom. Try it, and come back here: 4 again.
#
# If a star `[*]` never goes away, a loop may be running without end. **Kernel > Interrupt Kernel**, or the button with
# the square, stops it.

# %% [markdown]
# ## 2. Arrays
#
# Models are made of numbers in tables, and in numpy such a table is an **array**.
#
# Three people wrote down how many hours they practised on four days. Each person is a row, each day a column:
#
# | | Mon | Tue | Wed | Thu |
# |---|---|---|---|---|
# | **Ada** | 1 | 2 | 3 | 6 |
# | **Ben** | 0 | 1 | 0 | 3 |
# | **Cleo** | 2 | 4 | 5 | 5 |
#
# As an array, it is a list of rows:

# %%
table = np.array(
    [
        [1.0, 2.0, 3.0, 6.0],
        [0.0, 1.0, 0.0, 3.0],
        [2.0, 4.0, 5.0, 5.0],
    ]
)
print(table)
print("shape:", table.shape)
print("dtype:", table.dtype)

# %% [markdown]
# **Shape** says how large the array is: `(3, 4)` is 3 rows and 4 columns, always in this order. A plain row of four
# numbers has the shape `(4,)`; the comma is Python's way to write a list of one.
#
# **dtype** says what kind of numbers it holds. `float64` are numbers with a decimal point, `int64` are whole numbers.
# It matters when you write a fraction into an array of whole numbers: everything after the point is thrown away. And
# mind the two divisions: `7 / 2` is 3.5, but `7 // 2` is 3.
#
# Counting starts at 0, so `table[0]` is the first row, and `table[0, 3]` is what stands there in the fourth column.
# Arithmetic works on all numbers at once:

# %%
print("Ada's hours:", table[0])
print("Ada on Thursday:", table[0, 3])
print("Ada's hours in minutes:", 60 * table[0])

# %% [markdown]
# ## 3. Axis
#
# `table.sum()` adds up everything and gives one number. Often you want a number for each person or for each day
# instead, and `axis` says which:
#
# - **axis=0** goes *down*, from row to row. What is left is one number for each **column**.
# - **axis=1** goes *across*, from column to column. What is left is one number for each **row**.
#
# There is a trick that always works: **the axis that you name is the one that disappears from the shape.** The shape
# is `(3, 4)`. Take away number 0, the 3, and `(4,)` is left: one for each day. Take away number 1, the 4, and `(3,)` is
# left: one for each person.
#
# Before you run the next cell, guess: what is Ada's total, and in which of the lines will it be?

# %%
print("everything:", table.sum())
print("axis=0:", table.sum(axis=0), "shape", table.sum(axis=0).shape)
print("axis=1:", table.sum(axis=1), "shape", table.sum(axis=1).shape)

# %% [markdown]
# Ada's 1 + 2 + 3 + 6 = 12 is the first number of the last line. `max`, `min` and `mean` take an `axis` in the same way.
# `axis=-1` means the last axis, whichever it is; in a table that is axis 1.
#
# **keepdims.** Sometimes the axis should not disappear. With `keepdims=True` it stays, with length 1:

# %%
totals = table.sum(axis=1, keepdims=True)
print(totals, "shape", totals.shape)

# %% [markdown]
# Why would anyone want that? To put the totals *beside* the table, each in the row it belongs to. Then one division
# serves all rows, and gives each day's share of a person's hours:

# %%
shares = table / totals
print(shares.round(2))
print("each row adds up to", shares.sum(axis=1))

# %% [markdown]
# Numpy matches shapes from the right. `(3, 4)` and `(3, 1)` fit, for a length of 1 is stretched to 4. `(3, 4)` and
# `(3,)` do not, because 4 is not 3. Tables whose rows add up to 1 will be with you through the whole course.

# %% [markdown]
# ## 4. Your first function
#
# Now you write something. A **stub** is a function whose inside is missing. Its first lines say what goes in and what
# must come out; the rest is yours. This one takes a table and gives the mean of each row: the sum of its numbers,
# divided by how many there are.
#
# **By hand.** Ada: (1 + 2 + 3 + 6) / 4 = **3** hours a day. Ben: 4 / 4 = **1**. Cleo: 16 / 4 = **4**. So for our table
# the answer is an array of the shape `(3,)`: 3, 1, 4. It has to work for *every* table, of any number of rows and
# columns.
#
# First change nothing. Run the stub, and then the check below it.


# %%
def row_means(table):
    """Mean of each row of a table.

    table: array of shape (N, M), N rows and M columns, of floats or integers; at least
        one of each. It is left as it is.
    Returns a float array of shape (N,): the mean of every row, in order. Raises nothing
    of its own.
    """
    ### BEGIN SOLUTION
    return table.mean(axis=1)
    ### END SOLUTION


# %%
check("row_means")

# %% [markdown]
# The first check of a session takes some seconds, the later ones do not. As long as nothing is written, it says
# **unsolved** everywhere. That is no mistake; it is where everybody starts.
#
# ### Wrong on purpose
#
# Go back to the stub. Take out the two lines `# YOUR CODE HERE` and `raise NotImplementedError()`, and put this line in
# their place. Keep the four spaces in front; Python goes by them.
#
# ```python
#     return table.mean(axis=0)
# ```
#
# Run the stub, then the check, and read its answer from top to bottom:
#
# - **The first line** counts how many checks passed. Points and levels come later, when your work is graded.
# - **Each check** has an outcome and a sentence. The sentence says what your function should be able to do. *Passed*:
#   it can. *Failed*: another answer came back. *Error*: your code broke off; you are shown the line.
# - **Checks that fail come first**, and the first of them is open. Click on the others to open them.
#   - **Called** is what was asked of your function. You can try the same in a cell of your own; the **+** button above
#     the notebook makes one. *Run this call yourself* has the lines to paste there.
#   - **Got** is what your function gave back.
#   - **Wanted** is the right answer to the same question.
#   - **Where** says where the two first part. For the first table it is the shape: four numbers came back, one for
#     each day, and three were wanted, one for each person. For the square table the shapes agree, and the first
#     numbers that differ are named.
# - **This looks like …** is the mistake by its name, with a sentence that explains it. The course knows many mistakes.
#   If yours is not among them, that part is missing, and you go by Called, Got and Wanted.
# - **The last line** says how many more checks run when your work is graded. They ask for the same, with other numbers.
#   A function that is right for every table has nothing to fear from them.
#
# ### And now right
#
# Mend the line, run the stub, run the check. Change, run, check, read: that is all there is to it, in every lab.
#
# **Stuck?** There are hints, two or three for each stub, from a nudge to almost there. In the notebook they are below a
# check that fails, behind a click. In a terminal, `mastery hint row_means` shows one step at a time. They cost nothing.
# There are also many right ways to write a function; only the numbers that come back are compared. Once all checks
# pass, you are offered one more: the reference, written with torch and explained line by line.
#
# And then **look** at your result. Such a look comes with most stubs. It should show bars of 3, 1 and 4. Every picture
# also says in words what to see in it, for anyone who uses a screen reader, and its numbers unfold below it.

# %%
means = solved(row_means, table)
if means is not None and np.shape(means) == (3,):
    figure, axes = plt.subplots()
    axes.bar(["Ada", "Ben", "Cleo"], means)
    axes.set(xlabel="person", ylabel="mean (hours a day)")
    show(
        figure,
        "Three bars, the mean hours a day of each person. Ada's should be 3 high, Ben's 1, and Cleo's 4.",
    )

# %% [markdown]
# If the stub is unsolved, such a cell only says so. Sooner or later some other cell will answer with a long error on
# red. Read it from the **bottom**: the last line says what is wrong.

# %% [markdown]
# ## 5. Saving and handing in
#
# **Save** with Ctrl + S (on a Mac: Cmd + S). A dot on the notebook's tab means that something is not saved yet.
#
# **Before you hand in**, choose *Kernel > Restart Kernel and Run All Cells…* once more and see that the checks still
# pass. Do not rename stubs: they are found by their names.
#
# **Hand in** from a terminal (in JupyterLab: *File > New > Terminal*):
#
# ```sh
# mastery submit start
# ```
#
# It says where your work went, and leaves a receipt. Or, if your course takes files on a web page (Moodle, Canvas and
# the like), choose *File > Download* and upload what you get there. You may hand in as often as you like. Try it with
# this lab: it is worth nothing, so nothing can go wrong.
#
# ## What you have now
#
# - A changed cell does nothing until it is run; *Restart Kernel and Run All Cells* is how to be sure.
# - The axis that you name is the one that disappears from the shape; `keepdims=True` keeps it with length 1.
# - A check says what was called, what came back, what was wanted, and where they part.
#
# **Next:** lab 1, `neuron`, begins with one weight and the price of a house, and ends with a small network. Open
# `neuron/neuron.ipynb`.
