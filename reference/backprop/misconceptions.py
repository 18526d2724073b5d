"""Wrong answers to the stubs of the `backprop` lab: a catalog to search by name, not to read in one sitting."""

import numpy as np

from autograder.testing import misconception

# --- numerical_gradient ---


@misconception(
    of="numerical_gradient",
    kind="edge",
    any_of={"start_kept": (False, True)},
    hint="You only step in the positive direction, so the curvature throws the slope off. Step in both directions, and "
    "the effect of the curvature cancels out.",
    taught=True,
)
def forward_difference(f, x, h=1e-5, *, start_kept):
    start, steps = f(x), h * np.eye(x.size).reshape(x.size, *x.shape)
    return np.array([(f(x + step) - (start if start_kept else f(x))) / h for step in steps]).reshape(x.shape)


@misconception(
    of="numerical_gradient",
    kind="misses_point",
    hint="Your slopes are twice as large as they should be. The point one step down and the point one step up are two "
    "steps apart.",
    taught=True,
)
def divides_by_one_step(f, x, h=1e-5):
    steps = h * np.eye(x.size).reshape(x.size, *x.shape)
    return np.array([(f(x + step) - f(x - step)) / h for step in steps]).reshape(x.shape)


@misconception(
    of="numerical_gradient",
    kind="misses_point",
    hint="You multiply by the step instead of dividing by it, so your slopes are tiny. Without parentheses around the "
    "distance, Python divides by 2 first and then multiplies by the step.",
)
def multiplies_by_the_step(f, x, h=1e-5):
    steps = h * np.eye(x.size).reshape(x.size, *x.shape)
    return np.array([(f(x + step) - f(x - step)) / 2 * h for step in steps]).reshape(x.shape)


@misconception(
    of="numerical_gradient",
    kind="misses_point",
    hint="You return how much f changes. A slope is that change divided by the distance between the two points.",
)
def change_without_distance(f, x, h=1e-5):
    steps = h * np.eye(x.size).reshape(x.size, *x.shape)
    return np.array([f(x + step) - f(x - step) for step in steps]).reshape(x.shape)


@misconception(
    of="numerical_gradient",
    kind="misses_point",
    hint="Your signs are flipped: where a function rises, its slope is positive. Which of the two results should you "
    "subtract from the other?",
)
def down_minus_up(f, x, h=1e-5):
    steps = h * np.eye(x.size).reshape(x.size, *x.shape)
    return np.array([(f(x - step) - f(x + step)) / (2 * h) for step in steps]).reshape(x.shape)


@misconception(
    of="numerical_gradient",
    kind="misses_point",
    hint="You always step by 0.1, and over that distance a curve bends noticeably. Use h, which the caller passes in.",
)
def large_fixed_step(f, x, h=1e-5):
    steps = 0.1 * np.eye(x.size).reshape(x.size, *x.shape)
    return np.array([(f(x + step) - f(x - step)) / 0.2 for step in steps]).reshape(x.shape)


@misconception(
    of="numerical_gradient",
    kind="edge",
    hint="Your step stays tiny even if the caller passes in a larger h. If f's values are only approximate, a step "
    "that small won't work, so use h as it is.",
    taught=True,
)
def step_not_asked_for(f, x, h=1e-5):
    steps = 1e-5 * np.eye(x.size).reshape(x.size, *x.shape)
    return np.array([(f(x + step) - f(x - step)) / 2e-5 for step in steps]).reshape(x.shape)


@misconception(
    of="numerical_gradient",
    kind="misses_point",
    hint="Your step is so tiny that the difference is nothing but rounding error. The plot in part 1 shows this.",
)
def step_lost_in_rounding(f, x, h=1e-5):
    steps = 1e-15 * np.eye(x.size).reshape(x.size, *x.shape)
    return np.array([(f(x + step) - f(x - step)) / 2e-15 for step in steps]).reshape(x.shape)


@misconception(
    of="numerical_gradient",
    kind="misses_point",
    hint="You nudge all entries at once and get one number. Each entry has its own slope.",
    taught=True,
)
def moves_everything_at_once(f, x, h=1e-5):
    return (f(x + h) - f(x - h)) / (2 * h)


@misconception(
    of="numerical_gradient",
    kind="misses_point",
    hint="For every slope, you nudge all entries at once. Nudge only the entry whose slope you want.",
    taught=True,
)
def same_slope_everywhere(f, x, h=1e-5):
    return np.full(x.shape, (f(x + h) - f(x - h)) / (2 * h))


@misconception(
    of="numerical_gradient",
    kind="edge",
    any_of={"axis": (0, -1)},
    hint="You nudge a whole row or column at once, maybe because your loop runs over only one axis. Nudge one entry at "
    "a time.",
)
def moves_whole_rows(f, x, h=1e-5, *, axis):
    slopes = np.zeros(x.shape)
    for position in range(x.shape[axis]):
        at = np.arange(x.shape[axis]).reshape([-1 if i == axis % x.ndim else 1 for i in range(x.ndim)]) == position
        step = h * (at & np.ones(x.shape, dtype=bool))
        slopes = np.where(at, (f(x + step) - f(x - step)) / (2 * h), slopes)
    return slopes


@misconception(
    of="numerical_gradient",
    kind="edge",
    hint="If x is a transposed array, your slopes are all 0. Copies made with np.array or astype, and arrays made with "
    "np.zeros_like, are stored column by column too. Flattening one of those makes yet another copy, and whatever you "
    "write into that copy is lost. Write into the array itself, at the indices from np.ndindex(x.shape).",
)
def flat_copy_of_a_transposed_array(f, x, h=1e-5):
    moved = np.array(x, dtype=float)
    flat, slopes = moved.reshape(-1), np.zeros(x.size)
    for i in range(x.size):
        start = flat[i]
        flat[i] = start + h
        up = f(moved)
        flat[i] = start - h
        slopes[i] = (up - f(moved)) / (2 * h)
        flat[i] = start
    return slopes.reshape(x.shape)


@misconception(
    of="numerical_gradient",
    kind="misses_point",
    hint="Only the first entry gets a slope, and the others stay 0. Compute a slope for every entry.",
    taught=True,
)
def first_entry_only(f, x, h=1e-5):
    slopes, step = np.zeros(x.shape), np.zeros(x.shape)
    if x.size:
        step.flat[0] = h
        slopes.flat[0] = (f(x + step) - f(x - step)) / (2 * h)
    return slopes


@misconception(
    of="numerical_gradient",
    kind="misses_point",
    hint="Each slope includes the slopes of all the entries before it, maybe because you don't restore an entry after "
    "computing its slope.",
)
def steps_pile_up(f, x, h=1e-5):
    up, down, slopes = x.astype(float), x.astype(float), np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        up[index] += h
        down[index] -= h
        slopes[index] = (f(up) - f(down)) / (2 * h)
    return slopes


@misconception(
    of="numerical_gradient",
    kind="edge",
    any_of={"first": (1, -1)},
    hint="You don't restore an entry after computing its slope. It stays one step too low or too high, and all later "
    "slopes are computed with that value.",
    taught=True,
)
def entries_not_put_back(f, x, h=1e-5, *, first):
    v, slopes = x.astype(float), np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        before = v[index]
        v[index] = before + first * h
        one = f(v)
        v[index] = before - first * h
        slopes[index] = first * (one - f(v)) / (2 * h)
    return slopes


@misconception(
    of="numerical_gradient",
    kind="conduct",
    hint="You nudge the entries of x itself and never restore them, so the caller's array stays changed and the later "
    "slopes come out wrong.",
    taught=True,
)
def callers_entries_not_put_back(f, x, h=1e-5):
    slopes = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        before = x[index]
        x[index] = before + h
        up = f(x)
        x[index] = before - h
        slopes[index] = (up - f(x)) / (2 * h)
    return slopes


@misconception(
    of="numerical_gradient",
    kind="conduct",
    hint="You nudge the entries of x itself and don't restore them exactly: even stepping back by the same amount can "
    "change the last digits. Work on copies.",
    taught=True,
)
def steps_in_the_callers_array(f, x, h=1e-5):
    slopes = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        x[index] += h
        up = f(x)
        x[index] -= 2 * h
        slopes[index] = (up - f(x)) / (2 * h)
        x[index] += h
    return slopes


@misconception(
    of="numerical_gradient",
    kind="edge",
    any_of={"array": ("x", "step")},
    hint="If x holds integers, your slopes are wrong: an integer array can't hold a small step. Use arrays of floats.",
    taught=True,
)
def integers_swallow_the_step(f, x, h=1e-5, *, array):
    slopes = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        up, down = x.copy(), x.copy()
        up[index] = up[index] + (h if array == "x" else x.dtype.type(h))
        down[index] = down[index] - (h if array == "x" else x.dtype.type(h))
        slopes[index] = (f(up) - f(down)) / (2 * h)
    return slopes


@misconception(
    of="numerical_gradient",
    kind="edge",
    hint="If x is an integer array, your slopes lose their fractional parts: an array with the dtype of x can only "
    "hold integers.",
)
def integer_slopes(f, x, h=1e-5):
    steps = h * np.eye(x.size).reshape(x.size, *x.shape)
    return np.array([(f(x + step) - f(x - step)) / (2 * h) for step in steps]).reshape(x.shape).astype(x.dtype)


@misconception(
    of="numerical_gradient",
    kind="edge",
    hint="You return the slopes as one flat array. The gradient should have the same shape as x.",
    taught=True,
)
def slopes_in_a_row(f, x, h=1e-5):
    steps = h * np.eye(x.size).reshape(x.size, *x.shape)
    return np.array([(f(x + step) - f(x - step)) / (2 * h) for step in steps])


@misconception(
    of="numerical_gradient",
    kind="edge",
    hint="You only step down, so the curvature throws the slope off. Step in both directions, and the effect of the "
    "curvature cancels out.",
)
def backward_difference(f, x, h=1e-5):
    steps = h * np.eye(x.size).reshape(x.size, *x.shape)
    return np.array([(f(x + 0.0) - f(x - step)) / h for step in steps]).reshape(x.shape)


@misconception(
    of="numerical_gradient",
    kind="misses_point",
    any_of={"side": (1, -1)},
    hint="You step in one direction only, but divide by a distance of two steps, so your slopes are about half as "
    "large as they should be. Step in both directions.",
)
def one_step_over_two(f, x, h=1e-5, *, side):
    steps = side * h * np.eye(x.size).reshape(x.size, *x.shape)
    return np.array([side * (f(x + step) - f(x + 0.0)) / (2 * h) for step in steps]).reshape(x.shape)


@misconception(
    of="numerical_gradient",
    kind="misses_point",
    hint="You divide only the second result, because division comes before subtraction. Put parentheses around "
    "the difference.",
)
def only_the_second_divided(f, x, h=1e-5):
    steps = h * np.eye(x.size).reshape(x.size, *x.shape)
    return np.array([f(x + step) - f(x - step) / (2 * h) for step in steps]).reshape(x.shape)


@misconception(
    of="numerical_gradient",
    kind="misses_point",
    any_of={"by": ("2", "4h", "h^2", "2h^2")},
    hint="You divide by something other than the distance between the two points. The point one step down and the "
    "point one step up are two steps apart.",
)
def divides_by_another_distance(f, x, h=1e-5, *, by):
    distance = {"2": 2.0, "4h": 4 * h, "h^2": h**2, "2h^2": 2 * h**2}[by]
    steps = h * np.eye(x.size).reshape(x.size, *x.shape)
    return np.array([(f(x + step) - f(x - step)) / distance for step in steps]).reshape(x.shape)


@misconception(
    of="numerical_gradient",
    kind="misses_point",
    any_of={"factor": (0.5, 2.0)},
    hint="The size of your steps doesn't match the distance you divide by: one of them is off by a factor of 2. Step "
    "by h in each direction, so that the two points are two steps apart.",
)
def steps_do_not_fit_the_distance(f, x, h=1e-5, *, factor):
    steps = factor * h * np.eye(x.size).reshape(x.size, *x.shape)
    return np.array([(f(x + step) - f(x - step)) / (2 * h) for step in steps]).reshape(x.shape)


@misconception(
    of="numerical_gradient",
    kind="edge",
    any_of={"length": ("size", "signed", "at_least_1", "1_more", "size_or_h")},
    hint="Your step depends on the size of the entry, so it isn't always the h that the caller passes in. Step by h, "
    "no matter what the entry is.",
)
def step_relative_to_the_entry(f, x, h=1e-5, *, length):
    x, slopes = x.astype(float), np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        size, step = abs(x[index]), np.zeros(x.shape)
        factors = {"size": size, "signed": x[index], "at_least_1": max(size, 1.0), "1_more": 1.0 + size}
        step[index] = h * factors.get(length, size or np.float64(1.0))
        slopes[index] = (f(x + step) - f(x - step)) / (2 * step[index])
    return slopes


@misconception(
    of="numerical_gradient",
    kind="misses_point",
    hint="Each slope is multiplied by its entry, which is what you get if you multiply an entry by 1 + h and 1 - h but "
    "divide by 2h. Add h for one point, and subtract it for the other.",
)
def multiplied_by_1_plus_h(f, x, h=1e-5):
    steps = h * np.eye(x.size).reshape(x.size, *x.shape)
    return np.array([(f(x + x * step) - f(x - x * step)) / (2 * h) for step in steps]).reshape(x.shape)


@misconception(
    of="numerical_gradient",
    kind="misses_point",
    hint="You return how fast the slope changes (the second derivative). For the slope, subtract one result from the "
    "other and divide by the distance between the two points.",
)
def second_derivative(f, x, h=1e-5):
    steps = h * np.eye(x.size).reshape(x.size, *x.shape)
    return np.array([(f(x + step) - 2 * f(x + 0.0) + f(x - step)) / h**2 for step in steps]).reshape(x.shape)


@misconception(
    of="numerical_gradient",
    kind="misses_point",
    hint="You take the absolute value, so no slope is negative. Where a function falls, its slope is negative.",
)
def slopes_never_negative(f, x, h=1e-5):
    steps = h * np.eye(x.size).reshape(x.size, *x.shape)
    return np.array([abs(f(x + step) - f(x - step)) / (2 * h) for step in steps]).reshape(x.shape)


@misconception(
    of="numerical_gradient",
    kind="edge",
    any_of={"digits": (1, 2, 3)},
    exempt="The values that are drawn determine how many slopes are still right after rounding to a few digits.",
    hint="You round the slopes. Return them as they are.",
)
def slopes_rounded(f, x, h=1e-5, *, digits):
    steps = h * np.eye(x.size).reshape(x.size, *x.shape)
    slopes = np.array([(f(x + step) - f(x - step)) / (2 * h) for step in steps]).reshape(x.shape)
    return np.round(slopes, digits)


