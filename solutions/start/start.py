# %% [markdown]
# # Start here: notebooks, arrays and your first check
#
# **About 25 minutes.** Assumes a little Python: variables, lists and functions. You don't need to know Jupyter or
# numpy. Nothing here counts toward a score, so feel free to break things.
#
# Each lab in this course is a notebook like this one. You read a little, write a short function, and run a check. The
# check tells you right away whether your function works, and if it doesn't, what's wrong. This notebook shows you
# how.
#
# Two pages are worth keeping open. In ten minutes, [page 0](../lesson/lesson.ipynb) tells the whole story of how a
# language model works, and the labs fill in the details. The [glossary](../glossary/glossary.ipynb) explains every term
# that's in *italics* the first time you meet it.
#
# | part | you do | it answers | minutes |
# |---|---|---|---|
# | 1 | run cells, restart | how does a notebook work? | 5 |
# | 2 | make an array | what are shape and dtype? | 4 |
# | 3 | sum along an axis | which numbers get added up? | 4 |
# | 4 | `row_means` | how do I write a function and read its check? | 8 |
# | 5 | save and submit | how do I submit my work? | 4 |

# %% [markdown]
# ## Where this leads
#
# Click into the cell below and press **Shift + Enter**. A small language model answers the question "What is the
# capital of France?" four times: before any training, and after each of its three training stages.

# %%
from autograder import play, progress

play("stages")

# %% [markdown]
# The model is the same in all four rows. Only its 43,120 *weights* differ: the numbers it calculates with, which
# training adjusts.
#
# - *Untrained*: its weights are random numbers, and what it says is random, too.
# - *Pre-trained* on 364 lines of text, it has learned to write similar text. It answers a question with more questions,
#   since that's what usually came after a question in its training data.
# - *Fine-tuned* on 28 question-answer pairs, it answers the question. This question wasn't one of them: from the pairs
#   it learned how to answer, but what it knows about Paris comes from the 364 lines.
# - *Preference-tuned* on 11 pairs of answers, it says a bit more, because in each pair people preferred the answer that
#   said more.
#
# Ask it something else: `Explain gravity simply`, say, or `What is the capital of Japan?` It only knows what was in
# its training data, which mentions just 12 countries.
#
# **You'll build every part of this:** the seven boxes below, which every language model uses to turn your text into
# its answer, and the training that finds the weights. Each box lights up when you've finished it. You'll see this
# picture at the top of every lab.

# %%
progress()

# %% [markdown]
# ## 1. Running a cell
#
# A notebook is made up of **cells**. Some hold text, like this one, and some hold Python, like the next one. Click
# the next cell and press **Shift + Enter**. That runs it and moves on to the cell below.

# %%
import matplotlib.pyplot as plt
import numpy as np

from autograder import check, show, solved

# %% [markdown]
# Nothing happened? That's fine: this cell only imports what the notebook needs. numpy, which everyone calls `np`,
# does math on arrays of numbers. `plt` draws plots. The last line imports three helpers from this course. Every lab
# starts with a cell like this.
#
# To the left of each code cell is a number in brackets. `[1]` means it was the first cell to run, and `[*]` means
# it's still running. Now run the next cell.

# %%
sum([2, 3])

# %% [markdown]
# The value of the last line appears below the cell: 5.
#
# Now change the 3 to a 4 and run the cell again. **Editing a cell does nothing until you run it.** Forgetting that is
# the most common mistake of all.
#
# Cells share their variables. Run the next two cells, then run the second one again.

# %%
pens = 3

# %%
pens = pens + 1
print(pens)

# %% [markdown]
# It printed 4, then 5, because the notebook remembers everything that has run, in the order *you* ran it. After an
# hour of experiments, what's in memory can be very different from what's on the page. So every now and then, and always
# before you submit, start fresh. In the menu, choose
#
# > **Kernel > Restart Kernel and Run All Cells…**
#
# The *kernel* is the Python process behind the notebook. The command above restarts it, which clears all your
# variables (your text stays), and then runs every cell once, from top to bottom. Try it, then come back here. It
# prints 4 again.
#
# If `[*]` never goes away, you probably have an infinite loop. To stop it, choose **Kernel > Interrupt Kernel** or
# press the square stop button. If you're running the whole course in a browser tab, the cell is stopped automatically
# after a minute. If it keeps running anyway, choose **Kernel > Restart Kernel**.