@misconception(
    of="numerical_gradient",
    kind="misses_point",
    hint="Every slope loses its fractional part, maybe because you store it in an array of integers. Use an array of "
    "floats, and don't round anything.",
)
def slopes_without_fractions(f, x, h=1e-5):
    steps = h * np.eye(x.size).reshape(x.size, *x.shape)
    return np.array([(f(x + step) - f(x - step)) / (2 * h) for step in steps]).reshape(x.shape).astype(int)


@misconception(
    of="numerical_gradient",
    kind="misses_point",
    hint="You keep the numbers in float32, which has only seven digits. With so few digits, a step of 0.00001 gets "
    "lost in rounding. Use float64, numpy's default.",
)
def steps_in_single_precision(f, x, h=1e-5):
    slopes = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        up, down = x.astype(np.float32), x.astype(np.float32)
        up[index] += h
        down[index] -= h
        slopes[index] = (f(up) - f(down)) / (2 * h)
    return slopes


@misconception(
    of="numerical_gradient",
    kind="edge",
    exempt="The score depends on how many checks use a function that also accepts a flat array, not on what the "
    "student understood.",
    hint="You flatten x and pass flat copies to f. Pass f an array of the same shape as x.",
    taught=True,
)
def flat_copies_for_f(f, x, h=1e-5):
    flat = x.astype(float).ravel()
    return np.array([(f(flat + step) - f(flat - step)) / (2 * h) for step in h * np.eye(x.size)]).reshape(x.shape)


@misconception(
    of="numerical_gradient",
    kind="misses_point",
    any_of={"in_an_array": (False, True)},
    exempt="If f is a sum of squares or cubes, the slope of an entry comes out right even if you pass f only that "
    "entry.",
    hint="You pass f a single entry, but f needs the whole array, with only that entry nudged.",
    taught=True,
)
def one_entry_for_f(f, x, h=1e-5, *, in_an_array):
    entries = x.astype(float).reshape(-1, 1) if in_an_array else x.astype(float).ravel()
    slopes = [(f(v + h) - f(v - h)) / (2 * h) for v in entries]
    return np.array(slopes).reshape(x.shape)


@misconception(
    of="numerical_gradient",
    kind="misses_point",
    any_of={"place": (0, -1)},
    hint="You return a single slope, maybe because each one overwrites the one before, or because return is inside the "
    "loop. Put each slope in its place in an array, and return the array after the loop.",
)
def a_single_slope(f, x, h=1e-5, *, place):
    step = np.zeros(x.shape)
    step.flat[place] = h
    return (f(x + step) - f(x - step)) / (2 * h)


@misconception(
    of="numerical_gradient",
    kind="misses_point",
    hint="All your slopes are 0, as if both calls to f got the same numbers. That happens, for example, if you step up "
    "and down in the same array: assigning an array with = doesn't copy it, so call copy().",
)
def both_steps_in_one_array(f, x, h=1e-5):
    slopes = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        up = x.astype(float)
        down = up
        up[index] += h
        down[index] -= h
        slopes[index] = (f(up) - f(down)) / (2 * h)
    return slopes


@misconception(
    of="numerical_gradient",
    kind="misses_point",
    hint="You scale the gradient to length 1. Return the slopes as they are.",
)
def gradient_of_length_1(f, x, h=1e-5):
    steps = h * np.eye(x.size).reshape(x.size, *x.shape)
    slopes = np.array([(f(x + step) - f(x - step)) / (2 * h) for step in steps]).reshape(x.shape)
    return slopes / np.linalg.norm(slopes)


@misconception(
    of="numerical_gradient",
    kind="edge",
    hint="You store the slopes in a different order from the entries, such as column by column instead of row by row. "
    "Put each slope in the same position as its entry.",
)
def slopes_in_column_order(f, x, h=1e-5):
    steps = h * np.eye(x.size).reshape(x.size, *x.shape)
    return np.array([(f(x + step) - f(x - step)) / (2 * h) for step in steps]).reshape(x.shape, order="F")


@misconception(
    of="numerical_gradient",
    kind="edge",
    hint="If x is a table, you put the slopes in the right order but nudge the entries in a different one, such as "
    "column by column. Put each slope in the same position as its entry.",
)
def entries_in_column_order(f, x, h=1e-5):
    steps = [(h * unit).reshape(x.shape, order="F") for unit in np.eye(x.size)]
    return np.array([(f(x + step) - f(x - step)) / (2 * h) for step in steps]).reshape(x.shape)


@misconception(
    of="numerical_gradient",
    kind="misses_point",
    hint="You divide the slopes by the number of entries. Nothing is averaged here: each entry has a slope of its own.",
)
def slopes_divided_by_the_entries(f, x, h=1e-5):
    steps = h * np.eye(x.size).reshape(x.size, *x.shape)
    return np.array([(f(x + step) - f(x - step)) / (2 * h * x.size) for step in steps]).reshape(x.shape)


@misconception(
    of="numerical_gradient",
    kind="edge",
    hint="An entry that's 0 gets a slope of 0, as if you'd skipped it. The slope at 0 can have any value.",
)
def entries_of_0_passed_over(f, x, h=1e-5):
    steps = h * np.eye(x.size).reshape(x.size, *x.shape)
    return np.array([(f(x + step) - f(x - step)) / (2 * h) for step in steps]).reshape(x.shape) * (x != 0)


@misconception(
    of="numerical_gradient",
    kind="misses_point",
    any_of={"place": (0, -1)},
    hint="The slope of the first or the last entry stays 0. Compute a slope for every entry.",
)
def one_entry_left_out(f, x, h=1e-5, *, place):
    steps = h * np.eye(x.size).reshape(x.size, *x.shape)
    slopes = np.array([(f(x + step) - f(x - step)) / (2 * h) for step in steps])
    slopes[place] = 0.0
    return slopes.reshape(x.shape)


@misconception(
    of="numerical_gradient",
    kind="edge",
    any_of={"side": (1, -1)},
    hint="You take a step of 2h in one direction only, so the curvature throws the slope off. Step by h in each "
    "direction.",
)
def two_steps_to_one_side(f, x, h=1e-5, *, side):
    steps = 2 * side * h * np.eye(x.size).reshape(x.size, *x.shape)
    return np.array([side * (f(x + step) - f(x + 0.0)) / (2 * h) for step in steps]).reshape(x.shape)


# --- house_price_gradients ---


@misconception(
    of="house_price_gradients",
    kind="misses_point",
    any_of={"scaled": ("mean", "sum", "half", "half of the sum")},
    hint="Both signs are flipped. The error is the guess minus the price, so a guess that's too low gives a negative "
    "slope.",
    taught=True,
)
def price_minus_guess(w, b, sizes, prices, *, scaled):
    errors = prices - (w * sizes + b)
    factor = (1 if "half" in scaled else 2) * (len(sizes) if "sum" in scaled else 1)
    return factor * np.mean(errors * sizes), factor * np.mean(errors)


@misconception(
    of="house_price_gradients",
    kind="misses_point",
    hint="You leave the size out of the slope for the weight. The first link in the weight's chain is the size of the "
    "house.",
    taught=True,
)
def size_forgotten(w, b, sizes, prices):
    errors = w * sizes + b - prices
    return 2 * np.mean(errors), 2 * np.mean(errors)


@misconception(
    of="house_price_gradients",
    kind="misses_point",
    hint="You multiply by the weight instead of the size. If the weight grows by 1, the guess grows by the size of the "
    "house.",
)
def weight_in_place_of_size(w, b, sizes, prices):
    errors = w * sizes + b - prices
    return 2 * np.mean(errors * w), 2 * np.mean(errors)


@misconception(
    of="house_price_gradients",
    kind="misses_point",
    hint="You use only the signs of the errors, as if the loss were the absolute error. The slope of the squared error "
    "is twice the error.",
)
def signs_of_the_errors(w, b, sizes, prices):
    signs = np.sign(w * sizes + b - prices)
    return np.mean(signs * sizes), np.mean(signs)


@misconception(
    of="house_price_gradients",
    kind="misses_point",
    any_of={"of": ("means", "mean and sum", "sums")},
    hint="You multiply an average or sum of the errors by an average or sum of the sizes, which isn't the average of "
    "the products. Multiply each house's error by its size first.",
    taught=True,
)
def product_of_the_means(w, b, sizes, prices, *, of):
    errors = w * sizes + b - prices
    factor = {"means": 1, "mean and sum": len(sizes), "sums": len(sizes) ** 2}[of]
    return 2 * np.mean(errors) * np.mean(sizes) * factor, 2 * np.mean(errors)


@misconception(
    of="house_price_gradients",
    kind="misses_point",
    hint="You leave the bias out of the guess, so the errors are wrong whenever it isn't 0.",
    taught=True,
)
def bias_left_out_of_the_guess(w, b, sizes, prices):
    errors = w * sizes - prices
    return 2 * np.mean(errors * sizes), 2 * np.mean(errors)


@misconception(
    of="house_price_gradients",
    kind="misses_point",
    hint="You return a small step downhill: the slopes times a small negative number. Return the slopes themselves. "
    "You'll take steps in the next lab.",
)
def steps_against_the_slopes(w, b, sizes, prices):
    errors = w * sizes + b - prices
    return -0.01 * 2 * np.mean(errors * sizes), -0.01 * 2 * np.mean(errors)


@misconception(
    of="house_price_gradients",
    kind="misses_point",
    hint="You return a new weight and bias. Return only the slopes. You'll change the weights in the next lab.",
)
def new_weight_and_bias(w, b, sizes, prices):
    errors = w * sizes + b - prices
    return w - 0.01 * 2 * np.mean(errors * sizes), b - 0.01 * 2 * np.mean(errors)


@misconception(
    of="house_price_gradients",
    kind="convention",
    hint="You sum over the houses but don't average. The loss is a mean, and so are its slopes.",
)
def sums_over_the_houses(w, b, sizes, prices):
    errors = w * sizes + b - prices
    return 2 * np.sum(errors * sizes), 2 * np.sum(errors)


@misconception(
    of="house_price_gradients",
    kind="misses_point",
    hint="Your slopes are half as large as they should be. The slope of the squared error is twice the error.",
    taught=True,
)
def factor_2_forgotten(w, b, sizes, prices):
    errors = w * sizes + b - prices
    return np.mean(errors * sizes), np.mean(errors)


@misconception(
    of="house_price_gradients",
    kind="misses_point",
    hint="The slope for the bias is half as large as it should be. The last link in both chains is twice the error.",
)
def factor_2_forgotten_for_the_bias(w, b, sizes, prices):
    errors = w * sizes + b - prices
    return 2 * np.mean(errors * sizes), np.mean(errors)


@misconception(
    of="house_price_gradients",
    kind="misses_point",
    any_of={"scaled": ("mean", "sum", "half", "half of the sum")},
    hint="Your two slopes are in the wrong order. The weight's comes first.",
)
def bias_before_weight(w, b, sizes, prices, *, scaled):
    errors = w * sizes + b - prices
    factor = (1 if "half" in scaled else 2) * (len(sizes) if "sum" in scaled else 1)
    return factor * np.mean(errors), factor * np.mean(errors * sizes)


@misconception(
    of="house_price_gradients",
    kind="misses_point",
    hint="You return separate slopes for each house. The loss is a mean over the houses, and so are its slopes.",
)
def slopes_of_each_house(w, b, sizes, prices):
    errors = w * sizes + b - prices
    return 2 * errors * sizes, 2 * errors


@misconception(
    of="house_price_gradients",
    kind="misses_point",
    any_of={"which": ("weight", "bias")},
    hint="One of your slopes is a sum over the houses, and the other is a mean. The loss is a mean, so both slopes are "
    "means, too.",
)
def only_one_averaged(w, b, sizes, prices, *, which):
    errors = w * sizes + b - prices
    dw, db = 2 * np.sum(errors * sizes), 2 * np.sum(errors)
    return (dw / len(sizes), db) if which == "weight" else (dw, db / len(sizes))


@misconception(
    of="house_price_gradients",
    kind="misses_point",
    any_of={"doubled": ("inside", "after", "no")},
    hint="You divide the running total by the number of houses inside the loop, so the earlier houses' terms get "
    "divided several times. Divide once, after the loop.",
)
def divided_in_the_loop(w, b, sizes, prices, *, doubled):
    dw = db = 0.0
    for size, price in zip(sizes, prices, strict=True):
        error = (2 if doubled == "inside" else 1) * (w * size + b - price)
        dw = (dw + error * size) / len(sizes)
        db = (db + error) / len(sizes)
    return (2 * dw, 2 * db) if doubled == "after" else (dw, db)


@misconception(
    of="house_price_gradients",
    kind="misses_point",
    any_of={"guarded": (False, True)},
    hint="You return the slopes of the root mean squared error (RMSE). The loss is the mean squared error "
    "itself, without the root.",
)
def slopes_of_the_root(w, b, sizes, prices, *, guarded):
    errors = w * sizes + b - prices
    root = np.sqrt(np.mean(errors**2))
    root = np.float64(1.0) if guarded and root == 0 else root
    return np.mean(errors * sizes) / root, np.mean(errors) / root


@misconception(
    of="house_price_gradients",
    kind="conduct",
    hint="You change the sizes or prices you were given, as -= does with an array. Compute the errors in a new array.",
    taught=True,
)
def changes_the_callers_arrays(w, b, sizes, prices):
    errors = w * sizes + b - prices
    prices -= prices.astype(prices.dtype)
    return 2 * np.mean(errors * sizes), 2 * np.mean(errors)


@misconception(
    of="house_price_gradients",
    kind="misses_point",
    hint="The slope for the weight is half as large as it should be. The last link in both chains is twice the error.",
)
def factor_2_forgotten_for_the_weight(w, b, sizes, prices):
    errors = w * sizes + b - prices
    return np.mean(errors * sizes), 2 * np.mean(errors)


@misconception(
    of="house_price_gradients",
    kind="misses_point",
    any_of={"factor": (2.0, 0.25)},
    hint="Your slopes have the wrong factor: the slope of the squared error is twice the error, and the factor of 2 "
    "appears only once.",
)
def slopes_with_another_factor(w, b, sizes, prices, *, factor):
    errors = w * sizes + b - prices
    return 2 * factor * np.mean(errors * sizes), 2 * factor * np.mean(errors)


@misconception(
    of="house_price_gradients",
    kind="misses_point",
    hint="You sum over the houses, but leave out the factor of 2 and don't take the mean. The slope of the squared "
    "error is twice the error, and the loss is a mean over the houses.",
)
def neither_doubled_nor_averaged(w, b, sizes, prices):
    errors = w * sizes + b - prices
    return np.sum(errors * sizes), np.sum(errors)


@misconception(
    of="house_price_gradients",
    kind="misses_point",
    any_of={"power": (1, 2)},
    hint="You make the errors positive by taking their absolute values or squares. The slope of the squared error is "
    "twice the error, so keep the error's sign.",
)
def errors_made_positive(w, b, sizes, prices, *, power):
    errors = np.abs(w * sizes + b - prices) ** power
    return 2 * np.mean(errors * sizes), 2 * np.mean(errors)


@misconception(
    of="house_price_gradients",
    kind="misses_point",
    any_of={"which": ("weight", "bias")},
    hint="One of the two slopes has the wrong sign. Both contain twice the error, and the error is the guess minus the "
    "price.",
)
def one_sign_flipped(w, b, sizes, prices, *, which):
    errors = w * sizes + b - prices
    dw, db = 2 * np.mean(errors * sizes), 2 * np.mean(errors)
    return (-dw, db) if which == "weight" else (dw, -db)


@misconception(
    of="house_price_gradients",
    kind="misses_point",
    any_of={"by": ("size", "bias", "weight")},
    hint="You multiply the slope for the bias by the size, the bias or the weight. If the bias grows by 1, the guess "
    "grows by 1, so the first link in the chain for the bias is 1.",
)
def bias_slope_multiplied(w, b, sizes, prices, *, by):
    errors = w * sizes + b - prices
    return 2 * np.mean(errors * sizes), 2 * np.mean(errors * {"size": sizes, "bias": b, "weight": w}[by])


@misconception(
    of="house_price_gradients",
    kind="misses_point",
    any_of={"by": ("weight", "prices", "guess", "size squared")},
    hint="The first link in the weight's chain is wrong: if the weight grows by 1, the guess grows by the size of the "
    "house. Multiply each error by the size once, and by nothing else.",
)
def error_times_something_else(w, b, sizes, prices, *, by):
    errors = w * sizes + b - prices
    factor = {"weight": w * sizes, "prices": prices, "guess": w * sizes + b, "size squared": sizes**2}[by]
    return 2 * np.mean(errors * factor), 2 * np.mean(errors)


@misconception(
    of="house_price_gradients",
    kind="misses_point",
    any_of={"how": ("floor", "cut", "round")},
    hint="You convert the slopes to integers, for example with //, int() or round(). Slopes can have fractions.",
)
def whole_slopes(w, b, sizes, prices, *, how):
    errors = w * sizes + b - prices
    whole = {"floor": np.floor, "cut": np.trunc, "round": np.rint}[how]
    return whole(2 * np.mean(errors * sizes)), whole(2 * np.mean(errors))


@misconception(
    of="house_price_gradients",
    kind="misses_point",
    hint="You divide by the number of houses minus 1. For a mean, divide by the number of houses.",
)
def divided_by_one_house_less(w, b, sizes, prices):
    errors, houses = w * sizes + b - prices, np.float64(len(sizes) - 1)
    return 2 * np.sum(errors * sizes) / houses, 2 * np.sum(errors) / houses


@misconception(
    of="house_price_gradients",
    kind="misses_point",
    hint="You divide by the number of houses twice. Divide by it only once.",
)
def house_slopes_averaged_twice(w, b, sizes, prices):
    errors = w * sizes + b - prices
    return 2 * np.mean(errors * sizes) / len(sizes), 2 * np.mean(errors) / len(sizes)


@misconception(
    of="house_price_gradients",
    kind="misses_point",
    hint="You divide the slope for the weight by the sum of the sizes, as in a weighted mean. Divide by the number of "
    "houses.",
)
def divided_by_the_sizes(w, b, sizes, prices):
    errors = w * sizes + b - prices
    return 2 * np.sum(errors * sizes) / np.sum(sizes), 2 * np.mean(errors)


@misconception(
    of="house_price_gradients",
    kind="misses_point",
    any_of={"place": (0, -1), "divided": (False, True)},
    hint="You only use the first or the last house, maybe because each house overwrites the one before, or because "
    "return is inside the loop. Sum over all the houses.",
)
def one_house_counts(w, b, sizes, prices, *, place, divided):
    error = (w * sizes[place] + b - prices[place]) / (len(sizes) if divided else 1)
    return 2 * error * sizes[place], 2 * error


@misconception(
    of="house_price_gradients",
    kind="misses_point",
    hint="You leave the weight out of the guess. The guess is the weight times the size, plus the bias.",
)
def weight_left_out_of_the_guess(w, b, sizes, prices):
    errors = sizes + b - prices
    return 2 * np.mean(errors * sizes), 2 * np.mean(errors)


@misconception(
    of="house_price_gradients",
    kind="misses_point",
    hint="You multiply the bias by the size too. To get the guess, multiply the weight by the size, and then add the "
    "bias.",
)
def bias_times_the_size(w, b, sizes, prices):
    errors = (w + b) * sizes - prices
    return 2 * np.mean(errors * sizes), 2 * np.mean(errors)


@misconception(
    of="house_price_gradients",
    kind="misses_point",
    hint="You use relative errors, as if you divided each error by its price. The error is the guess minus the price, "
    "in dollars.",
)
def errors_relative_to_the_price(w, b, sizes, prices):
    errors = (w * sizes + b - prices) / prices
    return 2 * np.mean(errors * sizes), 2 * np.mean(errors)


@misconception(
    of="house_price_gradients",
    kind="misses_point",
    any_of={"where": ("slope", "guess", "both ways")},
    hint="You subtract a mean from the sizes or the errors (and perhaps scale them, too). Use both as they are: the "
    "guess is computed from the sizes you're given.",
)
def sizes_centered(w, b, sizes, prices, *, where):
    centered = sizes - np.mean(sizes)
    if where == "both ways":
        centered = centered / (np.std(sizes) or 1.0)
    errors = w * (sizes if where == "slope" else centered) + b - prices
    return 2 * np.mean(errors * centered), 2 * np.mean(errors)


@misconception(
    of="house_price_gradients",
    kind="misses_point",
    any_of={"by": (1000.0, 100.0), "guessed": (True, False)},
    hint="You divide the sizes, or the slope for the weight, by a round number, such as 1000. Use the sizes in the "
    "units they're given in.",
)
def sizes_in_another_unit(w, b, sizes, prices, *, by, guessed):
    errors = w * sizes / (by if guessed else 1.0) + b - prices
    return 2 * np.mean(errors * sizes / by), 2 * np.mean(errors)


@misconception(
    of="house_price_gradients",
    kind="edge",
    any_of={"which": ("weight", "bias", "each")},
    hint="If the weight or the bias is 0, you give it a slope of 0. The slope says how much the loss would change, "
    "which usually isn't 0.",
)
def no_slope_at_0(w, b, sizes, prices, *, which):
    errors = w * sizes + b - prices
    dw, db = 2 * np.mean(errors * sizes), 2 * np.mean(errors)
    return 0.0 if which != "bias" and w == 0 else dw, 0.0 if which != "weight" and b == 0 else db


@misconception(
    of="house_price_gradients",
    kind="misses_point",
    any_of={"which": ("weight", "bias")},
    hint="One of your two slopes is always 0. Both the weight and the bias affect the guess.",
)
def one_slope_always_0(w, b, sizes, prices, *, which):
    errors = w * sizes + b - prices
    dw, db = 2 * np.mean(errors * sizes), 2 * np.mean(errors)
    return (0.0, db) if which == "weight" else (dw, 0.0)


@misconception(
    of="house_price_gradients",
    kind="misses_point",
    hint="You multiply the mean error by every size, so the weight gets one slope per house. Multiply each house's "
    "error by its own size, and take the mean of the products.",
)
def mean_error_times_each_size(w, b, sizes, prices):
    errors = w * sizes + b - prices
    return 2 * np.mean(errors) * sizes, 2 * np.mean(errors)


@misconception(
    of="house_price_gradients",
    kind="misses_point",
    hint="You take the median over the houses. The loss is a mean, and so are its slopes.",
)
def median_over_the_houses(w, b, sizes, prices):
    errors = w * sizes + b - prices
    return 2 * np.median(errors * sizes), 2 * np.median(errors)


@misconception(
    of="house_price_gradients",
    kind="misses_point",
    any_of={"how": ("cut", "round")},
    hint="You convert the errors, or the guesses and prices, to integers. Keep their fractional parts.",
)
def whole_errors(w, b, sizes, prices, *, how):
    errors = {"cut": np.trunc, "round": np.rint}[how](w * sizes + b - prices)
    return 2 * np.mean(errors * sizes), 2 * np.mean(errors)


@misconception(
    of="house_price_gradients",
    kind="misses_point",
    any_of={"names": ("w and b", "dw and db")},
    hint="You return a dict. Return the two slopes as a pair, with the weight's first.",
)
def slopes_in_a_dict(w, b, sizes, prices, *, names):
    errors = w * sizes + b - prices
    return dict(zip(names.split(" and "), (2 * np.mean(errors * sizes), 2 * np.mean(errors)), strict=True))


@misconception(
    of="house_price_gradients",
    kind="misses_point",
    any_of={"place": (0, 2)},
    hint="You return the loss as well. Return only the two slopes.",
)
def loss_returned_too(w, b, sizes, prices, *, place):
    errors = w * sizes + b - prices
    slopes = [2 * np.mean(errors * sizes), 2 * np.mean(errors)]
    slopes.insert(place, np.mean(errors**2))
    return tuple(slopes)


@misconception(
    of="house_price_gradients",
    kind="convention",
    hint="You return each slope inside an array. Return plain numbers.",
)
def each_slope_in_an_array(w, b, sizes, prices):
    errors = w * sizes + b - prices
    return np.array([2 * np.mean(errors * sizes)]), np.array([2 * np.mean(errors)])


@misconception(
    of="house_price_gradients",
    kind="misses_point",
    hint="You subtract the bias in the guess instead of adding it.",
)
def bias_subtracted_in_the_guess(w, b, sizes, prices):
    errors = w * sizes - b - prices
    return 2 * np.mean(errors * sizes), 2 * np.mean(errors)


# --- cross_entropy_backward ---


@misconception(
    of="cross_entropy_backward",
    kind="convention",
    hint="You compute each row's slopes as if it were the only row. The loss is a mean over the rows, so divide by the "
    "number of rows.",
    taught=True,
)
def not_averaged(logits, targets):
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True) - np.eye(logits.shape[1])[targets]


@misconception(
    of="cross_entropy_backward",
    kind="misses_point",
    hint="You divide by the number of words. The loss is a mean over the rows, so divide by the number of rows.",
    taught=True,
)
def divided_by_the_words(logits, targets):
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    probs = powers / powers.sum(axis=-1, keepdims=True)
    return (probs - np.eye(logits.shape[1])[targets]) / logits.shape[1]


@misconception(
    of="cross_entropy_backward",
    kind="misses_point",
    hint="You divide by the total number of entries. The mean is over the rows only; nothing is averaged within a row.",
)
def divided_by_all_entries(logits, targets):
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    probs = powers / powers.sum(axis=-1, keepdims=True)
    return (probs - np.eye(logits.shape[1])[targets]) / logits.size


@misconception(
    of="cross_entropy_backward",
    kind="misses_point",
    hint="You divide by the number of rows twice. Divide by it only once.",
)
def averaged_twice(logits, targets):
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    probs = powers / powers.sum(axis=-1, keepdims=True)
    return (probs - np.eye(logits.shape[1])[targets]) / len(logits) ** 2


@misconception(
    of="cross_entropy_backward",
    kind="misses_point",
    hint="You divide the whole array by the number of rows once per row, maybe because the division is inside the "
    "loop. Divide only once.",
)
def averaged_in_the_loop(logits, targets):
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    gradient = powers / powers.sum(axis=-1, keepdims=True)
    for row, target in enumerate(targets):
        gradient[row, target] -= 1
        gradient /= len(logits)
    return gradient


@misconception(
    of="cross_entropy_backward",
    kind="misses_point",
    hint="You divide the probabilities by the number of rows, but not the 1 you subtract for the right word. Divide "
    "both.",
)
def only_the_probabilities_averaged(logits, targets):
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True) / len(logits) - np.eye(logits.shape[1])[targets]


@misconception(
    of="cross_entropy_backward",
    kind="misses_point",
    any_of={"averaged": (True, False)},
    hint="Your signs are flipped. Raising the right word's logit lowers the loss, so its slope is negative.",
    taught=True,
)
def one_hot_minus_probabilities(logits, targets, *, averaged):
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return (np.eye(logits.shape[1])[targets] - powers / powers.sum(axis=-1, keepdims=True)) / (
        len(logits) if averaged else 1
    )


@misconception(
    of="cross_entropy_backward",
    kind="misses_point",
    any_of={"averaged": (True, False)},
    hint="You give a slope only to the right word's logit. The other words' logits change the probabilities too.",
    taught=True,
)
def only_the_right_word(logits, targets, *, averaged):
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    one_hot = np.eye(logits.shape[1])[targets]
    return (powers / powers.sum(axis=-1, keepdims=True) - 1) * one_hot / (len(logits) if averaged else 1)


@misconception(
    of="cross_entropy_backward",
    kind="misses_point",
    hint="You return the probabilities themselves. The right word's slope is 1 less than its probability.",
)
def right_word_forgotten(logits, targets):
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True) / len(logits)


@misconception(
    of="cross_entropy_backward",
    kind="misses_point",
    any_of={"averaged": (True, False), "counted": ("once", "each time", "shared")},
    hint="You subtract from whole columns of the probabilities. In each row, subtract 1 only from the "
    "probability of that row's right word.",
    taught=True,
)
def whole_columns(logits, targets, *, averaged, counted):
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    gradient = powers / powers.sum(axis=-1, keepdims=True)
    times = np.eye(logits.shape[1])[targets].sum(axis=0)
    gradient -= {"once": np.minimum(times, 1), "each time": times, "shared": times / len(targets)}[counted]
    return gradient / (len(logits) if averaged else 1)