# %% [markdown]
# ## 2. Arrays
#
# Models are made of tables of numbers, and numpy stores a table as an **array**.
#
# Three people wrote down how many hours they practiced on each of four days. Each person is a row and each day is a
# column:
#
# | | Mon | Tue | Wed | Thu |
# |---|---|---|---|---|
# | **Ada** | 1 | 2 | 3 | 6 |
# | **Ben** | 0 | 1 | 0 | 3 |
# | **Cleo** | 2 | 4 | 5 | 5 |
#
# As an array, the table is a list of rows:

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
# The **shape** is the size of the array along each dimension: `(3, 4)` means 3 rows and 4 columns, always in that
# order. A plain row of four numbers has shape `(4,)`. That's a Python tuple with one entry; the comma is what makes
# it a tuple.
#
# The **dtype** is the kind of number the array holds. `float64` numbers can have a fractional part; `int64` numbers are
# whole. The dtype matters when you assign a fraction to an element of an integer array: numpy drops everything after
# the decimal point. And don't mix up the two divisions: `7 / 2` is 3.5, but `7 // 2` is 3.
#
# Counting starts at 0, so `table[0]` is the first row and `table[0, 3]` is the number in that row's fourth column.
# Arithmetic applies to every element at once, without a loop. That's called *vectorization*. It's shorter than a
# loop, and on large arrays it's much faster.

# %%
print("Ada's hours:", table[0])
print("Ada on Thursday:", table[0, 3])
print("Ada's hours in minutes:", 60 * table[0])

# %% [markdown]
# ## 3. Axis
#
# `table.sum()` adds up everything and returns one number. Often you want one number per person or one per day
# instead. You choose which with `axis`:
#
# - **axis=0** goes *down* the rows. You get one number for each **column**.
# - **axis=1** goes *across* the columns. You get one number for each **row**.
#
# Here's a rule that always works: **the axis you name is the one that disappears from the shape.** The shape is `(3,
# 4)`. Remove axis 0 (the 3), and you're left with `(4,)`: one number per day. Remove axis 1 (the 4), and you're left
# with `(3,)`: one number per person.
#
# Before you run the next cell, guess: what's Ada's total, and which line will show it?

# %%
print("everything:", table.sum())
print("axis=0:", table.sum(axis=0), "shape", table.sum(axis=0).shape)
print("axis=1:", table.sum(axis=1), "shape", table.sum(axis=1).shape)

# %% [markdown]
# Ada's total, 1 + 2 + 3 + 6 = 12, is the first number on the last line. `max`, `min` and `mean` take an `axis`, too.
# `axis=-1` means the last axis, whichever that is. In a table, it's axis 1.
#
# **keepdims.** Sometimes you don't want the axis to disappear. With `keepdims=True` it stays, with length 1:

# %%
totals = table.sum(axis=1, keepdims=True)
print(totals, "shape", totals.shape)

# %% [markdown]
# Why would you want that? Because it lines each total up with the row it belongs to. Then a single division gives you
# each day's share of a person's hours, for all the rows at once:

# %%
shares = table / totals
print(shares.round(2))
print("each row adds up to", shares.sum(axis=1))

# %% [markdown]
# Numpy compares shapes from the right. `(3, 4)` and `(3, 1)` are compatible, because numpy repeats an axis of length 1
# as often as needed. That's called *broadcasting*. `(3, 4)` and `(3,)` aren't compatible, because 4 isn't 3. Throughout
# the course, you'll see tables whose rows sum to 1.

# %% [markdown]
# ## 4. Your first function
#
# Your turn. A **stub** is a function with its body missing. Its docstring says what goes in and what has to come out,
# and you write the rest. This stub takes a table and returns the mean of each row: the sum of its numbers, divided by
# how many there are.
#
# **By hand.** Ada: (1 + 2 + 3 + 6) / 4 = **3** hours a day. Ben: 4 / 4 = **1**. Cleo: 16 / 4 = **4**. So for our
# table, the answer is an array of shape `(3,)`: 3, 1, 4. Your function has to work for *every* table, with any number
# of rows and columns.
#
# Don't change anything yet. Run the stub, then run the check below it.


# %%
def row_means(table):
    """Return the mean of each row of a table.

    table: array of shape (N, M), N rows and M columns, at least one of each; floats or
        integers. Not modified.
    Returns a float array of shape (N,): the mean of each row, in the order of the rows.
    """
    ### BEGIN SOLUTION
    return table.mean(axis=1)
    ### END SOLUTION


# %%
check("row_means")