@misconception(
    of="cross_entropy_backward",
    kind="misses_point",
    any_of={"averaged": (True, False)},
    hint="You subtract 1 from the most likely word's probability. Subtract it from the right word's instead.",
)
def favorite_in_place_of_the_right_word(logits, targets, *, averaged):
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    probs = powers / powers.sum(axis=-1, keepdims=True)
    return (probs - np.eye(logits.shape[1])[logits.argmax(axis=-1)]) / (len(logits) if averaged else 1)


@misconception(
    of="cross_entropy_backward",
    kind="misses_point",
    any_of={"averaged": (True, False)},
    hint="You subtract 1 from the right word's logit and leave out the softmax. The formula uses probabilities, not "
    "logits.",
)
def logits_minus_one_hot(logits, targets, *, averaged):
    return (logits - np.eye(logits.shape[1])[targets]) / (len(logits) if averaged else 1)


@misconception(
    of="cross_entropy_backward",
    kind="misses_point",
    any_of={"averaged": (True, False)},
    hint="You squash each logit on its own (with a sigmoid). The probabilities of a row depend on all its logits.",
)
def sigmoid_in_place_of_softmax(logits, targets, *, averaged):
    return (1 / (1 + np.exp(-logits)) - np.eye(logits.shape[1])[targets]) / (len(logits) if averaged else 1)


@misconception(
    of="cross_entropy_backward",
    kind="misses_point",
    any_of={"averaged": (True, False)},
    hint="You multiply by p (1 - p), as you would for a sigmoid. For this loss, the logarithm cancels that factor.",
)
def times_p_times_1_minus_p(logits, targets, *, averaged):
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    probs = powers / powers.sum(axis=-1, keepdims=True)
    return (probs - np.eye(logits.shape[1])[targets]) * probs * (1 - probs) / (len(logits) if averaged else 1)


@misconception(
    of="cross_entropy_backward",
    kind="misses_point",
    any_of={"averaged": (True, False)},
    hint="Your probabilities add up to 1 down the columns. Each row is a separate guess.",
)
def softmax_down_the_columns(logits, targets, *, averaged):
    powers = np.exp(logits - logits.max(axis=0))
    return (powers / powers.sum(axis=0) - np.eye(logits.shape[1])[targets]) / (len(logits) if averaged else 1)


@misconception(
    of="cross_entropy_backward",
    kind="edge",
    hint="The exponential of a large logit overflows. The softmax you're given avoids that by shifting each row first.",
    taught=True,
)
def overflows(logits, targets):
    powers = np.exp(logits)
    return (powers / powers.sum(axis=-1, keepdims=True) - np.eye(logits.shape[1])[targets]) / len(logits)


@misconception(
    of="cross_entropy_backward",
    kind="conduct",
    hint="You change the caller's logits, for example by computing the gradient in place. Make a new array.",
    taught=True,
)
def overwrites_the_logits(logits, targets):
    logits -= logits.max(axis=-1, keepdims=True)
    np.exp(logits, out=logits)
    logits /= logits.sum(axis=-1, keepdims=True)
    logits[np.arange(len(logits)), targets] -= 1
    logits /= len(logits)
    return logits


@misconception(
    of="cross_entropy_backward",
    kind="misses_point",
    any_of={"counted": (False, True)},
    hint="You treat token 0 as padding, so rows with that target get no slopes. Here 0 is the id of an ordinary word.",
)
def token_0_gets_no_slope(logits, targets, *, counted):
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    grad = exponentials / exponentials.sum(axis=1, keepdims=True)
    grad[np.arange(len(targets)), targets] -= 1.0
    grad[targets == 0] = 0.0
    return grad / (len(targets) if counted else max(np.count_nonzero(targets), 1))


@misconception(
    of="cross_entropy_backward",
    kind="misses_point",
    any_of={"share": (0.1, 0.05)},
    hint="You smooth the labels: the right word gets less than 1, and the others get the rest. Subtract 1 from "
    "the right word's probability and nothing from the others.",
)
def labels_smoothed(logits, targets, *, share):
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    grad = exponentials / exponentials.sum(axis=1, keepdims=True) - share / logits.shape[1]
    grad[np.arange(len(targets)), targets] -= 1.0 - share
    return grad / len(targets)


@misconception(
    of="cross_entropy_backward",
    kind="misses_point",
    hint="You divide only the 1 for the right word by the number of rows. Divide the probabilities, too: the mean "
    "applies to the whole difference.",
)
def only_the_one_hot_averaged(logits, targets):
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True) - np.eye(logits.shape[1])[targets] / len(logits)


@misconception(
    of="cross_entropy_backward",
    kind="edge",
    hint="You subtract the largest logit of the whole batch. A row with much lower logits underflows to all zeros, so "
    "you divide 0 by 0. Subtract each row's own largest logit, as the softmax you're given does.",
    taught=True,
)
def shifted_by_the_largest_of_the_batch(logits, targets):
    powers = np.exp(logits - logits.max())
    return (powers / powers.sum(axis=-1, keepdims=True) - np.eye(logits.shape[1])[targets]) / len(logits)


@misconception(
    of="cross_entropy_backward",
    kind="misses_point",
    any_of={"averaged": (True, False)},
    hint="Your probabilities add up to 1 over the whole batch. Each row is a separate guess, so sum within each row "
    "only.",
)
def one_softmax_for_the_batch(logits, targets, *, averaged):
    powers = np.exp(logits - logits.max())
    return (powers / powers.sum() - np.eye(logits.shape[1])[targets]) / (len(logits) if averaged else 1)


@misconception(
    of="cross_entropy_backward",
    kind="edge",
    any_of={"limit": (20, 30, 50, 100, 500, 700, 709), "below": (True, False)},
    hint="You clip the logits so that their exponentials don't overflow, but then all the large logits end up equal. "
    "Subtract each row's largest logit instead, as the softmax you're given does.",
)
def logits_limited(logits, targets, *, limit, below):
    powers = np.exp(np.clip(logits, -limit if below else -np.inf, limit).astype(float))
    return (powers / powers.sum(axis=-1, keepdims=True) - np.eye(logits.shape[1])[targets]) / len(logits)


@misconception(
    of="cross_entropy_backward",
    kind="misses_point",
    hint="You're off by one: you subtract 1 at index target - 1. Words are numbered from 0, and so are the targets.",
)
def word_before_the_right_one(logits, targets):
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return (powers / powers.sum(axis=-1, keepdims=True) - np.eye(logits.shape[1])[targets - 1]) / len(logits)


@misconception(
    of="cross_entropy_backward",
    kind="misses_point",
    any_of={"averaged": (True, False)},
    hint="Your slopes are never negative, because you return 1 - p or an absolute value for the right word. Raising "
    "the right word's logit lowers the loss: its slope is p - 1.",
)
def right_words_slope_positive(logits, targets, *, averaged):
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    difference = powers / powers.sum(axis=-1, keepdims=True) - np.eye(logits.shape[1])[targets]
    return np.abs(difference) / (len(logits) if averaged else 1)


@misconception(
    of="cross_entropy_backward",
    kind="misses_point",
    any_of={"averaged": (True, False)},
    hint="You return the slope with respect to the probability, -1/p for the right word. That's only one link in the "
    "chain: continue through softmax to the logits.",
)
def slope_in_the_probability(logits, targets, *, averaged):
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    probs, right = powers / powers.sum(axis=-1, keepdims=True), np.eye(logits.shape[1])[targets]
    return np.where(right == 1, -1 / probs, 0.0) / (len(logits) if averaged else 1)


@misconception(
    of="cross_entropy_backward",
    kind="edge",
    any_of={"epsilon": (0.0, 1e-15, 1e-12, 1e-10, 1e-9, 1e-8, 1e-7)},
    hint="Along the way, you compute -1/p, the slope with respect to the right word's probability. If p has "
    "underflowed to 0, you divide by 0. If you avoid that by adding a small number to p, or by replacing p with a "
    "small number, the slope vanishes instead. The formula p - 1 needs no division.",
)
def divides_by_a_vanished_probability(logits, targets, *, epsilon):
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    probs = powers / powers.sum(axis=-1, keepdims=True)
    link = -np.eye(logits.shape[1])[targets] / (probs + epsilon)
    return probs * (link - (link * probs).sum(axis=-1, keepdims=True)) / len(logits)


@misconception(
    of="cross_entropy_backward",
    kind="misses_point",
    any_of={"averaged": (True, False)},
    hint="You use log-probabilities (log-softmax). Use the probabilities themselves, and subtract 1 from the right "
    "word's.",
)
def log_probabilities_minus_one_hot(logits, targets, *, averaged):
    log_probs = logits - np.logaddexp.reduce(logits, axis=-1, keepdims=True)
    return (log_probs - np.eye(logits.shape[1])[targets]) / (len(logits) if averaged else 1)


@misconception(
    of="cross_entropy_backward",
    kind="misses_point",
    any_of={"rows": ("first", "all_but_last")},
    hint="You subtract 1 in only some of the rows: only the first, or all but the last. Every row has a target, so "
    "subtract 1 in every row.",
)
def some_rows_without_the_1(logits, targets, *, rows):
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    gradient = powers / powers.sum(axis=-1, keepdims=True)
    number = 1 if rows == "first" else len(logits) - 1
    gradient[np.arange(number), targets[:number]] -= 1
    return gradient / len(logits)


@misconception(
    of="cross_entropy_backward",
    kind="misses_point",
    any_of={"averaged": (True, False)},
    hint="You sum or average over the rows, so only one row of slopes is left. Every logit in every row has its own "
    "slope.",
)
def rows_merged(logits, targets, *, averaged):
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    gradient = powers / powers.sum(axis=-1, keepdims=True) - np.eye(logits.shape[1])[targets]
    return gradient.mean(axis=0) if averaged else gradient.sum(axis=0)


@misconception(
    of="cross_entropy_backward",
    kind="edge",
    hint="You put the slopes in an array with the logits' dtype. If the logits are integers, the slopes lose "
    "their fractional parts. Make an array of floats.",
    taught=True,
)
def slopes_in_the_type_of_the_logits(logits, targets):
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    gradient = powers / powers.sum(axis=-1, keepdims=True) - np.eye(logits.shape[1])[targets]
    return (gradient / len(logits)).astype(logits.dtype)


@misconception(
    of="cross_entropy_backward",
    kind="misses_point",
    hint="Your slopes are twice as large as they should be. There's no square here, so there's no factor of 2.",
)
def slopes_doubled(logits, targets):
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return 2 * (powers / powers.sum(axis=-1, keepdims=True) - np.eye(logits.shape[1])[targets]) / len(logits)


@misconception(
    of="cross_entropy_backward",
    kind="misses_point",
    any_of={"factor": ("p", "right_p", "loss")},
    hint="You multiply the slopes by a probability or by the loss. Each row's slopes are just its probabilities, with "
    "1 subtracted from the right word's. The only factor is the 1/N from the mean.",
)
def difference_with_another_factor(logits, targets, *, factor):
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    probs, rows = powers / powers.sum(axis=-1, keepdims=True), np.arange(len(logits))
    right = probs[rows, targets][:, None]
    factors = {"p": probs, "right_p": right, "loss": -np.log(right)}
    return (probs - np.eye(logits.shape[1])[targets]) * factors[factor] / len(logits)


@misconception(
    of="cross_entropy_backward",
    kind="misses_point",
    any_of={"averaged": (True, False)},
    hint="You subtract 1 from every probability. Only the right word's slope is 1 less than its probability.",
)
def the_1_subtracted_everywhere(logits, targets, *, averaged):
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return (powers / powers.sum(axis=-1, keepdims=True) - 1) / (len(logits) if averaged else 1)


@misconception(
    of="cross_entropy_backward",
    kind="misses_point",
    hint="You apply softmax twice. The first softmax already gives probabilities.",
)
def softmax_applied_twice(logits, targets):
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    again = np.exp(powers / powers.sum(axis=-1, keepdims=True))
    return (again / again.sum(axis=-1, keepdims=True) - np.eye(logits.shape[1])[targets]) / len(logits)


@misconception(
    of="cross_entropy_backward",
    kind="misses_point",
    hint="Your probabilities don't add up to 1: you take the exponentials without dividing by their sum.",
)
def exponentials_not_divided(logits, targets):
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return (powers - np.eye(logits.shape[1])[targets]) / len(logits)


@misconception(
    of="cross_entropy_backward",
    kind="edge",
    hint="Your one-hot matrix has only as many columns as the largest target needs. It needs a column for each word in "
    "the vocabulary, even if that word isn't one of the targets.",
)
def one_hot_as_wide_as_the_largest_target(logits, targets):
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return (powers / powers.sum(axis=-1, keepdims=True) - np.eye(targets.max() + 1)[targets]) / len(logits)


@misconception(
    of="cross_entropy_backward",
    kind="misses_point",
    any_of={"averaged": (True, False)},
    hint="You subtract 1 from the right word's logit, before softmax. Subtract it from that word's probability "
    "instead.",
)
def one_subtracted_from_the_logits(logits, targets, *, averaged):
    scores = logits - np.eye(logits.shape[1])[targets]
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True) / (len(logits) if averaged else 1)


@misconception(
    of="cross_entropy_backward",
    kind="edge",
    hint="You put the probabilities into an array with the logits' dtype. If the logits are integers, the "
    "probabilities lose their fractional parts.",
)
def probabilities_in_the_type_of_the_logits(logits, targets):
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    gradient = (powers / powers.sum(axis=-1, keepdims=True)).astype(logits.dtype)
    gradient[np.arange(len(targets)), targets] -= 1
    return gradient / len(logits)


@misconception(
    of="cross_entropy_backward",
    kind="misses_point",
    any_of={"by": ("the rest", "the probability")},
    hint="You multiply each row by its right word's probability, or by 1 minus that probability. The mean gives every "
    "row the same weight.",
)
def rows_weighted(logits, targets, *, by):
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    probs = powers / powers.sum(axis=-1, keepdims=True)
    right = probs[np.arange(len(targets)), targets][:, None]
    difference = probs - np.eye(logits.shape[1])[targets]
    return difference * (1 - right if by == "the rest" else right) / len(logits)


@misconception(
    of="cross_entropy_backward",
    kind="misses_point",
    any_of={"everywhere": (True, False)},
    hint="You subtract the right word's probability. Subtract 1 instead, and only from the right word's probability.",
)
def right_words_probability_subtracted(logits, targets, *, everywhere):
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    probs = powers / powers.sum(axis=-1, keepdims=True)
    one_hot = np.eye(logits.shape[1])[targets]
    right = probs[np.arange(len(targets)), targets][:, None]
    return (probs - right * (1 if everywhere else one_hot)) / len(logits)


# --- linear_backward ---


@misconception(
    of="linear_backward",
    kind="misses_point",
    hint="You ignore the slopes in grad_out, as if each output had a slope of 1. Multiply by those slopes.",
)
def upstream_ignored(grad_out, X, W):
    ones = np.ones(grad_out.shape)
    return ones @ W.T, X.T @ ones, ones.sum(axis=0)


@misconception(
    of="linear_backward",
    kind="convention",
    hint="You average the gradient for the weights again. The 1/N from the mean is already in grad_out, so just sum "
    "over the examples.",
    taught=True,
)
def weights_averaged(grad_out, X, W):
    return grad_out @ W.T, X.T @ grad_out / len(X), grad_out.sum(axis=0)


@misconception(
    of="linear_backward",
    kind="convention",
    hint="You average the bias gradients over the examples. Each bias is used for every example, so add up its slopes.",
    taught=True,
)
def biases_averaged(grad_out, X, W):
    return grad_out @ W.T, X.T @ grad_out, grad_out.mean(axis=0)


@misconception(
    of="linear_backward",
    kind="convention",
    hint="You average the gradients for the weights and biases again. The 1/N from the mean is already in grad_out.",
    taught=True,
)
def weights_and_biases_averaged(grad_out, X, W):
    return grad_out @ W.T, X.T @ grad_out / len(X), grad_out.mean(axis=0)


@misconception(
    of="linear_backward",
    kind="misses_point",
    hint="You don't transpose the weights on the way back from outputs to inputs. If W is square, you won't get an "
    "error for this.",
    taught=True,
)
def weights_not_transposed(grad_out, X, W):
    return grad_out @ W, X.T @ grad_out, grad_out.sum(axis=0)


@misconception(
    of="linear_backward",
    kind="misses_point",
    hint="Your gradient for the weights is transposed. It should have the same shape as the weights.",
)
def weight_slopes_transposed(grad_out, X, W):
    return grad_out @ W.T, grad_out.T @ X, grad_out.sum(axis=0)


@misconception(
    of="linear_backward",
    kind="misses_point",
    hint="You set the slope for each bias to 1, which is only the bias's own link in the chain. Multiply by the "
    "slopes in grad_out.",
)
def bias_slopes_of_1(grad_out, X, W):
    return grad_out @ W.T, X.T @ grad_out, np.ones(W.shape[1])


@misconception(
    of="linear_backward",
    kind="misses_point",
    any_of={"averaged": (False, True)},
    hint="For the bias gradients, you sum or average along the wrong axis, so you get one per example instead of one "
    "per output.",
)
def bias_slopes_of_each_example(grad_out, X, W, *, averaged):
    return grad_out @ W.T, X.T @ grad_out, grad_out.mean(axis=1) if averaged else grad_out.sum(axis=1)


@misconception(
    of="linear_backward",
    kind="misses_point",
    hint="You give all biases the same slope, the sum of all the slopes in grad_out. Each output has its own bias.",
)
def one_slope_for_all_biases(grad_out, X, W):
    return grad_out @ W.T, X.T @ grad_out, np.full(W.shape[1], grad_out.sum())


@misconception(
    of="linear_backward",
    kind="misses_point",
    hint="You return grad_out itself as the gradient for the biases. Sum it over the examples.",
    taught=True,
)
def bias_slopes_not_added_up(grad_out, X, W):
    return grad_out @ W.T, X.T @ grad_out, grad_out


@misconception(
    of="linear_backward",
    kind="convention",
    hint="You return the gradient for the biases as a table with one row. It should have the shape of the biases, "
    "(D_out,).",
)
def bias_slopes_as_a_row(grad_out, X, W):
    return grad_out @ W.T, X.T @ grad_out, grad_out.sum(axis=0, keepdims=True)


@misconception(
    of="linear_backward",
    kind="misses_point",
    hint="Your three gradients are in the wrong order. The order is grad_X, grad_W, grad_b.",
)
def weights_first(grad_out, X, W):
    return X.T @ grad_out, grad_out.sum(axis=0), grad_out @ W.T


@misconception(
    of="linear_backward",
    kind="misses_point",
    hint="You average or sum inputs and slopes before you multiply them. Multiply each example's inputs by that "
    "example's slopes first.",
)
def means_multiplied(grad_out, X, W):
    return grad_out @ W.T, len(X) * np.outer(X.mean(axis=0), grad_out.mean(axis=0)), grad_out.sum(axis=0)


@misconception(
    of="linear_backward",
    kind="misses_point",
    any_of={"where": ("inputs", "outputs")},
    hint="You set slopes to 0 where the layer's input or output wasn't above 0, as a ReLU would. This layer is linear.",
)
def relu_in_the_way(grad_out, X, W, *, where):
    if where == "outputs":
        grad_out = grad_out * (X @ W > 0)
        return grad_out @ W.T, X.T @ grad_out, grad_out.sum(axis=0)
    return (grad_out @ W.T) * (X > 0), X.T @ grad_out, grad_out.sum(axis=0)


@misconception(
    of="linear_backward",
    kind="misses_point",
    any_of={"decay": (1e-3, 1e-2, 0.1)},
    hint="You add a multiple of W to its slopes (weight decay). There's no penalty here: the slopes come only from the "
    "examples.",
)
def weights_decay(grad_out, X, W, *, decay):
    return grad_out @ W.T, X.T @ grad_out + decay * W, grad_out.sum(axis=0)


@misconception(
    of="linear_backward",
    kind="misses_point",
    any_of={"which": ("W", "X", "both")},
    hint="You reshape a matrix where you need its transpose. reshape keeps the order of the numbers, so they end up in "
    "the wrong places; .T swaps rows and columns.",
)
def reshaped_in_place_of_transposed(grad_out, X, W, *, which):
    turned_X = X.T if which == "W" else X.reshape(X.shape[::-1])
    turned_W = W.T if which == "X" else W.reshape(W.shape[::-1])
    return grad_out @ turned_W, turned_X @ grad_out, grad_out.sum(axis=0)


@misconception(
    of="linear_backward",
    kind="misses_point",
    any_of={"place": (-1, 0), "of": ("W", "b", "both")},
    hint="Only one example contributes to the gradient for W or b (or both), maybe because each example overwrites the "
    "one before. Sum the slopes over all the examples.",
)
def one_example_counts(grad_out, X, W, *, place, of):
    weights = X.T @ grad_out if of == "b" else np.outer(X[place], grad_out[place])
    return grad_out @ W.T, weights, grad_out.sum(axis=0) if of == "W" else grad_out[place]


@misconception(
    of="linear_backward",
    kind="misses_point",
    any_of={"others_too": (False, True)},
    hint="You divide the gradient for the inputs by the number of examples. The 1/N from the mean is already in "
    "grad_out, so don't average again.",
)
def inputs_averaged(grad_out, X, W, *, others_too):
    n = len(X) if others_too else 1
    return grad_out @ W.T / len(X), X.T @ grad_out / n, grad_out.sum(axis=0) / n


@misconception(
    of="linear_backward",
    kind="misses_point",
    any_of={"order": ("WXb", "XbW", "bWX", "bXW")},
    hint="You return the three gradients in the wrong order. grad_X comes first, then grad_W, then grad_b.",
)
def gradients_in_another_order(grad_out, X, W, *, order):
    found = {"X": grad_out @ W.T, "W": X.T @ grad_out, "b": grad_out.sum(axis=0)}
    return tuple(found[name] for name in order)


@misconception(
    of="linear_backward",
    kind="misses_point",
    hint="You add up all the slopes in grad_out into one number. Each output has a bias of its own, so add up each "
    "column.",
)
def biases_slope_as_one_number(grad_out, X, W):
    return grad_out @ W.T, X.T @ grad_out, grad_out.sum()


@misconception(
    of="linear_backward",
    kind="misses_point",
    hint="Your bias gradients just count the examples. Each example contributes its slope in grad_out, not 1.",
)
def bias_slopes_count_the_examples(grad_out, X, W):
    return grad_out @ W.T, X.T @ grad_out, np.full(W.shape[1], float(len(X)))


@misconception(
    of="linear_backward",
    kind="misses_point",
    hint="All your signs are flipped. Return the slopes. You'll step in the opposite direction in the next lab.",
)
def all_signs_flipped(grad_out, X, W):
    return -(grad_out @ W.T), -(X.T @ grad_out), -grad_out.sum(axis=0)


@misconception(
    of="linear_backward",
    kind="misses_point",
    any_of={"for_what": ("X", "W")},
    hint="In one of the gradients, you ignore the slopes in grad_out, as if each output had a slope of 1. Multiply by "
    "grad_out in all three.",
)
def upstream_ignored_in_one(grad_out, X, W, *, for_what):
    ones = np.ones(grad_out.shape)
    inputs, weights = (ones, grad_out) if for_what == "X" else (grad_out, ones)
    return inputs @ W.T, X.T @ weights, grad_out.sum(axis=0)


@misconception(
    of="linear_backward",
    kind="misses_point",
    any_of={"averaged": (False, True)},
    hint="You sum or average the gradient for the inputs over the examples. Each example has its own inputs, so it "
    "needs its own row of slopes.",
)
def input_slopes_merged(grad_out, X, W, *, averaged):
    slopes = (grad_out @ W.T).sum(axis=0)
    return slopes / len(X) if averaged else slopes, X.T @ grad_out, grad_out.sum(axis=0)


@misconception(
    of="linear_backward",
    kind="misses_point",
    any_of={"summed": (False, True)},
    hint="You average or add up the examples before you combine inputs and slopes. Multiply each example's inputs "
    "by its own slopes, and then add up the products.",
)
def examples_merged_before_multiplying(grad_out, X, W, *, summed):
    n = len(X) if summed else 1
    return grad_out @ W.T, n**2 * np.outer(X.mean(axis=0), grad_out.mean(axis=0)), grad_out.sum(axis=0)


@misconception(
    of="linear_backward",
    kind="misses_point",
    hint="You multiply the gradient for the inputs by the inputs. The slope of an output with respect to an input is "
    "the weight between them.",
)
def input_slopes_times_the_inputs(grad_out, X, W):
    return (grad_out @ W.T) * X, X.T @ grad_out, grad_out.sum(axis=0)


@misconception(
    of="linear_backward",
    kind="conduct",
    hint="You change an array you were given, for example by setting the slopes back to 0 or taking a step. Return new "
    "arrays instead.",
    taught=True,
)
def changes_an_argument(grad_out, X, W):
    found = grad_out @ W.T, X.T @ grad_out, grad_out.sum(axis=0)
    grad_out *= 0
    return found


@misconception(
    of="linear_backward",
    kind="edge",
    any_of={"which": ("W", "X", "both")},
    hint="You only transpose a matrix if the shapes wouldn't match otherwise. The shapes of square matrices always "
    "match, so you never transpose those. Transpose the matrix every time.",
)
def transposed_only_if_needed(grad_out, X, W, *, which):
    W_first = which != "X" and W.shape[0] == grad_out.shape[1]
    X_first = which != "W" and X.shape[1] == grad_out.shape[0]
    return grad_out @ (W if W_first else W.T), (X if X_first else X.T) @ grad_out, grad_out.sum(axis=0)


@misconception(
    of="linear_backward",
    kind="convention",
    hint="You drop axes of length 1. grad_X and grad_W should always be 2-D, even if there's only one example, one "
    "input or one output.",
)
def slopes_squeezed(grad_out, X, W):
    return np.squeeze(grad_out @ W.T), np.squeeze(X.T @ grad_out), grad_out.sum(axis=0)


@misconception(
    of="linear_backward",
    kind="misses_point",
    any_of={"names": ("X W b", "grad_X grad_W grad_b", "dX dW db")},
    hint="You return a dict. Return the three gradients in a tuple, in the order grad_X, grad_W, grad_b.",
)
def gradients_in_a_dict(grad_out, X, W, *, names):
    return dict(zip(names.split(), (grad_out @ W.T, X.T @ grad_out, grad_out.sum(axis=0)), strict=True))


@misconception(
    of="linear_backward",
    kind="misses_point",
    hint="You add the slope for each bias once per input, for example in a loop over the inputs. Add it once per "
    "example.",
)
def bias_slopes_once_per_input(grad_out, X, W):
    return grad_out @ W.T, X.T @ grad_out, X.shape[1] * grad_out.sum(axis=0)


@misconception(
    of="linear_backward",
    kind="misses_point",
    any_of={"place": ("first", "last"), "of": ("W", "b", "both")},
    hint="You leave out the first or the last example when you compute the gradient for the weights or biases. Check "
    "where your loop or slice starts and ends.",
)
def one_example_left_out(grad_out, X, W, *, place, of):
    kept = slice(1, None) if place == "first" else slice(None, -1)
    weights = X.T @ grad_out if of == "b" else X[kept].T @ grad_out[kept]
    return grad_out @ W.T, weights, grad_out.sum(axis=0) if of == "W" else grad_out[kept].sum(axis=0)


@misconception(
    of="linear_backward",
    kind="misses_point",
    hint="You multiply by the inverse of the weights. In the backward pass, the weights are transposed, not inverted.",
)
def inverse_in_place_of_transposed(grad_out, X, W):
    return grad_out @ np.linalg.pinv(W), X.T @ grad_out, grad_out.sum(axis=0)


@misconception(
    of="linear_backward",
    kind="misses_point",
    hint="You also multiply grad_out by the layer's outputs. A linear layer's local slopes are just its weights, its "
    "inputs and 1.",
)
def slopes_times_the_outputs(grad_out, X, W):
    grad_out = grad_out * (X @ W)
    return grad_out @ W.T, X.T @ grad_out, grad_out.sum(axis=0)


@misconception(
    of="linear_backward",
    kind="misses_point",
    hint="Your gradient for the inputs is transposed. It should have the same shape as the inputs, (N, D_in).",
)
def input_slopes_transposed(grad_out, X, W):
    return W @ grad_out.T, X.T @ grad_out, grad_out.sum(axis=0)


@misconception(
    of="linear_backward",
    kind="edge",
    any_of={"which": ("X", "W", "both")},
    hint="You collect slopes in an array with the dtype of X or W. If that dtype is an integer type, the slopes lose "
    "their fractional parts.",
)
def slopes_in_the_type_of_the_arguments(grad_out, X, W, *, which):
    for_inputs, for_weights = np.zeros(X.shape), np.zeros(W.shape)
    for_inputs = for_inputs if which == "W" else np.zeros_like(X)
    for_weights = for_weights if which == "X" else np.zeros_like(W)
    for n, i, j in np.ndindex(len(X), *W.shape):
        for_inputs[n, i] = for_inputs[n, i] + grad_out[n, j] * W[i, j]
        for_weights[i, j] = for_weights[i, j] + grad_out[n, j] * X[n, i]
    return for_inputs, for_weights, grad_out.sum(axis=0)