# %% [markdown]
# The first check takes a few seconds, but the ones after it are quick. Until you write something, every check says
# **unsolved**. That's expected. Everyone starts here.
#
# ### Get it wrong on purpose
#
# Go back to the stub. Delete the two lines `# YOUR CODE HERE` and `raise NotImplementedError()`, and put this line in
# their place. Keep the four spaces in front, since indentation is part of Python's syntax.
#
# ```python
#     return table.mean(axis=0)
# ```
#
# Run the stub, then the check, and read the result from top to bottom:
#
# - **The first line** says how many checks passed. In the other labs, you'll get points and levels when your work is
#   graded; this lab is worth 0 points.
# - **Each check** has an outcome and a sentence that says what your function should do. *Passed*: it does. *Failed*:
#   it returned something else. *Error*: your code raised an exception, and you'll see the line where it happened.
#   `cell In[20], line 7` is line 7 of the cell with `[20]` next to it. In a terminal, and in the results you get after
#   grading, you'll see `code cell 12` instead: that's the 12th code cell from the top of the notebook.
# - **Failed checks come first**, and the first one is open. Click the others to open them.
#   - **Called** is the call the check made. You can make the same call in a cell of your own; the **+** button above
#     the notebook adds one. *Run this call yourself* gives you the lines to paste.
#   - **Got** is what your function returned.
#   - **Wanted** is the right answer. For the square table, you'll find Got and Wanted side by side in a table below
#     *Where*.
#   - **Where** is the first difference between the two. For the first table it's the shape: you returned four
#     numbers, one per day, and the check wanted three, one per person. For the square table the shapes match, so
#     *Where* names the first number that differs.
# - **This looks like …** names your mistake and explains it in a sentence. The course recognizes many common
#   mistakes. If yours isn't one of them, you won't see this part, and you'll have to work from Called, Got and Wanted.
# - **The last line** says how many more checks run when your work is graded. They test the same behavior with
#   different numbers, so a function that works for every table will pass them.
#
# ### Now get it right
#
# Fix the line, run the stub, run the check. Edit, run, check, read: every lab works like that.
#
# **Stuck?** Each stub has two or three hints, from a nudge to nearly the whole answer. In the notebook you'll find
# them below a failed check; click to open them. In a terminal, `mastery hint row_means` shows them one at a time.
# Hints are free. There are many correct ways to write a function, and only the values you return are compared. Once
# all checks pass, you can open the reference, which is written with torch and explained line by line.
#
# **See it.** Most stubs come with a plot of your own result, like the one in the next cell. You should see bars of
# height 3, 1 and 4. Each plot also has a description for screen readers, and its numbers are in a table you can open
# below it.

# %%
means = solved(row_means, table)
if means is not None and np.shape(means) == (3,):
    figure, axes = plt.subplots()
    axes.bar(["Ada", "Ben", "Cleo"], means)
    axes.set(xlabel="person", ylabel="mean (hours a day)")
    show(
        figure,
        "Three bars, one per person: their mean hours of practice per day. Ada's should be 3 high, Ben's 1 and "
        "Cleo's 4.",
    )

# %% [markdown]
# If you haven't solved the stub yet, the plot cell just says so. Sooner or later some other cell will show you a long
# red *traceback*: Python's list of the calls that led to an error. Start reading at the **bottom**, because the last
# line says what went wrong.

# %% [markdown]
# ## 5. Saving and submitting
#
# **Save** with Ctrl + S (Cmd + S on a Mac). A dot on the notebook's tab means you have unsaved changes.
#
# **Before you submit**, choose *Kernel > Restart Kernel and Run All Cells…* once more, and make sure the checks
# still pass. Don't rename stubs: the checks find them by name.
#
# **Hand it in** from a terminal (in JupyterLab: *File > New > Terminal*):
#
# ```sh
# mastery submit start
# ```
#
# The command tells you where your work went and gives you a receipt. If you turn in your work on a site like Moodle or
# Canvas, choose *File > Download*, then upload the notebook to that site. If you're running the whole course in a
# browser tab, press the arrow next to the lab's name on the left to download a zip, and upload that. You can submit
# as often as you like. Try it with this lab. It doesn't count toward anything, so nothing can go wrong.
#
# ## What you've learned
#
# - Editing a cell does nothing until you run it, and *Restart Kernel and Run All Cells* is how you make sure
#   everything still works.
# - The axis you name is the one that disappears from the shape; `keepdims=True` keeps it with length 1.
# - A check tells you what it called, what it got, what it wanted, and where the two differ.
#
# **Next:** lab 1, `neuron`, starts with one weight and the price of a house, and ends with a small network. Open
# [neuron/neuron.ipynb](../neuron/neuron.ipynb).