@misconception(
    of="linear_backward",
    kind="edge",
    any_of={"which": ("X", "W", "both")},
    hint="You convert slopes to the integer dtype of X or W, which truncates them.",
)
def slopes_cast_to_the_type_of_the_arguments(grad_out, X, W, *, which):
    for_inputs, for_weights = grad_out @ W.T, X.T @ grad_out
    for_inputs = for_inputs if which == "W" else for_inputs.astype(X.dtype)
    return for_inputs, for_weights if which == "X" else for_weights.astype(W.dtype), grad_out.sum(axis=0)


# --- mlp_loss_and_grads ---


@misconception(
    of="mlp_loss_and_grads",
    kind="misses_point",
    hint="You pass the gradient back through every neuron, even those that ReLU turned off. A neuron that's off "
    "shouldn't let any gradient through.",
    taught=True,
)
def relu_forgotten_on_the_way_back(params, X, targets):
    h = np.maximum(X @ params["W1"] + params["b1"], 0)
    z = h @ params["W2"] + params["b2"]
    log_probs = z - np.logaddexp.reduce(z, axis=1, keepdims=True)
    loss = -log_probs[np.arange(len(X)), targets].mean()
    g = (np.exp(log_probs) - np.eye(z.shape[1])[targets]) / len(X)
    da = g @ params["W2"].T
    return loss, {"W1": X.T @ da, "b1": da.sum(axis=0), "W2": h.T @ g, "b2": g.sum(axis=0)}


@misconception(
    of="mlp_loss_and_grads",
    kind="misses_point",
    hint="You let a slope through if the slope itself is positive. What matters is whether a was above 0 in the "
    "forward pass.",
    taught=True,
)
def mask_from_the_slopes(params, X, targets):
    h = np.maximum(X @ params["W1"] + params["b1"], 0)
    z = h @ params["W2"] + params["b2"]
    log_probs = z - np.logaddexp.reduce(z, axis=1, keepdims=True)
    loss = -log_probs[np.arange(len(X)), targets].mean()
    g = (np.exp(log_probs) - np.eye(z.shape[1])[targets]) / len(X)
    da = np.maximum(g @ params["W2"].T, 0)
    return loss, {"W1": X.T @ da, "b1": da.sum(axis=0), "W2": h.T @ g, "b2": g.sum(axis=0)}


@misconception(
    of="mlp_loss_and_grads",
    kind="misses_point",
    hint="You look at X @ W1, without the bias, to see which neurons are on. What matters is whether a, which includes "
    "the bias, was above 0.",
)
def mask_without_the_bias(params, X, targets):
    h = np.maximum(X @ params["W1"] + params["b1"], 0)
    z = h @ params["W2"] + params["b2"]
    log_probs = z - np.logaddexp.reduce(z, axis=1, keepdims=True)
    loss = -log_probs[np.arange(len(X)), targets].mean()
    g = (np.exp(log_probs) - np.eye(z.shape[1])[targets]) / len(X)
    da = (g @ params["W2"].T) * (X @ params["W1"] > 0)
    return loss, {"W1": X.T @ da, "b1": da.sum(axis=0), "W2": h.T @ g, "b2": g.sum(axis=0)}


@misconception(
    of="mlp_loss_and_grads",
    kind="misses_point",
    hint="You compute W2's gradient with a, the values before ReLU. The input to that layer is h.",
    taught=True,
)
def a_in_place_of_h(params, X, targets):
    a = X @ params["W1"] + params["b1"]
    z = np.maximum(a, 0) @ params["W2"] + params["b2"]
    log_probs = z - np.logaddexp.reduce(z, axis=1, keepdims=True)
    loss = -log_probs[np.arange(len(X)), targets].mean()
    g = (np.exp(log_probs) - np.eye(z.shape[1])[targets]) / len(X)
    da = (g @ params["W2"].T) * (a > 0)
    return loss, {"W1": X.T @ da, "b1": da.sum(axis=0), "W2": a.T @ g, "b2": g.sum(axis=0)}


@misconception(
    of="mlp_loss_and_grads",
    kind="misses_point",
    hint="You multiply the slopes by ReLU's output. Multiply by ReLU's slope, which is 1 or 0.",
)
def multiplied_by_the_values(params, X, targets):
    h = np.maximum(X @ params["W1"] + params["b1"], 0)
    z = h @ params["W2"] + params["b2"]
    log_probs = z - np.logaddexp.reduce(z, axis=1, keepdims=True)
    loss = -log_probs[np.arange(len(X)), targets].mean()
    g = (np.exp(log_probs) - np.eye(z.shape[1])[targets]) / len(X)
    da = (g @ params["W2"].T) * h
    return loss, {"W1": X.T @ da, "b1": da.sum(axis=0), "W2": h.T @ g, "b2": g.sum(axis=0)}


@misconception(
    of="mlp_loss_and_grads",
    kind="misses_point",
    hint="You compute the gradient for b1 from the one for h, as if there were no ReLU. Both b1 and W1 need the "
    "gradient for a.",
)
def mask_missing_for_b1(params, X, targets):
    h = np.maximum(X @ params["W1"] + params["b1"], 0)
    z = h @ params["W2"] + params["b2"]
    log_probs = z - np.logaddexp.reduce(z, axis=1, keepdims=True)
    loss = -log_probs[np.arange(len(X)), targets].mean()
    g = (np.exp(log_probs) - np.eye(z.shape[1])[targets]) / len(X)
    dh = g @ params["W2"].T
    return loss, {"W1": X.T @ (dh * (h > 0)), "b1": dh.sum(axis=0), "W2": h.T @ g, "b2": g.sum(axis=0)}


@misconception(
    of="mlp_loss_and_grads",
    kind="convention",
    hint="Your loss is the mean over the examples, but your slopes are for the sum, so they grow with the batch size.",
)
def slopes_not_averaged(params, X, targets):
    h = np.maximum(X @ params["W1"] + params["b1"], 0)
    z = h @ params["W2"] + params["b2"]
    log_probs = z - np.logaddexp.reduce(z, axis=1, keepdims=True)
    loss = -log_probs[np.arange(len(X)), targets].mean()
    g = np.exp(log_probs) - np.eye(z.shape[1])[targets]
    da = (g @ params["W2"].T) * (h > 0)
    return loss, {"W1": X.T @ da, "b1": da.sum(axis=0), "W2": h.T @ g, "b2": g.sum(axis=0)}


@misconception(
    of="mlp_loss_and_grads",
    kind="misses_point",
    hint="You average the slopes twice. The gradient for the logits should include the 1/N from the mean only once. "
    "After that, the layers only have to sum over the examples.",
    taught=True,
)
def slopes_averaged_twice(params, X, targets):
    h = np.maximum(X @ params["W1"] + params["b1"], 0)
    z = h @ params["W2"] + params["b2"]
    log_probs = z - np.logaddexp.reduce(z, axis=1, keepdims=True)
    loss = -log_probs[np.arange(len(X)), targets].mean()
    g = (np.exp(log_probs) - np.eye(z.shape[1])[targets]) / len(X)
    da = (g @ params["W2"].T) * (h > 0) / len(X)
    return loss, {"W1": X.T @ da, "b1": da.sum(axis=0), "W2": h.T @ g / len(X), "b2": g.mean(axis=0)}


@misconception(
    of="mlp_loss_and_grads",
    kind="convention",
    hint="You add up the loss over the examples, but your slopes are for the mean.",
)
def loss_of_the_sum(params, X, targets):
    h = np.maximum(X @ params["W1"] + params["b1"], 0)
    z = h @ params["W2"] + params["b2"]
    log_probs = z - np.logaddexp.reduce(z, axis=1, keepdims=True)
    loss = -log_probs[np.arange(len(X)), targets].sum()
    g = (np.exp(log_probs) - np.eye(z.shape[1])[targets]) / len(X)
    da = (g @ params["W2"].T) * (h > 0)
    return loss, {"W1": X.T @ da, "b1": da.sum(axis=0), "W2": h.T @ g, "b2": g.sum(axis=0)}


@misconception(
    of="mlp_loss_and_grads",
    kind="convention",
    hint="You sum the loss and the gradients over the examples, so both grow with the batch size. Both should be "
    "means.",
    taught=True,
)
def loss_and_slopes_of_the_sum(params, X, targets):
    h = np.maximum(X @ params["W1"] + params["b1"], 0)
    z = h @ params["W2"] + params["b2"]
    log_probs = z - np.logaddexp.reduce(z, axis=1, keepdims=True)
    loss = -log_probs[np.arange(len(X)), targets].sum()
    g = np.exp(log_probs) - np.eye(z.shape[1])[targets]
    da = (g @ params["W2"].T) * (h > 0)
    return loss, {"W1": X.T @ da, "b1": da.sum(axis=0), "W2": h.T @ g, "b2": g.sum(axis=0)}


@misconception(
    of="mlp_loss_and_grads",
    kind="misses_point",
    hint="ReLU is missing from both the forward and the backward pass, so the network is just one big linear layer.",
)
def no_relu_at_all(params, X, targets):
    a = X @ params["W1"] + params["b1"]
    z = a @ params["W2"] + params["b2"]
    log_probs = z - np.logaddexp.reduce(z, axis=1, keepdims=True)
    loss = -log_probs[np.arange(len(X)), targets].mean()
    g = (np.exp(log_probs) - np.eye(z.shape[1])[targets]) / len(X)
    da = g @ params["W2"].T
    return loss, {"W1": X.T @ da, "b1": da.sum(axis=0), "W2": a.T @ g, "b2": g.sum(axis=0)}


@misconception(
    of="mlp_loss_and_grads",
    kind="misses_point",
    hint="You apply a ReLU to the logits too. They're scores, so they may be negative.",
)
def relu_on_the_logits(params, X, targets):
    h = np.maximum(X @ params["W1"] + params["b1"], 0)
    z = np.maximum(h @ params["W2"] + params["b2"], 0)
    log_probs = z - np.logaddexp.reduce(z, axis=1, keepdims=True)
    loss = -log_probs[np.arange(len(X)), targets].mean()
    g = (np.exp(log_probs) - np.eye(z.shape[1])[targets]) / len(X) * (z > 0)
    da = (g @ params["W2"].T) * (h > 0)
    return loss, {"W1": X.T @ da, "b1": da.sum(axis=0), "W2": h.T @ g, "b2": g.sum(axis=0)}


@misconception(
    of="mlp_loss_and_grads",
    kind="misses_point",
    hint="You change W2 in the backward pass and compute the first layer's slopes with the new W2. Only compute "
    "slopes; don't change any weights.",
    taught=True,
)
def changes_the_weights(params, X, targets):
    h = np.maximum(X @ params["W1"] + params["b1"], 0)
    z = h @ params["W2"] + params["b2"]
    log_probs = z - np.logaddexp.reduce(z, axis=1, keepdims=True)
    loss = -log_probs[np.arange(len(X)), targets].mean()
    g = (np.exp(log_probs) - np.eye(z.shape[1])[targets]) / len(X)
    params["W2"] -= 0.1 * (h.T @ g)
    da = (g @ params["W2"].T) * (h > 0)
    return loss, {"W1": X.T @ da, "b1": da.sum(axis=0), "W2": h.T @ g, "b2": g.sum(axis=0)}


@misconception(
    of="mlp_loss_and_grads",
    kind="edge",
    hint="You add the slopes to the ones from an earlier call. Start each call from zero.",
    taught=True,
)
def never_set_back_to_zero(params, X, targets):
    h = np.maximum(X @ params["W1"] + params["b1"], 0)
    z = h @ params["W2"] + params["b2"]
    log_probs = z - np.logaddexp.reduce(z, axis=1, keepdims=True)
    loss = -log_probs[np.arange(len(X)), targets].mean()
    g = (np.exp(log_probs) - np.eye(z.shape[1])[targets]) / len(X)
    da = (g @ params["W2"].T) * (h > 0)
    slopes = {"W1": X.T @ da, "b1": da.sum(axis=0), "W2": h.T @ g, "b2": g.sum(axis=0)}
    kept = globals().setdefault("kept_slopes", {}).setdefault(params["W1"].tobytes(), {})
    for name, slope in slopes.items():
        kept[name] = kept.get(name, 0.0) + slope
    return loss, dict(kept)


@misconception(
    of="mlp_loss_and_grads",
    kind="edge",
    hint="You compute a probability first and then take its logarithm. If the probability has underflowed to 0, the "
    "loss is infinite. Use cross_entropy.",
)
def logarithm_too_late(params, X, targets):
    h = np.maximum(X @ params["W1"] + params["b1"], 0)
    z = h @ params["W2"] + params["b2"]
    probs = np.exp(z - np.logaddexp.reduce(z, axis=1, keepdims=True))
    loss = -np.log(probs[np.arange(len(X)), targets]).mean()
    g = (probs - np.eye(z.shape[1])[targets]) / len(X)
    da = (g @ params["W2"].T) * (h > 0)
    return loss, {"W1": X.T @ da, "b1": da.sum(axis=0), "W2": h.T @ g, "b2": g.sum(axis=0)}


@misconception(
    of="mlp_loss_and_grads",
    kind="misses_point",
    any_of={"decay": (1e-3, 1e-2, 0.1)},
    hint="You add a multiple of the weights to their slopes (weight decay). The loss has no such penalty.",
)
def penalty_on_the_weights(params, X, targets, *, decay):
    a = X @ params["W1"] + params["b1"]
    h = np.maximum(a, 0.0)
    logits = h @ params["W2"] + params["b2"]
    shifted = logits - logits.max(axis=1, keepdims=True)
    totals = np.exp(shifted).sum(axis=1, keepdims=True)
    rows = np.arange(len(targets))
    loss = float(np.mean(np.log(totals[:, 0]) - shifted[rows, targets]))
    slopes = np.exp(shifted) / totals
    slopes[rows, targets] -= 1.0
    slopes /= len(targets)
    masked = slopes @ params["W2"].T * (a > 0)
    return loss, {
        "W1": X.T @ masked + decay * params["W1"],
        "b1": masked.sum(axis=0),
        "W2": h.T @ slopes + decay * params["W2"],
        "b2": slopes.sum(axis=0),
    }


@misconception(
    of="mlp_loss_and_grads",
    kind="misses_point",
    any_of={"where": ("loss", "slopes", "both")},
    hint="You pass probabilities on as if they were logits, so softmax is applied twice. cross_entropy and "
    "cross_entropy_backward take the logits.",
)
def softmax_before_the_loss(params, X, targets, *, where):
    h = np.maximum(X @ params["W1"] + params["b1"], 0)
    z = h @ params["W2"] + params["b2"]
    inside, probs = z, np.exp(z - np.logaddexp.reduce(z, axis=1, keepdims=True))
    z = probs if where != "slopes" else z
    log_probs = z - np.logaddexp.reduce(z, axis=1, keepdims=True)
    loss = -log_probs[np.arange(len(X)), targets].mean()
    z = inside if where == "loss" else probs
    log_probs = z - np.logaddexp.reduce(z, axis=1, keepdims=True)
    g = (np.exp(log_probs) - np.eye(z.shape[1])[targets]) / len(X)
    da = (g @ params["W2"].T) * (h > 0)
    return loss, {"W1": X.T @ da, "b1": da.sum(axis=0), "W2": h.T @ g, "b2": g.sum(axis=0)}


@misconception(
    of="mlp_loss_and_grads",
    kind="convention",
    any_of={"which": ("both", "b1", "b2")},
    hint="You return one or both bias gradients as a table with one row. Each gradient should have the shape of its "
    "parameter.",
)
def bias_slopes_as_tables(params, X, targets, *, which):
    h = np.maximum(X @ params["W1"] + params["b1"], 0)
    z = h @ params["W2"] + params["b2"]
    log_probs = z - np.logaddexp.reduce(z, axis=1, keepdims=True)
    loss = -log_probs[np.arange(len(X)), targets].mean()
    g = (np.exp(log_probs) - np.eye(z.shape[1])[targets]) / len(X)
    da = (g @ params["W2"].T) * (h > 0)
    return loss, {
        "W1": X.T @ da,
        "b1": da.sum(axis=0, keepdims=which != "b2"),
        "W2": h.T @ g,
        "b2": g.sum(axis=0, keepdims=which != "b1"),
    }


@misconception(
    of="mlp_loss_and_grads",
    kind="misses_point",
    any_of={"which": (("b1", "b2"), ("b1",), ("b2",), ("W1", "W2"), ("W1",), ("W2",), ("W1", "b1"))},
    hint="You average the gradients of some parameters over the examples again. The gradient for the logits already "
    "includes the 1/N from the mean, so the layers only have to sum over the examples.",
)
def some_slopes_averaged_again(params, X, targets, *, which):
    h = np.maximum(X @ params["W1"] + params["b1"], 0)
    z = h @ params["W2"] + params["b2"]
    log_probs = z - np.logaddexp.reduce(z, axis=1, keepdims=True)
    loss = -log_probs[np.arange(len(X)), targets].mean()
    g = (np.exp(log_probs) - np.eye(z.shape[1])[targets]) / len(X)
    da = (g @ params["W2"].T) * (h > 0)
    slopes = {"W1": X.T @ da, "b1": da.sum(axis=0), "W2": h.T @ g, "b2": g.sum(axis=0)}
    return loss, {name: slope / (len(X) if name in which else 1) for name, slope in slopes.items()}


@misconception(
    of="mlp_loss_and_grads",
    kind="misses_point",
    any_of={
        "shape": (
            "leaky",
            "leakier",
            "leaky forward only",
            "leaky back only",
            "sigmoid",
            "sigmoid with a ReLU back",
            "tanh",
            "tanh with a ReLU back",
            "abs",
            "step",
            "min",
        )
    },
    hint="In the forward or backward pass (or both), your hidden layer uses a different activation function, such as a "
    "leaky ReLU, a sigmoid, tanh, an absolute value or a step. ReLU keeps what's above 0 and turns everything else "
    "into 0.",
)
def another_activation(params, X, targets, *, shape):
    a = X @ params["W1"] + params["b1"]
    sigmoid = 1 / (1 + np.exp(-a))
    h, slope = {
        "leaky": (np.where(a > 0, a, 0.01 * a), np.where(a > 0, 1.0, 0.01)),
        "leakier": (np.where(a > 0, a, 0.1 * a), np.where(a > 0, 1.0, 0.1)),
        "leaky forward only": (np.where(a > 0, a, 0.01 * a), 1.0 * (a > 0)),
        "leaky back only": (np.maximum(a, 0), np.where(a > 0, 1.0, 0.01)),
        "sigmoid": (sigmoid, sigmoid * (1 - sigmoid)),
        "sigmoid with a ReLU back": (sigmoid, 1.0 * (a > 0)),
        "tanh": (np.tanh(a), 1 - np.tanh(a) ** 2),
        "tanh with a ReLU back": (np.tanh(a), 1.0 * (a > 0)),
        "abs": (np.abs(a), np.sign(a)),
        "step": (1.0 * (a > 0), 1.0 * (a > 0)),
        "min": (np.minimum(a, 0), 1.0 * (a < 0)),
    }[shape]
    z = h @ params["W2"] + params["b2"]
    log_probs = z - np.logaddexp.reduce(z, axis=1, keepdims=True)
    loss = -log_probs[np.arange(len(X)), targets].mean()
    g = (np.exp(log_probs) - np.eye(z.shape[1])[targets]) / len(X)
    da = (g @ params["W2"].T) * slope
    return loss, {"W1": X.T @ da, "b1": da.sum(axis=0), "W2": h.T @ g, "b2": g.sum(axis=0)}


@misconception(
    of="mlp_loss_and_grads",
    kind="misses_point",
    any_of={"which": (("b1",), ("b2",), ("b1", "b2"))},
    hint="You leave a bias out of the forward pass. Each of the two layers has its own bias to add.",
)
def bias_forgotten_forward(params, X, targets, *, which):
    h = np.maximum(X @ params["W1"] + (0 if "b1" in which else params["b1"]), 0)
    z = h @ params["W2"] + (0 if "b2" in which else params["b2"])
    log_probs = z - np.logaddexp.reduce(z, axis=1, keepdims=True)
    loss = -log_probs[np.arange(len(X)), targets].mean()
    g = (np.exp(log_probs) - np.eye(z.shape[1])[targets]) / len(X)
    da = (g @ params["W2"].T) * (h > 0)
    return loss, {"W1": X.T @ da, "b1": da.sum(axis=0), "W2": h.T @ g, "b2": g.sum(axis=0)}


@misconception(
    of="mlp_loss_and_grads",
    kind="misses_point",
    any_of={"prefix": ("d", "grad_", "d_")},
    hint="Your gradients have the wrong names. Use the same keys as params (W1, b1, W2 and b2), so that the caller can "
    "find them.",
)
def gradients_under_other_names(params, X, targets, *, prefix):
    h = np.maximum(X @ params["W1"] + params["b1"], 0)
    z = h @ params["W2"] + params["b2"]
    log_probs = z - np.logaddexp.reduce(z, axis=1, keepdims=True)
    loss = -log_probs[np.arange(len(X)), targets].mean()
    g = (np.exp(log_probs) - np.eye(z.shape[1])[targets]) / len(X)
    da = (g @ params["W2"].T) * (h > 0)
    slopes = {"W1": X.T @ da, "b1": da.sum(axis=0), "W2": h.T @ g, "b2": g.sum(axis=0)}
    return loss, {prefix + name: slope for name, slope in slopes.items()}


@misconception(
    of="mlp_loss_and_grads",
    kind="misses_point",
    hint="You return the gradients without their names. Return a dict with the same keys as params.",
)
def gradients_in_a_sequence(params, X, targets):
    h = np.maximum(X @ params["W1"] + params["b1"], 0)
    z = h @ params["W2"] + params["b2"]
    log_probs = z - np.logaddexp.reduce(z, axis=1, keepdims=True)
    loss = -log_probs[np.arange(len(X)), targets].mean()
    g = (np.exp(log_probs) - np.eye(z.shape[1])[targets]) / len(X)
    da = (g @ params["W2"].T) * (h > 0)
    return loss, (X.T @ da, da.sum(axis=0), h.T @ g, g.sum(axis=0))


@misconception(
    of="mlp_loss_and_grads",
    kind="misses_point",
    hint="You return the two results in the wrong order. The loss comes first, then the gradients.",
)
def gradients_before_the_loss(params, X, targets):
    h = np.maximum(X @ params["W1"] + params["b1"], 0)
    z = h @ params["W2"] + params["b2"]
    log_probs = z - np.logaddexp.reduce(z, axis=1, keepdims=True)
    loss = -log_probs[np.arange(len(X)), targets].mean()
    g = (np.exp(log_probs) - np.eye(z.shape[1])[targets]) / len(X)
    da = (g @ params["W2"].T) * (h > 0)
    return {"W1": X.T @ da, "b1": da.sum(axis=0), "W2": h.T @ g, "b2": g.sum(axis=0)}, loss


@misconception(
    of="mlp_loss_and_grads",
    kind="misses_point",
    any_of={"instead": ("bits", "minus", "perplexity", "probability", "improbability", "log of the mean")},
    hint="Your gradients are for the mean cross-entropy in nats, but you return some other loss, such as a loss in "
    "bits, a loss without the minus sign or without the logarithm, a perplexity, or the logarithm of a mean.",
)
def loss_of_another_kind(params, X, targets, *, instead):
    h = np.maximum(X @ params["W1"] + params["b1"], 0)
    z = h @ params["W2"] + params["b2"]
    log_probs = z - np.logaddexp.reduce(z, axis=1, keepdims=True)
    loss = -log_probs[np.arange(len(X)), targets].mean()
    g = (np.exp(log_probs) - np.eye(z.shape[1])[targets]) / len(X)
    da = (g @ params["W2"].T) * (h > 0)
    right = np.exp(log_probs[np.arange(len(X)), targets])
    returned = {
        "bits": loss / np.log(2),
        "minus": -loss,
        "perplexity": np.exp(loss),
        "probability": right.mean(),
        "improbability": 1 - right.mean(),
        "log of the mean": -np.log(right.mean()),
    }[instead]
    return returned, {"W1": X.T @ da, "b1": da.sum(axis=0), "W2": h.T @ g, "b2": g.sum(axis=0)}


@misconception(
    of="mlp_loss_and_grads",
    kind="misses_point",
    hint="You return a loss for each example. The loss is one number: the mean over the examples.",
)
def a_loss_for_each_example(params, X, targets):
    h = np.maximum(X @ params["W1"] + params["b1"], 0)
    z = h @ params["W2"] + params["b2"]
    log_probs = z - np.logaddexp.reduce(z, axis=1, keepdims=True)
    loss = -log_probs[np.arange(len(X)), targets]
    g = (np.exp(log_probs) - np.eye(z.shape[1])[targets]) / len(X)
    da = (g @ params["W2"].T) * (h > 0)
    return loss, {"W1": X.T @ da, "b1": da.sum(axis=0), "W2": h.T @ g, "b2": g.sum(axis=0)}


@misconception(
    of="mlp_loss_and_grads",
    kind="misses_point",
    hint="The signs of all your slopes are flipped. The backward pass starts with the gradient for the logits: the "
    "probabilities, with 1 subtracted from the right word's.",
)
def logits_slopes_flipped(params, X, targets):
    h = np.maximum(X @ params["W1"] + params["b1"], 0)
    z = h @ params["W2"] + params["b2"]
    log_probs = z - np.logaddexp.reduce(z, axis=1, keepdims=True)
    loss = -log_probs[np.arange(len(X)), targets].mean()
    g = -(np.exp(log_probs) - np.eye(z.shape[1])[targets]) / len(X)
    da = (g @ params["W2"].T) * (h > 0)
    return loss, {"W1": X.T @ da, "b1": da.sum(axis=0), "W2": h.T @ g, "b2": g.sum(axis=0)}


@misconception(
    of="mlp_loss_and_grads",
    kind="misses_point",
    hint="You start the backward pass with just the probabilities. Subtract 1 from the right word's probability.",
)
def right_words_forgotten(params, X, targets):
    h = np.maximum(X @ params["W1"] + params["b1"], 0)
    z = h @ params["W2"] + params["b2"]
    log_probs = z - np.logaddexp.reduce(z, axis=1, keepdims=True)
    loss = -log_probs[np.arange(len(X)), targets].mean()
    g = np.exp(log_probs) / len(X)
    da = (g @ params["W2"].T) * (h > 0)
    return loss, {"W1": X.T @ da, "b1": da.sum(axis=0), "W2": h.T @ g, "b2": g.sum(axis=0)}


@misconception(
    of="mlp_loss_and_grads",
    kind="misses_point",
    hint="You divide the gradient for the logits by the number of words. The loss is a mean over the examples, so "
    "divide by the number of examples.",
)
def slopes_averaged_over_the_words(params, X, targets):
    h = np.maximum(X @ params["W1"] + params["b1"], 0)
    z = h @ params["W2"] + params["b2"]
    log_probs = z - np.logaddexp.reduce(z, axis=1, keepdims=True)
    loss = -log_probs[np.arange(len(X)), targets].mean()
    g = (np.exp(log_probs) - np.eye(z.shape[1])[targets]) / z.shape[1]
    da = (g @ params["W2"].T) * (h > 0)
    return loss, {"W1": X.T @ da, "b1": da.sum(axis=0), "W2": h.T @ g, "b2": g.sum(axis=0)}


CAPPED = (
    "You cap the loss on confident mistakes, for example by adding a small number to the probabilities or by setting a "
    "small minimum for them. The cross_entropy you're given doesn't need that."
)


@misconception(
    of="mlp_loss_and_grads",
    kind="edge",
    any_of={"epsilon": (1e-5, 1e-6, 1e-7), "clipped": (False, True)},
    hint=CAPPED,
    exempt="The effect of such a small number on the loss depends on which probabilities are drawn.",
)
@misconception(
    of="mlp_loss_and_grads",
    kind="edge",
    any_of={"epsilon": (1e-8, 1e-9, 1e-10, 1e-12, 1e-15), "clipped": (False, True)},
    hint=CAPPED,
)
def loss_limited_by_a_small_number(params, X, targets, *, epsilon, clipped):
    h = np.maximum(X @ params["W1"] + params["b1"], 0)
    z = h @ params["W2"] + params["b2"]
    log_probs = z - np.logaddexp.reduce(z, axis=1, keepdims=True)
    right = np.exp(log_probs[np.arange(len(X)), targets])
    loss = -np.log(np.maximum(right, epsilon) if clipped else right + epsilon).mean()
    g = (np.exp(log_probs) - np.eye(z.shape[1])[targets]) / len(X)
    da = (g @ params["W2"].T) * (h > 0)
    return loss, {"W1": X.T @ da, "b1": da.sum(axis=0), "W2": h.T @ g, "b2": g.sum(axis=0)}


@misconception(
    of="mlp_loss_and_grads",
    kind="edge",
    any_of={"shifted": (False, True)},
    hint="The exponentials of large logits overflow, or those of logits far below the largest in the batch underflow "
    "to 0. Use the softmax and cross_entropy you're given, or subtract each row's own largest logit first.",
)
def exponentials_overflow_in_the_network(params, X, targets, *, shifted):
    h = np.maximum(X @ params["W1"] + params["b1"], 0)
    z = h @ params["W2"] + params["b2"]
    powers = np.exp(z - (z.max() if shifted else 0))
    probs = powers / powers.sum(axis=1, keepdims=True)
    loss = -np.log(probs[np.arange(len(X)), targets]).mean()
    g = (probs - np.eye(z.shape[1])[targets]) / len(X)
    da = (g @ params["W2"].T) * (h > 0)
    return loss, {"W1": X.T @ da, "b1": da.sum(axis=0), "W2": h.T @ g, "b2": g.sum(axis=0)}


@misconception(
    of="mlp_loss_and_grads",
    kind="misses_point",
    any_of={"which": (("W2",), ("h",), ("X",), ("X", "h"), ("X", "h", "W2"))},
    hint="You reshape a matrix where you need its transpose. reshape keeps the order of the numbers, so they "
    "end up in the wrong places; .T swaps rows and columns.",
)
def reshaped_on_the_way_back(params, X, targets, *, which):
    h = np.maximum(X @ params["W1"] + params["b1"], 0)
    z = h @ params["W2"] + params["b2"]
    log_probs = z - np.logaddexp.reduce(z, axis=1, keepdims=True)
    loss = -log_probs[np.arange(len(X)), targets].mean()
    g = (np.exp(log_probs) - np.eye(z.shape[1])[targets]) / len(X)
    turned = {
        name: each.reshape(each.shape[::-1]) if name in which else each.T
        for name, each in (("X", X), ("h", h), ("W2", params["W2"]))
    }
    da = (g @ turned["W2"]) * (h > 0)
    return loss, {"W1": turned["X"] @ da, "b1": da.sum(axis=0), "W2": turned["h"] @ g, "b2": g.sum(axis=0)}


@misconception(
    of="mlp_loss_and_grads",
    kind="conduct",
    taught=True,
    hint="You change the caller's parameters or examples. Only compute the slopes. You'll take the step in the next "
    "lab.",
)
def takes_a_step(params, X, targets):
    h = np.maximum(X @ params["W1"] + params["b1"], 0)
    z = h @ params["W2"] + params["b2"]
    log_probs = z - np.logaddexp.reduce(z, axis=1, keepdims=True)
    loss = -log_probs[np.arange(len(X)), targets].mean()
    g = (np.exp(log_probs) - np.eye(z.shape[1])[targets]) / len(X)
    da = (g @ params["W2"].T) * (h > 0)
    slopes = {"W1": X.T @ da, "b1": da.sum(axis=0), "W2": h.T @ g, "b2": g.sum(axis=0)}
    for name, slope in slopes.items():
        params[name] = params[name] - 0.1 * slope
    return loss, slopes


@misconception(
    of="mlp_loss_and_grads",
    kind="misses_point",
    any_of={"forward": (True, False)},
    hint="You apply a ReLU to the examples before you multiply them, in the forward pass or when you compute W1's "
    "slopes. ReLU belongs after the first layer, on a.",
)
def relu_on_the_examples(params, X, targets, *, forward):
    h = np.maximum((np.maximum(X, 0) if forward else X) @ params["W1"] + params["b1"], 0)
    X = np.maximum(X, 0)
    z = h @ params["W2"] + params["b2"]
    log_probs = z - np.logaddexp.reduce(z, axis=1, keepdims=True)
    loss = -log_probs[np.arange(len(X)), targets].mean()
    g = (np.exp(log_probs) - np.eye(z.shape[1])[targets]) / len(X)
    da = (g @ params["W2"].T) * (h > 0)
    return loss, {"W1": X.T @ da, "b1": da.sum(axis=0), "W2": h.T @ g, "b2": g.sum(axis=0)}


@misconception(
    of="mlp_loss_and_grads",
    kind="misses_point",
    hint="You compute the gradient for W1 from the one for h, as if there were no ReLU. Both W1 and b1 need the "
    "gradient for a.",
)
def mask_missing_for_w1(params, X, targets):
    h = np.maximum(X @ params["W1"] + params["b1"], 0)
    z = h @ params["W2"] + params["b2"]
    log_probs = z - np.logaddexp.reduce(z, axis=1, keepdims=True)
    loss = -log_probs[np.arange(len(X)), targets].mean()
    g = (np.exp(log_probs) - np.eye(z.shape[1])[targets]) / len(X)
    dh = g @ params["W2"].T
    return loss, {"W1": X.T @ dh, "b1": (dh * (h > 0)).sum(axis=0), "W2": h.T @ g, "b2": g.sum(axis=0)}


@misconception(
    of="mlp_loss_and_grads",
    kind="misses_point",
    hint="Your mask is inverted: you let the gradient through where a was not above 0, and block it where it was.",
)
def mask_upside_down(params, X, targets):
    h = np.maximum(X @ params["W1"] + params["b1"], 0)
    z = h @ params["W2"] + params["b2"]
    log_probs = z - np.logaddexp.reduce(z, axis=1, keepdims=True)
    loss = -log_probs[np.arange(len(X)), targets].mean()
    g = (np.exp(log_probs) - np.eye(z.shape[1])[targets]) / len(X)
    da = (g @ params["W2"].T) * (h <= 0)
    return loss, {"W1": X.T @ da, "b1": da.sum(axis=0), "W2": h.T @ g, "b2": g.sum(axis=0)}


@misconception(
    of="mlp_loss_and_grads",
    kind="misses_point",
    any_of={"decay": (1e-3, 1e-2, 0.1)},
    hint="You add a penalty on the weights to the loss (weight decay). The loss is just the mean cross-entropy.",
)
def penalty_in_the_loss(params, X, targets, *, decay):
    h = np.maximum(X @ params["W1"] + params["b1"], 0)
    z = h @ params["W2"] + params["b2"]
    log_probs = z - np.logaddexp.reduce(z, axis=1, keepdims=True)
    loss = -log_probs[np.arange(len(X)), targets].mean()
    g = (np.exp(log_probs) - np.eye(z.shape[1])[targets]) / len(X)
    loss = loss + decay * (np.sum(params["W1"] ** 2) + np.sum(params["W2"] ** 2))
    da = (g @ params["W2"].T) * (h > 0)
    return loss, {"W1": X.T @ da, "b1": da.sum(axis=0), "W2": h.T @ g, "b2": g.sum(axis=0)}


@misconception(
    of="mlp_loss_and_grads",
    kind="misses_point",
    hint="In the backward pass, you also set slopes to 0 where a logit wasn't above 0. There's no ReLU on the logits.",
)
def relus_mask_on_the_logits(params, X, targets):
    h = np.maximum(X @ params["W1"] + params["b1"], 0)
    z = h @ params["W2"] + params["b2"]
    log_probs = z - np.logaddexp.reduce(z, axis=1, keepdims=True)
    loss = -log_probs[np.arange(len(X)), targets].mean()
    g = (np.exp(log_probs) - np.eye(z.shape[1])[targets]) / len(X)
    da = ((g * (z > 0)) @ params["W2"].T) * (h > 0)
    return loss, {"W1": X.T @ da, "b1": da.sum(axis=0), "W2": h.T @ (g * (z > 0)), "b2": (g * (z > 0)).sum(axis=0)}


@misconception(
    of="mlp_loss_and_grads",
    kind="misses_point",
    any_of={
        "on": ("for any example", "for all examples", "on average", "for the first example", "for the last example")
    },
    hint="Your mask has one entry per neuron, the same for all examples. A neuron can be on for one example and off "
    "for another, so the mask needs the same shape as a.",
)
def one_mask_for_the_batch(params, X, targets, *, on):
    a = X @ params["W1"] + params["b1"]
    h = np.maximum(X @ params["W1"] + params["b1"], 0)
    z = h @ params["W2"] + params["b2"]
    log_probs = z - np.logaddexp.reduce(z, axis=1, keepdims=True)
    loss = -log_probs[np.arange(len(X)), targets].mean()
    g = (np.exp(log_probs) - np.eye(z.shape[1])[targets]) / len(X)
    mask = {
        "for any example": (a > 0).any(axis=0),
        "for all examples": (a > 0).all(axis=0),
        "on average": a.mean(axis=0) > 0,
        "for the first example": a[0] > 0,
        "for the last example": a[-1] > 0,
    }[on]
    da = (g @ params["W2"].T) * mask
    return loss, {"W1": X.T @ da, "b1": da.sum(axis=0), "W2": h.T @ g, "b2": g.sum(axis=0)}


@misconception(
    of="mlp_loss_and_grads",
    kind="misses_point",
    any_of={"decay": (1e-4, 1e-3, 1e-2, 0.1, 0.5), "half": (True, False)},
    hint="You add a penalty on the weights to the loss, and the penalty's gradient to the weights' gradients (weight "
    "decay). The loss is just the mean cross-entropy.",
)
def penalty_in_loss_and_slopes(params, X, targets, *, decay, half):
    h = np.maximum(X @ params["W1"] + params["b1"], 0)
    z = h @ params["W2"] + params["b2"]
    log_probs = z - np.logaddexp.reduce(z, axis=1, keepdims=True)
    loss = -log_probs[np.arange(len(X)), targets].mean()
    g = (np.exp(log_probs) - np.eye(z.shape[1])[targets]) / len(X)
    loss = loss + (0.5 if half else 1.0) * decay * (np.sum(params["W1"] ** 2) + np.sum(params["W2"] ** 2))
    decay = decay * (1.0 if half else 2.0)
    da = (g @ params["W2"].T) * (h > 0)
    slopes = {"W1": X.T @ da + decay * params["W1"], "W2": h.T @ g + decay * params["W2"]}
    return loss, {**slopes, "b1": da.sum(axis=0), "b2": g.sum(axis=0)}


@misconception(
    of="mlp_loss_and_grads",
    kind="misses_point",
    any_of={"averaged": (True, False)},
    hint="You subtract 1 from the whole column of every right word. In each row, subtract it only from the probability "
    "of that row's right word.",
)
def columns_of_the_right_words(params, X, targets, *, averaged):
    h = np.maximum(X @ params["W1"] + params["b1"], 0)
    z = h @ params["W2"] + params["b2"]
    log_probs = z - np.logaddexp.reduce(z, axis=1, keepdims=True)
    loss = -log_probs[np.arange(len(X)), targets].mean()
    g = (np.exp(log_probs) - np.eye(z.shape[1])[targets]) / len(X)
    g = np.exp(log_probs)
    g[:, targets] -= 1
    g = g / (len(X) if averaged else 1)
    da = (g @ params["W2"].T) * (h > 0)
    return loss, {"W1": X.T @ da, "b1": da.sum(axis=0), "W2": h.T @ g, "b2": g.sum(axis=0)}


@misconception(
    of="mlp_loss_and_grads",
    kind="misses_point",
    any_of={"limit": (0.1, 1.0), "together": (False, True)},
    exempt="The number of slopes large enough to be clipped depends on which values are drawn.",
    hint="You limit the size of the slopes (gradient clipping). Return them as they are.",
)
def slopes_clipped(params, X, targets, *, limit, together):
    h = np.maximum(X @ params["W1"] + params["b1"], 0)
    z = h @ params["W2"] + params["b2"]
    log_probs = z - np.logaddexp.reduce(z, axis=1, keepdims=True)
    loss = -log_probs[np.arange(len(X)), targets].mean()
    g = (np.exp(log_probs) - np.eye(z.shape[1])[targets]) / len(X)
    da = (g @ params["W2"].T) * (h > 0)
    slopes = {"W1": X.T @ da, "b1": da.sum(axis=0), "W2": h.T @ g, "b2": g.sum(axis=0)}
    if together:
        norm = np.sqrt(sum(np.sum(slope**2) for slope in slopes.values()))
        return loss, {name: slope * min(1.0, limit / max(norm, 1e-12)) for name, slope in slopes.items()}
    return loss, {name: np.clip(slope, -limit, limit) for name, slope in slopes.items()}


@misconception(
    of="mlp_loss_and_grads",
    kind="misses_point",
    any_of={"masked": (True, False)},
    hint="You add the first layer's biases after ReLU. Add them before ReLU: first compute a = X @ W1 + b1, and then "
    "apply ReLU.",
)
def first_biases_after_relu(params, X, targets, *, masked):
    a = X @ params["W1"]
    h = np.maximum(a, 0) + params["b1"]
    z = h @ params["W2"] + params["b2"]
    log_probs = z - np.logaddexp.reduce(z, axis=1, keepdims=True)
    loss = -log_probs[np.arange(len(X)), targets].mean()
    g = (np.exp(log_probs) - np.eye(z.shape[1])[targets]) / len(X)
    dh = g @ params["W2"].T
    da = dh * (a > 0)
    slopes = {"W1": X.T @ da, "b1": (da if masked else dh).sum(axis=0)}
    return loss, {**slopes, "W2": h.T @ g, "b2": g.sum(axis=0)}


@misconception(
    of="mlp_loss_and_grads",
    kind="misses_point",
    hint="You apply a ReLU to the logits in the forward pass. Only the hidden layer has a ReLU.",
)
def relu_on_the_logits_forward_only(params, X, targets):
    h = np.maximum(X @ params["W1"] + params["b1"], 0)
    z = np.maximum(h @ params["W2"] + params["b2"], 0)
    log_probs = z - np.logaddexp.reduce(z, axis=1, keepdims=True)
    loss = -log_probs[np.arange(len(X)), targets].mean()
    g = (np.exp(log_probs) - np.eye(z.shape[1])[targets]) / len(X)
    da = (g @ params["W2"].T) * (h > 0)
    return loss, {"W1": X.T @ da, "b1": da.sum(axis=0), "W2": h.T @ g, "b2": g.sum(axis=0)}
