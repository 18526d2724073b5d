"""Wrong answers to the `training` lab's stubs: a catalog to search by name, not to read in one sitting."""

import numpy as np

from autograder.testing import misconception

# --- gradient_descent ---


@misconception(
    of="gradient_descent",
    kind="misses_point",
    hint="You walk uphill. The slope points toward a larger loss, so each step has to go against it.",
    taught=True,
)
def walks_uphill(grad, x0, lr, steps):
    positions = [x0]
    for _ in range(steps):
        positions.append(positions[-1] + lr * grad(positions[-1]))
    return positions


@misconception(
    of="gradient_descent",
    kind="misses_point",
    any_of={"asks_without_steps": (True, False)},
    hint="All your steps use the slope at the starting position. The slope changes from position to position, so "
    "compute it again before each step, at the point where that step begins.",
    taught=True,
)
def slope_of_the_start_only(grad, x0, lr, steps, *, asks_without_steps):
    positions, slope = [x0], grad(x0) if steps or asks_without_steps else None
    for _ in range(steps):
        positions.append(positions[-1] - lr * slope)
    return positions


@misconception(
    of="gradient_descent",
    kind="misses_point",
    hint="All of your steps start from x0. Each step should start where the last one ended.",
    taught=True,
)
def every_step_from_the_start(grad, x0, lr, steps):
    positions = [x0]
    for _ in range(steps):
        positions.append(x0 - lr * grad(positions[-1]))
    return positions


@misconception(
    of="gradient_descent",
    kind="misses_point",
    hint="You don't use the learning rate: each step is the whole slope.",
)
def no_learning_rate(grad, x0, lr, steps):
    positions = [x0]
    for _ in range(steps):
        positions.append(positions[-1] - grad(positions[-1]))
    return positions


@misconception(
    of="gradient_descent",
    kind="misses_point",
    hint="You divide the slope by the learning rate. Multiply by the learning rate instead, so that a smaller one "
    "means a shorter step.",
)
def divides_by_the_learning_rate(grad, x0, lr, steps):
    positions = [x0]
    for _ in range(steps):
        positions.append(positions[-1] - grad(positions[-1]) / lr if lr else positions[-1])
    return positions


@misconception(
    of="gradient_descent",
    kind="misses_point",
    hint="You use only the sign of the slope, so all steps have the same length. The steeper the slope, the longer the "
    "step should be.",
)
def sign_of_the_slope(grad, x0, lr, steps):
    positions = [x0]
    for _ in range(steps):
        positions.append(positions[-1] - lr * np.sign(grad(positions[-1])))
    return positions


@misconception(
    of="gradient_descent",
    kind="misses_point",
    hint="You scale the slope to length 1, so all steps have the same length. The steeper the slope, the longer the "
    "step should be.",
)
def slope_of_length_1(grad, x0, lr, steps):
    positions = [x0]
    for _ in range(steps):
        slope = np.asarray(grad(positions[-1]))
        positions.append(positions[-1] - lr * slope / max(np.sqrt(np.sum(slope**2)), 1e-12))
    return positions


@misconception(
    of="gradient_descent",
    kind="misses_point",
    hint="You clip the gradient (gradient clipping). Plain gradient descent uses it as is, no matter how large it is.",
)
def slope_cut_off(grad, x0, lr, steps):
    positions = [x0]
    for _ in range(steps):
        positions.append(positions[-1] - lr * np.clip(grad(positions[-1]), -1.0, 1.0))
    return positions


@misconception(
    of="gradient_descent",
    kind="edge",
    any_of={"limit": (5.0, 10.0), "by_length": (False, True)},
    hint="You clip large gradients, or the steps computed from them (gradient clipping). Plain gradient descent uses "
    "every gradient as is, no matter how large it is.",
)
def steep_slopes_cut_off(grad, x0, lr, steps, *, limit, by_length):
    positions = [x0]
    for _ in range(steps):
        slope = np.asarray(grad(positions[-1]))
        length = np.linalg.norm(slope)
        kept = slope * min(1.0, limit / max(length, 1e-12)) if by_length else np.clip(slope, -limit, limit)
        positions.append(positions[-1] - lr * kept)
    return positions


@misconception(
    of="gradient_descent",
    kind="edge",
    any_of={"limit": (1.0, 10.0)},
    exempt="The number of walks with a step longer than 1 depends on which values are drawn.",
    hint="You limit how long a step can get, for example by clipping the step or the slope. Take every step in full, "
    "no matter how long it is.",
    taught=True,
)
def step_cut_off(grad, x0, lr, steps, *, limit):
    positions = [x0]
    for _ in range(steps):
        positions.append(positions[-1] - np.clip(lr * grad(positions[-1]), -limit, limit))
    return positions


@misconception(
    of="gradient_descent",
    kind="misses_point",
    any_of={"decay": ("halved", "a_tenth_less", "divided_by_the_step")},
    hint="Your steps get too short along the way, as if the learning rate got smaller with every step. Every step "
    "should use the learning rate the caller asked for.",
)
def learning_rate_shrinks_on_the_walk(grad, x0, lr, steps, *, decay):
    positions = [x0]
    for step in range(steps):
        shrunk = {"halved": lr / 2**step, "a_tenth_less": lr * 0.9**step, "divided_by_the_step": lr / (step + 1)}
        positions.append(positions[-1] - shrunk[decay] * grad(positions[-1]))
    return positions


@misconception(
    of="gradient_descent",
    kind="misses_point",
    any_of={"beta": (0.9, 0.5)},
    hint="You add part of the last step to the next one (momentum). Plain gradient descent doesn't remember earlier "
    "steps.",
)
def with_momentum(grad, x0, lr, steps, *, beta):
    positions, step = [x0], 0.0
    for _ in range(steps):
        step = beta * step - lr * grad(positions[-1])
        positions.append(positions[-1] + step)
    return positions


@misconception(
    of="gradient_descent",
    kind="edge",
    hint="You stop early when the walk climbs out of the valley, for example as soon as the slope gets steeper. Take "
    "all the steps anyway.",
    taught=True,
)
def stops_when_it_gets_steeper(grad, x0, lr, steps):
    positions, last = [x0], np.inf
    for _ in range(steps):
        slope = grad(positions[-1])
        if np.max(np.abs(slope)) > last:
            break
        last = np.max(np.abs(slope))
        positions.append(positions[-1] - lr * slope)
    return positions


@misconception(
    of="gradient_descent",
    kind="edge",
    any_of={"tolerance": (1e-2, 1e-3, 1e-4, 1e-6, 1e-8), "of_the_step": (False, True)},
    hint="You stop early when the slope or the step is 0 or almost 0, so you return fewer than steps + 1 positions. "
    "Take all the steps, no matter how short they get.",
)
def stops_near_the_bottom(grad, x0, lr, steps, *, tolerance, of_the_step):
    positions = [x0]
    for _ in range(steps):
        slope = grad(positions[-1])
        if np.linalg.norm(lr * slope if of_the_step else slope) < tolerance:
            break
        positions.append(positions[-1] - lr * slope)
    return positions


@misconception(
    of="gradient_descent",
    kind="misses_point",
    hint="You return only the last position. Return all of them in order, with the starting position first.",
)
def last_position_only(grad, x0, lr, steps):
    x = x0
    for _ in range(steps):
        x = x - lr * grad(x)
    return x


@misconception(
    of="gradient_descent",
    kind="edge",
    hint="The starting position is missing from your list. It comes first, for a total of steps + 1 positions.",
    taught=True,
)
def start_left_out(grad, x0, lr, steps):
    x, positions = x0, []
    for _ in range(steps):
        x = x - lr * grad(x)
        positions.append(x)
    return positions


@misconception(
    of="gradient_descent",
    kind="edge",
    hint="The starting position is in your list twice and the last position is missing, maybe because you append each "
    "position before you take the step.",
)
def start_comes_twice(grad, x0, lr, steps):
    x, positions = x0, [x0]
    for _ in range(steps):
        positions.append(x)
        x = x - lr * grad(x)
    return positions


@misconception(
    of="gradient_descent",
    kind="edge",
    any_of={"asks": ("for each position", "not for the last", "without steps too")},
    hint="The last position is missing. Including the starting position, there should be steps + 1 positions.",
)
def one_step_too_few(grad, x0, lr, steps, *, asks):
    x, positions = x0, [x0] if asks == "not for the last" or (asks == "without steps too" and not steps) else []
    for step in range(steps):
        if asks == "not for the last" and step == steps - 1:
            break
        if asks == "not for the last":
            x = x - lr * grad(x)
            positions.append(x)
        else:
            positions.append(x)
            x = x - lr * grad(x)
    return positions


@misconception(
    of="gradient_descent",
    kind="edge",
    hint="You take one step too many. Including the starting position, there should be steps + 1 positions.",
)
def one_step_too_many(grad, x0, lr, steps):
    positions = [x0]
    for _ in range(steps + 1):
        positions.append(positions[-1] - lr * grad(positions[-1]))
    return positions


@misconception(
    of="gradient_descent",
    kind="misses_point",
    hint="You return the slopes. Return the positions where you computed those slopes.",
)
def slopes_instead_of_positions(grad, x0, lr, steps):
    x, slopes = x0, []
    for _ in range(steps + 1):
        slopes.append(grad(x))
        x = x - lr * slopes[-1]
    return slopes


@misconception(
    of="gradient_descent",
    kind="misses_point",
    any_of={"digits": (2, 3)},
    hint="You round somewhere, for example each position or the finished list. Return the positions as they are, "
    "without rounding them.",
)
def positions_rounded(grad, x0, lr, steps, *, digits):
    positions = [x0]
    for _ in range(steps):
        positions.append(np.round(positions[-1] - lr * grad(positions[-1]), digits))
    return positions


@misconception(
    of="gradient_descent",
    kind="conduct",
    hint="You compute one slope too many. Slopes are expensive to compute, and you don't need one at the last "
    "position.",
    taught=True,
)
def asks_at_the_last_position(grad, x0, lr, steps):
    positions = [x0]
    slope = grad(x0)
    for _ in range(steps):
        positions.append(positions[-1] - lr * slope)
        slope = grad(positions[-1])
    return positions


@misconception(
    of="gradient_descent",
    kind="conduct",
    hint="You call grad twice in every step. Slopes are expensive to compute, so call grad once and keep the result.",
    taught=True,
)
def asks_twice_a_step(grad, x0, lr, steps):
    positions = [x0]
    for _ in range(steps):
        if np.all(np.isfinite(grad(positions[-1]))):
            positions.append(positions[-1] - lr * grad(positions[-1]))
    return positions


@misconception(
    of="gradient_descent",
    kind="edge",
    hint="You move one coordinate at a time and compute the slope in between, when only some of them have moved. "
    "Compute the slope once per step, and use it to move all coordinates together.",
    taught=True,
)
def one_coordinate_after_another(grad, x0, lr, steps):
    x = np.array(x0, dtype=float)
    positions = [x.copy()]
    for _ in range(steps):
        for place in np.ndindex(x.shape):
            x[place] -= lr * np.asarray(grad(x))[place]
        positions.append(x.copy())
    return positions


@misconception(
    of="gradient_descent",
    kind="conduct",
    hint="You call grad once for every coordinate. A single call returns the slopes along all coordinates, so call "
    "grad once per step and use the whole result.",
    taught=True,
)
def asks_for_every_coordinate(grad, x0, lr, steps):
    positions = [np.array(x0, dtype=float)]
    for _ in range(steps):
        x = positions[-1].copy()
        for place in np.ndindex(x.shape):
            x[place] -= lr * np.asarray(grad(positions[-1]))[place]
        positions.append(x)
    return positions


@misconception(
    of="gradient_descent",
    kind="conduct",
    hint="You change the caller's starting position, as x -= … does if x is an array. Make a new array in every step.",
)
def start_changed_in_place(grad, x0, lr, steps):
    x, positions = x0, [np.array(x0)]
    for _ in range(steps):
        x -= lr * grad(x)
        positions.append(np.array(x))
    return positions


@misconception(
    of="gradient_descent",
    kind="conduct",
    hint="You change one array in place and append it again and again, so every entry is the last position. If that "
    "array is the starting position the caller passed in, you've changed the caller's array, too. Make a new array in "
    "every step.",
    taught=True,
)
def one_array_for_all_positions(grad, x0, lr, steps):
    x, positions = x0, [x0]
    for _ in range(steps):
        x -= lr * grad(x)
        positions.append(x)
    return positions


@misconception(
    of="gradient_descent",
    kind="misses_point",
    hint="Every entry of your list is the last position, maybe because you change one array in place and append "
    "it again and again. Make a new array in every step.",
    taught=True,
)
def one_copy_for_all_positions(grad, x0, lr, steps):
    x = np.array(x0, dtype=float)
    positions = [x]
    for _ in range(steps):
        x -= lr * grad(x)
        positions.append(x)
    return positions


@misconception(
    of="gradient_descent",
    kind="misses_point",
    any_of={"divisor": (2.0, 0.5)},
    hint="Your steps are half or twice as long as they should be. A step is the learning rate times the slope, with "
    "no other factor.",
)
def step_with_another_factor(grad, x0, lr, steps, *, divisor):
    positions = [x0]
    for _ in range(steps):
        positions.append(positions[-1] - lr * grad(positions[-1]) / divisor)
    return positions


@misconception(
    of="gradient_descent",
    kind="edge",
    hint="Your positions have the same type as the starting position, maybe because you store them in an array of that "
    "type. If it's an integer type, you lose the fractional part of every position.",
)
def positions_in_the_type_of_the_start(grad, x0, lr, steps):
    positions = np.array([x0] * (steps + 1))
    for step in range(steps):
        positions[step + 1] = positions[step] - lr * grad(positions[step])
    return positions


@misconception(
    of="gradient_descent",
    kind="edge",
    any_of={"limit": (10.0, 100.0)},
    hint="You clip the positions to a range. Take every step in full, no matter where it begins or ends.",
)
def places_cut_off(grad, x0, lr, steps, *, limit):
    positions = [x0]
    for _ in range(steps):
        positions.append(np.clip(positions[-1] - lr * grad(positions[-1]), -limit, limit))
    return positions


@misconception(
    of="gradient_descent",
    kind="misses_point",
    hint="From the second step on, you use the slope from one position earlier. Compute the slope where the step "
    "starts.",
)
def slope_of_the_place_before(grad, x0, lr, steps):
    positions = [x0]
    slope = grad(x0) if steps else 0.0
    for _ in range(steps):
        positions.append(positions[-1] - lr * slope)
        slope = grad(positions[-2])
    return positions


@misconception(
    of="gradient_descent",
    kind="misses_point",
    hint="Your positions are in reverse order. The walk begins at x0.",
)
def last_place_first(grad, x0, lr, steps):
    positions = [x0]
    for _ in range(steps):
        positions.append(positions[-1] - lr * grad(positions[-1]))
    return positions[::-1]


@misconception(
    of="gradient_descent",
    kind="misses_point",
    any_of={"sign": (1, -1)},
    hint="You return the steps. Return the positions the steps lead to, with the starting position first.",
)
def steps_instead_of_positions(grad, x0, lr, steps, *, sign):
    x, taken = x0, []
    for _ in range(steps):
        taken.append(sign * lr * grad(x))
        x = x - sign * taken[-1]
    return taken


@misconception(
    of="gradient_descent",
    kind="misses_point",
    hint="You don't use the slope: each step just subtracts the learning rate. A step is the learning rate times the "
    "slope.",
)
def steps_of_one_learning_rate(grad, x0, lr, steps):
    positions = [x0]
    for _ in range(steps):
        positions.append(positions[-1] - lr + 0.0 * grad(positions[-1]))
    return positions


@misconception(
    of="gradient_descent",
    kind="misses_point",
    hint="You stop after the first step. Is your `return` inside the loop? Check its indentation.",
)
def returns_inside_the_loop(grad, x0, lr, steps):
    positions = [x0]
    if steps:
        positions.append(x0 - lr * grad(x0))
    return positions


@misconception(
    of="gradient_descent",
    kind="misses_point",
    hint="The starting position is missing from your list, and you take one step too many to make up for it. It comes "
    "first, for a total of steps + 1 positions.",
)
def start_replaced_by_one_more_step(grad, x0, lr, steps):
    x, positions = x0, []
    for _ in range(steps + 1):
        x = x - lr * grad(x)
        positions.append(x)
    return positions


@misconception(
    of="gradient_descent",
    kind="edge",
    any_of={"factor": (0.5, 0.1, 0.9)},
    hint="You shorten steps along the way, for example by lowering the learning rate when the slope changes sign. Take "
    "exactly the steps you're told to take, even if they jump across the valley.",
)
def learning_rate_changes_at_a_turn(grad, x0, lr, steps, *, factor):
    positions, last = [x0], None
    for _ in range(steps):
        slope = grad(positions[-1])
        if last is not None and np.any(slope * last < 0):
            lr = lr * factor
        positions.append(positions[-1] - lr * slope)
        last = slope
    return positions


@misconception(
    of="gradient_descent",
    kind="edge",
    hint="You stop early when the walk jumps across the bottom, for example as soon as the slope changes sign. Take "
    "all the steps anyway.",
)
def stops_at_a_turn(grad, x0, lr, steps):
    positions, last = [x0], None
    for _ in range(steps):
        slope = grad(positions[-1])
        if last is not None and np.any(slope * last < 0):
            break
        positions.append(positions[-1] - lr * slope)
        last = slope
    return positions


@misconception(
    of="gradient_descent",
    kind="misses_point",
    hint="You compute the slope where the step would end. Compute the slope where the step starts.",
)
def slope_where_the_step_would_end(grad, x0, lr, steps):
    positions = [x0]
    for _ in range(steps):
        ahead = positions[-1] - lr * grad(positions[-1])
        positions.append(positions[-1] - lr * grad(ahead))
    return positions


@misconception(
    of="gradient_descent",
    kind="misses_point",
    hint="You multiply the step by the position, or the position by 1 minus the step, which amounts to the same thing. "
    "Subtract just the step from the position.",
)
def times_the_position(grad, x0, lr, steps):
    positions = [x0]
    for _ in range(steps):
        positions.append(positions[-1] * (1 - lr * grad(positions[-1])))
    return positions


@misconception(
    of="gradient_descent",
    kind="misses_point",
    hint="You return how far each position is from the starting position. Return the positions themselves.",
)
def slope_of_the_distance(grad, x0, lr, steps):
    positions = [x0]
    for _ in range(steps):
        positions.append(positions[-1] - lr * grad(positions[-1]))
    return [position - x0 for position in positions]


@misconception(
    of="gradient_descent",
    kind="misses_point",
    hint="Each of your steps uses the sum of all slopes so far. Plain gradient descent uses only the slope where the "
    "step starts.",
)
def slopes_added_up(grad, x0, lr, steps):
    positions, total = [x0], 0.0
    for _ in range(steps):
        total = total + grad(positions[-1])
        positions.append(positions[-1] - lr * total)
    return positions


@misconception(
    of="gradient_descent",
    kind="misses_point",
    hint="You multiply the learning rate or the slope by the step number, so your steps get too long. Every step "
    "should use the learning rate the caller asked for, with no other factor.",
)
def learning_rate_grows(grad, x0, lr, steps):
    positions = [x0]
    for step in range(steps):
        positions.append(positions[-1] - lr * (step + 1) * grad(positions[-1]))
    return positions


@misconception(
    of="gradient_descent",
    kind="edge",
    any_of={"factor": (0.5, 0.1, 0.9)},
    hint="You shorten steps along the way, for example by lowering the learning rate when the slope gets steeper. Take "
    "exactly the steps you're told to take, even if they lead out of the valley.",
)
def learning_rate_changes_when_steeper(grad, x0, lr, steps, *, factor):
    positions, last = [x0], np.inf
    for _ in range(steps):
        slope = grad(positions[-1])
        steepness = np.linalg.norm(slope)
        if steepness > last:
            lr = lr * factor
        last = steepness
        positions.append(positions[-1] - lr * slope)
    return positions


@misconception(
    of="gradient_descent",
    kind="misses_point",
    any_of={"kind": ("AdaGrad", "RMSProp", "Adam")},
    hint="You divide each step by the size of the slopes so far (AdaGrad, RMSProp or Adam). Plain gradient descent "
    "only multiplies the slope by the learning rate.",
)
def adaptive_steps(grad, x0, lr, steps, *, kind):
    positions, mean, square = [x0], 0.0, 0.0
    for step in range(1, steps + 1):
        slope = grad(positions[-1])
        if kind == "AdaGrad":
            square = square + slope**2
            move = slope / (np.sqrt(square) + 1e-8)
        elif kind == "RMSProp":
            square = 0.9 * square + 0.1 * slope**2
            move = slope / (np.sqrt(square) + 1e-8)
        else:
            mean, square = 0.9 * mean + 0.1 * slope, 0.999 * square + 0.001 * slope**2
            move = mean / (1 - 0.9**step) / (np.sqrt(square / (1 - 0.999**step)) + 1e-8)
        positions.append(positions[-1] - lr * move)
    return positions


@misconception(
    of="gradient_descent",
    kind="misses_point",
    any_of={"beta": (0.9, 0.5)},
    hint="You average each slope with the ones before it (momentum). Plain gradient descent doesn't remember earlier "
    "steps.",
)
def slopes_smoothed(grad, x0, lr, steps, *, beta):
    positions, slope = [x0], 0.0
    for _ in range(steps):
        slope = beta * slope + (1 - beta) * grad(positions[-1])
        positions.append(positions[-1] - lr * slope)
    return positions


# --- sgd_step ---


@misconception(
    of="sgd_step",
    kind="misses_point",
    hint="Your parameters move uphill, which makes the loss grow. A gradient points uphill, so each step has to go "
    "against it.",
    taught=True,
)
def adds_the_gradients(params, grads, lr):
    return {name: params[name] + lr * grads[name] for name in params}


@misconception(
    of="sgd_step",
    kind="misses_point",
    hint="You return only the step. Return each parameter's new value after the step.",
)
def only_the_step(params, grads, lr):
    return {name: -lr * grads[name] for name in params}


@misconception(
    of="sgd_step",
    kind="misses_point",
    hint="You don't use the learning rate: each step is the whole gradient.",
)
def step_without_learning_rate(params, grads, lr):
    return {name: params[name] - grads[name] for name in params}


@misconception(
    of="sgd_step",
    kind="misses_point",
    hint="You don't use the gradients: every parameter just decreases by the learning rate.",
)
def step_without_gradients(params, grads, lr):
    return {name: params[name] - lr + 0 * grads[name] for name in params}


@misconception(
    of="sgd_step",
    kind="misses_point",
    any_of={"fixed": (0.1, 0.01, 0.001)},
    hint="You use a fixed learning rate, no matter what the caller asks for. Use lr, which the caller passes in.",
)
def learning_rate_of_its_own(params, grads, lr, *, fixed):
    return {name: params[name] - fixed * grads[name] for name in params}


@misconception(
    of="sgd_step",
    kind="misses_point",
    hint="The parameters and the gradients are swapped. Take the step from the current parameters: each parameter "
    "minus lr times its gradient.",
)
def parameters_and_gradients_swapped(params, grads, lr):
    return {name: grads[name] - lr * params[name] for name in params}


@misconception(
    of="sgd_step",
    kind="misses_point",
    hint="You multiply each step by its parameter, or each parameter by 1 minus its step, which amounts to the same "
    "thing. A step is the learning rate times the gradient, with no other factor.",
)
def gradients_times_parameters(params, grads, lr):
    return {name: params[name] - lr * grads[name] * params[name] for name in params}


@misconception(
    of="sgd_step",
    kind="misses_point",
    any_of={"factor": (0.5, 2.0)},
    hint="Your steps are half or twice as long as they should be, maybe because you take each step twice. A step "
    "is the learning rate times the gradient, with no other factor.",
)
def steps_with_another_factor(params, grads, lr, *, factor):
    return {name: params[name] - factor * lr * grads[name] for name in params}


@misconception(
    of="sgd_step",
    kind="misses_point",
    hint="You divide the gradient by the learning rate. Multiply by the learning rate instead, so that a smaller one "
    "means a shorter step.",
)
def gradients_divided_by_the_learning_rate(params, grads, lr):
    return {name: params[name] - grads[name] / (lr or 1.0) for name in params}


@misconception(
    of="sgd_step",
    kind="misses_point",
    hint="You use only the signs of the gradients. A steep slope should lead to a longer step than a gentle one.",
)
def signs_of_the_gradients(params, grads, lr):
    return {name: params[name] - lr * np.sign(grads[name]) for name in params}


@misconception(
    of="sgd_step",
    kind="misses_point",
    hint="You scale every gradient to length 1 first, so all steps have the same length. Use the gradients as they "
    "are.",
)
def gradients_of_length_1(params, grads, lr):
    return {
        name: params[name] - lr * np.asarray(grads[name]) / max(np.sqrt(np.sum(np.square(grads[name]))), 1e-12)
        for name in params
    }


@misconception(
    of="sgd_step",
    kind="misses_point",
    hint="You clip steep gradients. Plain gradient descent uses gradients as they are.",
)
def gradients_cut_off(params, grads, lr):
    return {name: params[name] - lr * np.clip(grads[name], -1.0, 1.0) for name in params}


@misconception(
    of="sgd_step",
    kind="misses_point",
    hint="You scale all gradients down together to a norm of 1 (gradient clipping), as some training scripts do. Here, "
    "a steep slope should lead to a long step.",
)
def gradients_shortened_to_norm_1(params, grads, lr):
    norm = np.sqrt(sum(np.sum(np.square(grads[name])) for name in params))
    return {name: param - lr * np.asarray(grads[name]) / max(norm, 1.0) for name, param in params.items()}


@misconception(
    of="sgd_step",
    kind="edge",
    any_of={"limit": (5.0, 10.0)},
    hint="You clip steep gradients. Plain gradient descent uses gradients as they are, no matter how large.",
)
def steep_gradients_cut_off(params, grads, lr, *, limit):
    return {name: params[name] - lr * np.clip(grads[name], -limit, limit) for name in params}


@misconception(
    of="sgd_step",
    kind="edge",
    any_of={"limit": (5.0, 10.0)},
    hint="You scale all gradients down together if their norm is large (gradient clipping), as some training scripts "
    "do. Here, a steep slope should lead to a long step.",
)
def gradients_shortened_to_a_norm(params, grads, lr, *, limit):
    norm = np.sqrt(sum(np.sum(np.square(grads[name])) for name in params))
    return {name: param - lr * np.asarray(grads[name]) * min(1.0, limit / norm) for name, param in params.items()}


@misconception(
    of="sgd_step",
    kind="edge",
    hint="You change the loop variable in place. That works for arrays, but a parameter that's a plain number stays "
    "the same. Assign the new value to the parameter's name in the dict.",
)
def numbers_stay_as_they_were(params, grads, lr):
    for name, param in params.items():
        param -= lr * grads[name]
    return params


@misconception(
    of="sgd_step",
    kind="misses_point",
    hint="You use the mean of an array's gradient for every number in the array. Each number has its own slope.",
)
def mean_of_each_gradient(params, grads, lr):
    return {name: params[name] - lr * np.mean(grads[name]) for name in params}


@misconception(
    of="sgd_step",
    kind="misses_point",
    any_of={"decay": (0.01, 0.1)},
    hint="You also shrink the parameters a little in each step (weight decay). Only the gradients should change the "
    "parameters.",
)
def with_weight_decay(params, grads, lr, *, decay):
    return {name: params[name] - lr * (grads[name] + decay * params[name]) for name in params}


@misconception(
    of="sgd_step",
    kind="misses_point",
    any_of={"others_kept": (True, False)},
    hint="Only the first parameter gets updated. Is your `return` inside the loop? Check its indentation.",
)
def only_the_first_parameter(params, grads, lr, *, others_kept):
    stepped = dict(params) if others_kept else {}
    for name in params:
        stepped[name] = params[name] - lr * grads[name]
        return stepped
    return stepped


@misconception(
    of="sgd_step",
    kind="misses_point",
    hint="You leave the biases as they are. Every parameter should take a step.",
)
def biases_left_out(params, grads, lr):
    return {name: param if name.startswith("b") else param - lr * grads[name] for name, param in params.items()}


@misconception(
    of="sgd_step",
    kind="edge",
    hint="You match parameters and gradients by their order in the dicts. Match them by name.",
    taught=True,
)
def paired_by_order(params, grads, lr):
    if len(params) != len(grads):
        raise KeyError("a gradient is missing")
    return {name: param - lr * grad for (name, param), grad in zip(params.items(), grads.values(), strict=True)}


@misconception(
    of="sgd_step",
    kind="convention",
    hint="You return the parameters without their names, for example in a list. The caller looks them up by name, so "
    "return a dict.",
)
def list_without_names(params, grads, lr):
    return [params[name] - lr * grads[name] for name in params]


@misconception(
    of="sgd_step",
    kind="misses_point",
    hint="You return the parameters unchanged, maybe because you only assign the new values to a name inside "
    "your function, or put them in a dict that you don't return.",
    taught=True,
)
def returns_the_old_parameters(params, grads, lr):
    stepped = {}
    for name in params:
        stepped[name] = params[name] - lr * grads[name]
    return params


@misconception(
    of="sgd_step",
    kind="conduct",
    hint="If a gradient is missing, you silently go on without it. Look up each parameter's name in grads, and don't "
    "catch the KeyError.",
    taught=True,
)
def passes_over_missing_gradients(params, grads, lr):
    return {name: param - lr * grads.get(name, 0.0) for name, param in params.items()}


@misconception(
    of="sgd_step",
    kind="conduct",
    hint="If a gradient is missing, your code raises an error other than KeyError. Just look the name up in grads: "
    "that raises a KeyError.",
    taught=True,
)
def missing_gradient_raises_another_error(params, grads, lr):
    if set(params) - set(grads):
        raise ValueError("a gradient is missing")
    return {name: param - lr * grads[name] for name, param in params.items()}


@misconception(
    of="sgd_step",
    kind="conduct",
    hint="You set the caller's gradients to zero after the step. Your function shouldn't change the gradients.",
    taught=True,
)
def sets_the_gradients_to_zero(params, grads, lr):
    stepped = {name: param - lr * grads[name] for name, param in params.items()}
    for name in params:
        grads[name] = 0.0 * grads[name]
    return stepped


@misconception(
    of="sgd_step",
    kind="conduct",
    hint="You take the gradients out of the caller's dict, so it's empty after the step. Look the gradients up, and "
    "leave them in the dict.",
)
def takes_the_gradients_out(params, grads, lr):
    return {name: param - lr * grads.pop(name) for name, param in params.items()}


@misconception(
    of="sgd_step",
    kind="conduct",
    hint="You change the caller's gradients: after the step, they've been multiplied by the learning rate. Compute the "
    "product as a new value.",
    taught=True,
)
def changes_the_gradients(params, grads, lr):
    for name in params:
        grads[name] *= lr
        params[name] = params[name] - grads[name]
    return params


@misconception(
    of="sgd_step",
    kind="misses_point",
    any_of={"by": ("entries", "rows", "names")},
    hint="You divide each gradient by the number of its entries or rows, or by the number of parameters. A step is the "
    "learning rate times the gradient, with no other factor.",
)
def gradients_averaged_over_their_entries(params, grads, lr, *, by):
    stepped = {}
    for name in params:
        number = {
            "entries": np.size(grads[name]),
            "rows": max(len(np.atleast_1d(grads[name])), 1),
            "names": len(params),
        }[by]
        stepped[name] = params[name] - lr * grads[name] / number
    return stepped


@misconception(
    of="sgd_step",
    kind="misses_point",
    any_of={"others_kept": (False, True)},
    hint="Only the last parameter gets updated, maybe because you make a new dict in every iteration of the loop, or "
    "fill it after the loop. Make the dict once, before the loop, and store one new value in it per iteration.",
)
def only_the_last_parameter(params, grads, lr, *, others_kept):
    stepped = dict(params) if others_kept else {}
    for name in list(params)[-1:]:
        stepped[name] = params[name] - lr * grads[name]
    for name in params:
        grads[name]
    return stepped


@misconception(
    of="sgd_step",
    kind="misses_point",
    hint="You apply the learning rate twice. Multiply the gradient by the learning rate only once.",
)
def learning_rate_squared(params, grads, lr):
    return {name: params[name] - lr * lr * grads[name] for name in params}


@misconception(
    of="sgd_step",
    kind="misses_point",
    any_of={"digits": (0, 1, 2, 3)},
    hint="You round the parameters. Return them as they are.",
)
def parameters_rounded(params, grads, lr, *, digits):
    return {name: np.round(params[name] - lr * grads[name], digits) for name in params}


@misconception(
    of="sgd_step",
    kind="misses_point",
    hint="You subtract the parameter from its step. Subtract the step from the parameter.",
)
def gradients_that_moved_by_the_parameters(params, grads, lr):
    return {name: lr * grads[name] - params[name] for name in params}


@misconception(
    of="sgd_step",
    kind="misses_point",
    hint="You subtract the gradient from the parameter and multiply the whole difference by the learning rate. "
    "Multiply only the gradient by the learning rate.",
)
def parameters_shrunk_by_the_rate(params, grads, lr):
    return {name: lr * (params[name] - grads[name]) for name in params}


# --- train ---


@misconception(
    of="train",
    kind="misses_point",
    any_of={"averaged": (False, True)},
    hint="You carry over the gradients from earlier batches, as if they were never reset to zero. Each step should use "
    "only the gradients from its own batch.",
)
def gradients_add_up(params, batches, lr, loss_and_grads, *, averaged):
    losses, total = [], dict.fromkeys(params, 0.0)
    for X, y in batches:
        loss, grads = loss_and_grads(params, X, y)
        losses.append(loss)
        total = {name: total[name] + grads[name] for name in params}
        params = {name: params[name] - lr * total[name] / (len(losses) if averaged else 1) for name in params}
    return params, losses


@misconception(
    of="train",
    kind="misses_point",
    hint="You use the first batch again and again. Use each batch once.",
    taught=True,
)
def first_batch_only(params, batches, lr, loss_and_grads):
    losses, batches = [], list(batches)
    for _ in batches:
        loss, grads = loss_and_grads(params, *batches[0])
        params = {name: params[name] - lr * grads[name] for name in params}
        losses.append(loss)
    return params, losses


@misconception(
    of="train",
    kind="misses_point",
    hint="You go through the batches from the last to the first. Use them in the order they come in.",
)
def batches_in_reverse(params, batches, lr, loss_and_grads):
    losses = []
    for X, y in reversed(list(batches)):
        loss, grads = loss_and_grads(params, X, y)
        params = {name: params[name] - lr * grads[name] for name in params}
        losses.append(loss)
    return params, losses


@misconception(
    of="train",
    kind="edge",
    hint="You leave out the last batch. Use every batch.",
)
def last_batch_left_out(params, batches, lr, loss_and_grads):
    losses = []
    for X, y in list(batches)[:-1]:
        loss, grads = loss_and_grads(params, X, y)
        params = {name: params[name] - lr * grads[name] for name in params}
        losses.append(loss)
    return params, losses


@misconception(
    of="train",
    kind="misses_point",
    hint="You go through the batches twice. The caller decides how often each batch is used.",
)
def batches_twice(params, batches, lr, loss_and_grads):
    losses = []
    for X, y in list(batches) * 2:
        loss, grads = loss_and_grads(params, X, y)
        params = {name: params[name] - lr * grads[name] for name in params}
        losses.append(loss)
    return params, losses


@misconception(
    of="train",
    kind="edge",
    hint="You go through the batches before you train on them, perhaps just to count them. After that, an iterator has "
    "no batches left. A for loop doesn't need to know how many there are.",
    taught=True,
)
def counts_the_batches_first(params, batches, lr, loss_and_grads):
    losses = [0.0] * sum(1 for _ in batches)
    for step, (X, y) in enumerate(batches):
        loss, grads = loss_and_grads(params, X, y)
        params = {name: params[name] - lr * grads[name] for name in params}
        losses[step] = loss
    return params, losses


@misconception(
    of="train",
    kind="misses_point",
    hint="Your training ends after the first batch. Is your `return` inside the loop? Check its indentation.",
)
def ends_after_the_first_batch(params, batches, lr, loss_and_grads):
    for X, y in batches:
        loss, grads = loss_and_grads(params, X, y)
        return {name: params[name] - lr * grads[name] for name in params}, [loss]
    return params, []


@misconception(
    of="train",
    kind="misses_point",
    hint="Your steps go uphill, so the loss goes up. A gradient points uphill, so each step has to go against it.",
    taught=True,
)
def trains_uphill(params, batches, lr, loss_and_grads):
    losses = []
    for X, y in batches:
        loss, grads = loss_and_grads(params, X, y)
        params = {name: params[name] + lr * grads[name] for name in params}
        losses.append(loss)
    return params, losses


@misconception(
    of="train",
    kind="misses_point",
    hint="You record the losses, but the parameters never change: the update is missing, or its result is thrown away.",
)
def never_updates(params, batches, lr, loss_and_grads):
    return params, [loss_and_grads(params, X, y)[0] for X, y in batches]


@misconception(
    of="train",
    kind="misses_point",
    hint="You compute the loss and gradients of every batch with the initial parameters. Each batch should use the "
    "parameters from the step before it.",
    taught=True,
)
def every_batch_meets_the_start(params, batches, lr, loss_and_grads):
    losses, trained = [], params
    for X, y in batches:
        loss, grads = loss_and_grads(params, X, y)
        trained = {name: trained[name] - lr * grads[name] for name in params}
        losses.append(loss)
    return trained, losses


@misconception(
    of="train",
    kind="misses_point",
    hint="In the end, only the last batch's step has any effect, maybe because every step starts from the "
    "initial parameters, or because you take a step only after the loop. Each batch's step should start where the last "
    "one ended.",
)
def only_the_last_step_is_left(params, batches, lr, loss_and_grads):
    losses, trained = [], params
    for X, y in batches:
        loss, grads = loss_and_grads(params, X, y)
        trained = {name: params[name] - lr * grads[name] for name in params}
        losses.append(loss)
    return trained, losses


@misconception(
    of="train",
    kind="misses_point",
    hint="Each of your steps uses the previous batch's gradients. For each batch, take the step with the gradients "
    "that were computed along with its loss.",
)
def gradients_one_batch_late(params, batches, lr, loss_and_grads):
    losses, last = [], dict.fromkeys(params, 0.0)
    for X, y in batches:
        loss, grads = loss_and_grads(params, X, y)
        params = {name: params[name] - lr * last[name] for name in params}
        losses.append(loss)
        last = grads
    return params, losses


@misconception(
    of="train",
    kind="misses_point",
    hint="The inputs and the targets are swapped. loss_and_grads takes the parameters, then X, then y.",
)
def inputs_and_targets_swapped(params, batches, lr, loss_and_grads):
    losses = []
    for X, y in batches:
        loss, grads = loss_and_grads(params, y, X)
        params = {name: params[name] - lr * grads[name] for name in params}
        losses.append(loss)
    return params, losses


@misconception(
    of="train",
    kind="misses_point",
    hint="The losses are in reverse order. Append each loss as you compute it.",
)
def last_loss_first(params, batches, lr, loss_and_grads):
    losses = []
    for X, y in batches:
        loss, grads = loss_and_grads(params, X, y)
        params = {name: params[name] - lr * grads[name] for name in params}
        losses.insert(0, loss)
    return params, losses


@misconception(
    of="train",
    kind="misses_point",
    hint="You record an extra loss after the last step, or before the first. There should be one loss for each batch, "
    "computed before its step.",
    any_of={"where": ("after", "before")},
)
def one_loss_more(params, batches, lr, loss_and_grads, *, where):
    losses, batches = [], list(batches)
    if where == "before" and batches:
        losses.append(loss_and_grads(params, *batches[0])[0])
    for X, y in batches:
        loss, grads = loss_and_grads(params, X, y)
        params = {name: params[name] - lr * grads[name] for name in params}
        losses.append(loss)
    if where == "after" and batches:
        losses.append(loss_and_grads(params, *batches[-1])[0])
    return params, losses


@misconception(
    of="train",
    kind="misses_point",
    any_of={"factor": (0.5, 2.0)},
    hint="Your steps are half or twice as long as they should be. A step is the learning rate times the gradient, with "
    "no other factor.",
)
def trains_with_another_factor(params, batches, lr, loss_and_grads, *, factor):
    losses = []
    for X, y in batches:
        loss, grads = loss_and_grads(params, X, y)
        params = {name: params[name] - factor * lr * grads[name] for name in params}
        losses.append(loss)
    return params, losses


@misconception(
    of="train",
    kind="misses_point",
    hint="You return the initial parameters instead of the trained ones.",
)
def returns_the_start(params, batches, lr, loss_and_grads):
    losses, trained = [], params
    for X, y in batches:
        loss, grads = loss_and_grads(trained, X, y)
        trained = {name: trained[name] - lr * grads[name] for name in params}
        losses.append(loss)
    return params, losses


@misconception(
    of="train",
    kind="misses_point",
    hint="You take a step only for every other batch. Take one step for each batch.",
)
def updates_every_second_batch(params, batches, lr, loss_and_grads):
    losses = []
    for step, (X, y) in enumerate(batches):
        loss, grads = loss_and_grads(params, X, y)
        if step % 2 == 0:
            params = {name: params[name] - lr * grads[name] for name in params}
        losses.append(loss)
    return params, losses


@misconception(
    of="train",
    kind="misses_point",
    hint="You don't use the learning rate: each step is the whole gradient.",
)
def trains_without_learning_rate(params, batches, lr, loss_and_grads):
    losses = []
    for X, y in batches:
        loss, grads = loss_and_grads(params, X, y)
        params = {name: params[name] - grads[name] for name in params}
        losses.append(loss)
    return params, losses


@misconception(
    of="train",
    kind="misses_point",
    hint="You recompute the loss after the step. Record the loss from before the step: the gradients belong to that "
    "loss.",
    taught=True,
)
def loss_after_the_step(params, batches, lr, loss_and_grads):
    losses = []
    for X, y in batches:
        grads = loss_and_grads(params, X, y)[1]
        params = {name: params[name] - lr * grads[name] for name in params}
        losses.append(loss_and_grads(params, X, y)[0])
    return params, losses


@misconception(
    of="train",
    kind="misses_point",
    hint="You sort the losses from high to low. Record the losses in the order you get them. The loss can rise just "
    "because a batch is harder than the one before.",
    taught=True,
)
def losses_sorted(params, batches, lr, loss_and_grads):
    losses = []
    for X, y in batches:
        loss, grads = loss_and_grads(params, X, y)
        params = {name: params[name] - lr * grads[name] for name in params}
        losses.append(loss)
    return params, sorted(losses, reverse=True)


@misconception(
    of="train",
    kind="misses_point",
    hint="You record the lowest loss so far instead of the loss of the batch.",
)
def lowest_loss_so_far(params, batches, lr, loss_and_grads):
    losses = []
    for X, y in batches:
        loss, grads = loss_and_grads(params, X, y)
        params = {name: params[name] - lr * grads[name] for name in params}
        losses.append(min([loss, *losses]))
    return params, losses


@misconception(
    of="train",
    kind="misses_point",
    hint="You add up the losses of all batches so far. Record each batch's loss separately.",
)
def losses_add_up(params, batches, lr, loss_and_grads):
    losses = []
    for X, y in batches:
        loss, grads = loss_and_grads(params, X, y)
        params = {name: params[name] - lr * grads[name] for name in params}
        losses.append(loss + (losses[-1] if losses else 0.0))
    return params, losses


@misconception(
    of="train",
    kind="misses_point",
    hint="You record the mean of the losses so far instead of the loss of the batch.",
)
def mean_loss_so_far(params, batches, lr, loss_and_grads):
    losses = []
    for X, y in batches:
        loss, grads = loss_and_grads(params, X, y)
        params = {name: params[name] - lr * grads[name] for name in params}
        losses.append(loss)
    return params, [np.mean(losses[: i + 1]) for i in range(len(losses))]


@misconception(
    of="train",
    kind="misses_point",
    hint="You return only the last loss. There should be one loss for each batch.",
)
def last_loss_only(params, batches, lr, loss_and_grads):
    loss = 0.0
    for X, y in batches:
        loss, grads = loss_and_grads(params, X, y)
        params = {name: params[name] - lr * grads[name] for name in params}
    return params, loss


@misconception(
    of="train",
    kind="misses_point",
    hint="You return only the trained parameters. Return the losses too: a pair (params, losses).",
)
def parameters_only(params, batches, lr, loss_and_grads):
    for X, y in batches:
        _, grads = loss_and_grads(params, X, y)
        params = {name: params[name] - lr * grads[name] for name in params}
    return params


@misconception(
    of="train",
    kind="misses_point",
    hint="You return only the losses. Return the trained parameters too: a pair (params, losses).",
)
def losses_only(params, batches, lr, loss_and_grads):
    losses = []
    for X, y in batches:
        loss, grads = loss_and_grads(params, X, y)
        params = {name: params[name] - lr * grads[name] for name in params}
        losses.append(loss)
    return losses


@misconception(
    of="train",
    kind="misses_point",
    hint="You return only the mean of all losses, so nobody can see how the losses fell. Return one loss for each "
    "batch.",
)
def mean_of_all_losses(params, batches, lr, loss_and_grads):
    losses = []
    for X, y in batches:
        loss, grads = loss_and_grads(params, X, y)
        params = {name: params[name] - lr * grads[name] for name in params}
        losses.append(loss)
    return params, sum(losses) / max(len(losses), 1)


@misconception(
    of="train",
    kind="convention",
    hint="Your two results are in the wrong order: return the parameters first, then the losses.",
)
def losses_first(params, batches, lr, loss_and_grads):
    losses = []
    for X, y in batches:
        loss, grads = loss_and_grads(params, X, y)
        params = {name: params[name] - lr * grads[name] for name in params}
        losses.append(loss)
    return losses, params


@misconception(
    of="train",
    kind="misses_point",
    hint="You stop as soon as the loss rises. It can rise just because a batch is harder than the one before, so go "
    "through all the batches.",
)
def stops_when_the_loss_rises(params, batches, lr, loss_and_grads):
    losses = []
    for X, y in batches:
        loss, grads = loss_and_grads(params, X, y)
        if losses and loss > losses[-1]:
            break
        params = {name: params[name] - lr * grads[name] for name in params}
        losses.append(loss)
    return params, losses


@misconception(
    of="train",
    kind="misses_point",
    hint="You don't take a step if a batch's loss is higher than the one before. It may just be a harder batch, so "
    "take a step for every batch.",
)
def no_step_when_the_loss_rises(params, batches, lr, loss_and_grads):
    losses = []
    for X, y in batches:
        loss, grads = loss_and_grads(params, X, y)
        if not losses or loss <= losses[-1]:
            params = {name: params[name] - lr * grads[name] for name in params}
        losses.append(loss)
    return params, losses


@misconception(
    of="train",
    kind="misses_point",
    hint="You collect the gradients from all the batches and take one step at the end. Take a step after every batch.",
)
def one_step_at_the_end(params, batches, lr, loss_and_grads):
    losses, gathered = [], []
    for X, y in batches:
        loss, grads = loss_and_grads(params, X, y)
        losses.append(loss)
        gathered.append(grads)
    means = {name: sum(grads[name] for grads in gathered) / max(len(gathered), 1) for name in params}
    return {name: params[name] - lr * means[name] for name in params}, losses


@misconception(
    of="train",
    kind="misses_point",
    any_of={"decay": ("halved", "a_tenth_less", "divided_by_the_step")},
    hint="Your steps get too short along the way, as if the learning rate got smaller with every step. Every step "
    "should use the learning rate the caller asked for.",
)
def learning_rate_shrinks(params, batches, lr, loss_and_grads, *, decay):
    losses = []
    for step, (X, y) in enumerate(batches):
        loss, grads = loss_and_grads(params, X, y)
        shrunk = {"halved": lr / 2**step, "a_tenth_less": lr * 0.9**step, "divided_by_the_step": lr / (step + 1)}
        params = {name: params[name] - shrunk[decay] * grads[name] for name in params}
        losses.append(loss)
    return params, losses


@misconception(
    of="train",
    kind="conduct",
    hint="You call loss_and_grads twice for each batch, for example once for the loss and once for the gradients. "
    "That's twice the work: a single call returns both.",
    taught=True,
)
def asks_twice_a_batch(params, batches, lr, loss_and_grads):
    losses = []
    for X, y in batches:
        losses.append(loss_and_grads(params, X, y)[0])
        grads = loss_and_grads(params, X, y)[1]
        params = {name: params[name] - lr * grads[name] for name in params}
    return params, losses


@misconception(
    of="train",
    kind="conduct",
    hint="You remove each batch from the caller's list, so it ends up empty.",
    taught=True,
)
def takes_batches_out_of_the_list(params, batches, lr, loss_and_grads):
    losses = []
    left = batches if isinstance(batches, list) else list(batches)
    while left:
        loss, grads = loss_and_grads(params, *left.pop(0))
        params = {name: params[name] - lr * grads[name] for name in params}
        losses.append(loss)
    return params, losses


@misconception(
    of="train",
    kind="misses_point",
    hint="You train only the first parameter. Every parameter should take a step.",
)
def trains_the_first_parameter_only(params, batches, lr, loss_and_grads):
    losses, first = [], next(iter(params))
    for X, y in batches:
        loss, grads = loss_and_grads(params, X, y)
        params = {**params, first: params[first] - lr * grads[first]}
        losses.append(loss)
    return params, losses


@misconception(
    of="train",
    kind="edge",
    hint="You take the first batch out before the loop, for example to look at it. An iterator won't give you that "
    "batch again, so you never train on it. Let the for loop get all the batches.",
)
def first_batch_of_an_iterator_lost(params, batches, lr, loss_and_grads):
    next(iter(batches), None)
    losses = []
    for X, y in batches:
        loss, grads = loss_and_grads(params, X, y)
        params = {name: params[name] - lr * grads[name] for name in params}
        losses.append(loss)
    return params, losses


@misconception(
    of="train",
    kind="misses_point",
    any_of={"after_its_step": (False, True)},
    hint="You return the parameters from the step where the loss was lowest. Return the parameters you have after the "
    "last step.",
)
def parameters_of_the_lowest_loss(params, batches, lr, loss_and_grads, *, after_its_step):
    best, lowest, losses = params, np.inf, []
    for X, y in batches:
        loss, grads = loss_and_grads(params, X, y)
        stepped = {name: params[name] - lr * grads[name] for name in params}
        if loss < lowest:
            best, lowest = stepped if after_its_step else params, loss
        params = stepped
        losses.append(loss)
    return best, losses


@misconception(
    of="train",
    kind="misses_point",
    any_of={"beta": (0.9, 0.99, 0.5)},
    hint="You smooth the losses, so each one you record is a mix of that batch's loss and earlier ones. Record each "
    "batch's loss separately.",
)
def losses_smoothed(params, batches, lr, loss_and_grads, *, beta):
    losses = []
    for X, y in batches:
        loss, grads = loss_and_grads(params, X, y)
        params = {name: params[name] - lr * grads[name] for name in params}
        losses.append(beta * losses[-1] + (1 - beta) * loss if losses else loss)
    return params, losses


@misconception(
    of="train",
    kind="misses_point",
    hint="You divide the gradients or the steps by the number of examples. loss_and_grads already gives you the "
    "gradients of a mean, so use them as they are.",
)
def gradients_divided_by_the_batch_size(params, batches, lr, loss_and_grads):
    losses = []
    for X, y in batches:
        loss, grads = loss_and_grads(params, X, y)
        params = {name: params[name] - lr * grads[name] / len(X) for name in params}
        losses.append(loss)
    return params, losses


@misconception(
    of="train",
    kind="misses_point",
    hint="You divide the losses by the number of examples. loss_and_grads already gives you a mean, so record it as "
    "it is.",
)
def losses_divided_by_the_batch_size(params, batches, lr, loss_and_grads):
    losses = []
    for X, y in batches:
        loss, grads = loss_and_grads(params, X, y)
        params = {name: params[name] - lr * grads[name] for name in params}
        losses.append(loss / len(X))
    return params, losses


@misconception(
    of="train",
    kind="misses_point",
    hint="You multiply each loss by the number of examples. Record the loss as loss_and_grads returns it: a mean over "
    "the batch.",
)
def losses_times_the_batch_size(params, batches, lr, loss_and_grads):
    losses = []
    for X, y in batches:
        loss, grads = loss_and_grads(params, X, y)
        params = {name: params[name] - lr * grads[name] for name in params}
        losses.append(loss * len(X))
    return params, losses


@misconception(
    of="train",
    kind="misses_point",
    any_of={"missing": ("first", "last")},
    hint="The parameters you return don't include the step for the first batch or the last one. For each batch, record "
    "the loss and take a step.",
)
def one_step_is_missing(params, batches, lr, loss_and_grads, *, missing):
    losses, batches = [], list(batches)
    for place, (X, y) in enumerate(batches):
        loss, grads = loss_and_grads(params, X, y)
        if place != (0 if missing == "first" else len(batches) - 1):
            params = {name: params[name] - lr * grads[name] for name in params}
        losses.append(loss)
    return params, losses


@misconception(
    of="train",
    kind="misses_point",
    any_of={"digits": (1, 0)},
    hint="You round the losses. Record each loss as it is.",
)
def losses_rounded(params, batches, lr, loss_and_grads, *, digits):
    losses = []
    for X, y in batches:
        loss, grads = loss_and_grads(params, X, y)
        params = {name: params[name] - lr * grads[name] for name in params}
        losses.append(round(float(loss), digits))
    return params, losses


@misconception(
    of="train",
    kind="misses_point",
    any_of={"beta": (0.9, 0.5)},
    hint="You add part of the last step to the next one (momentum). Plain gradient descent doesn't remember earlier "
    "steps.",
)
def trains_with_momentum(params, batches, lr, loss_and_grads, *, beta):
    losses, steps = [], dict.fromkeys(params, 0.0)
    for X, y in batches:
        loss, grads = loss_and_grads(params, X, y)
        steps = {name: beta * steps[name] + lr * grads[name] for name in params}
        params = {name: params[name] - steps[name] for name in params}
        losses.append(loss)
    return params, losses


@misconception(
    of="train",
    kind="misses_point",
    any_of={"decay": (0.01, 0.1)},
    hint="You also shrink the parameters a little in each step (weight decay). Only the gradients should change the "
    "parameters.",
)
def trains_with_weight_decay(params, batches, lr, loss_and_grads, *, decay):
    losses = []
    for X, y in batches:
        loss, grads = loss_and_grads(params, X, y)
        params = {name: params[name] - lr * (grads[name] + decay * params[name]) for name in params}
        losses.append(loss)
    return params, losses


@misconception(
    of="train",
    kind="misses_point",
    any_of={"limit": (1.0, 5.0), "together": (False, True)},
    hint="You clip the gradients before each step, as some training scripts do. Here, a steep slope should lead to a "
    "long step.",
)
def gradients_clipped(params, batches, lr, loss_and_grads, *, limit, together):
    losses = []
    for X, y in batches:
        loss, grads = loss_and_grads(params, X, y)
        norm = np.sqrt(sum(np.sum(np.square(grads[name])) for name in params))
        for name in params:
            clipped = grads[name] * min(1.0, limit / norm) if together else np.clip(grads[name], -limit, limit)
            params = {**params, name: params[name] - lr * clipped}
        losses.append(loss)
    return params, losses


@misconception(
    of="train",
    kind="misses_point",
    any_of={"fixed": (0.01, 0.001)},
    hint="You use a fixed learning rate, no matter what the caller asks for. Use lr, which the caller passes in.",
)
def trains_at_a_rate_of_its_own(params, batches, lr, loss_and_grads, *, fixed):
    losses = []
    for X, y in batches:
        loss, grads = loss_and_grads(params, X, y)
        params = {name: params[name] - fixed * grads[name] for name in params}
        losses.append(loss)
    return params, losses


@misconception(
    of="train",
    kind="edge",
    any_of={"enough": (1e-1, 1e-2, 1e-3)},
    hint="You stop as soon as the loss is 0 or small. Go through all the batches: take one step and record one loss "
    "for each.",
)
def stops_when_the_loss_is_small(params, batches, lr, loss_and_grads, *, enough):
    losses = []
    for X, y in batches:
        loss, grads = loss_and_grads(params, X, y)
        losses.append(loss)
        if loss < enough:
            break
        params = {name: params[name] - lr * grads[name] for name in params}
    return params, losses


@misconception(
    of="train",
    kind="misses_point",
    any_of={"what": ("number", "from 1")},
    hint="Your list of losses also contains other things, such as the batch number or the parameters. Record only the "
    "loss.",
)
def losses_with_parameters(params, batches, lr, loss_and_grads, *, what):
    losses = []
    for X, y in batches:
        loss, grads = loss_and_grads(params, X, y)
        params = {name: params[name] - lr * grads[name] for name in params}
        losses.append({"number": (len(losses), loss), "from 1": (len(losses) + 1, loss)}[what])
    return params, losses


@misconception(
    of="train",
    kind="misses_point",
    hint="The parameters you return don't include the last batch's step. Return the parameters you have after that "
    "step.",
)
def parameters_before_the_last_step(params, batches, lr, loss_and_grads):
    losses, before = [], params
    for X, y in batches:
        loss, grads = loss_and_grads(params, X, y)
        before = params
        params = {name: params[name] - lr * grads[name] for name in params}
        losses.append(loss)
    return before, losses


@misconception(
    of="train",
    kind="misses_point",
    any_of={"start": (True, False)},
    hint="You return the parameters from every step in a list. Return only the parameters after the last step.",
)
def every_parameters_of_the_way(params, batches, lr, loss_and_grads, *, start):
    losses, way = [], [params] if start else []
    for X, y in batches:
        loss, grads = loss_and_grads(params, X, y)
        params = {name: params[name] - lr * grads[name] for name in params}
        losses.append(loss)
        way.append(params)
    return way, losses


@misconception(
    of="train",
    kind="misses_point",
    any_of={"number": (2, 3, 10), "every": (False, True)},
    hint="You take several steps on each batch. Take one step, and go on to the next batch.",
)
def trains_several_steps_per_batch(params, batches, lr, loss_and_grads, *, number, every):
    losses = []
    for X, y in batches:
        for step in range(number):
            loss, grads = loss_and_grads(params, X, y)
            params = {name: params[name] - lr * grads[name] for name in params}
            if step == 0 or every:
                losses.append(loss)
    return params, losses


@misconception(
    of="train",
    kind="misses_point",
    hint="You record how much the loss changed. For each batch, record the loss itself.",
)
def change_of_the_loss(params, batches, lr, loss_and_grads):
    losses = []
    for X, y in batches:
        loss, grads = loss_and_grads(params, X, y)
        params = {name: params[name] - lr * grads[name] for name in params}
        losses.append(loss)
    return params, [loss - before for before, loss in zip([0.0, *losses], losses, strict=False)]


@misconception(
    of="train",
    kind="misses_point",
    hint="You apply the learning rate twice. Multiply the gradient by the learning rate only once.",
)
def learning_rate_applied_twice(params, batches, lr, loss_and_grads):
    losses = []
    for X, y in batches:
        loss, grads = loss_and_grads(params, X, y)
        params = {name: params[name] - lr * lr * grads[name] for name in params}
        losses.append(loss)
    return params, losses


@misconception(
    of="train",
    kind="misses_point",
    any_of={"missing": ("first", "last")},
    hint="A loss is missing from your list: the first batch's or the last one's. Return one loss for each batch.",
)
def losses_without_the_first_or_last(params, batches, lr, loss_and_grads, *, missing):
    losses = []
    for X, y in batches:
        loss, grads = loss_and_grads(params, X, y)
        params = {name: params[name] - lr * grads[name] for name in params}
        losses.append(loss)
    return params, losses[1:] if missing == "first" else losses[:-1]


@misconception(
    of="train",
    kind="misses_point",
    any_of={"how": ("permutation", "old permutation"), "seed": (0, 1, 42)},
    exempt="A shuffle with a fixed seed leaves different batches in place, depending on how many batches there are.",
    hint="You shuffle the batches. Use them in the order they come in.",
)
def batches_shuffled(params, batches, lr, loss_and_grads, *, how, seed):
    batches = list(batches)
    if how == "permutation":
        order = np.random.default_rng(seed).permutation(len(batches))
    else:
        order = np.random.RandomState(seed).permutation(len(batches))
    losses = []
    for i in order:
        loss, grads = loss_and_grads(params, *batches[i])
        params = {name: params[name] - lr * grads[name] for name in params}
        losses.append(loss)
    return params, losses


@misconception(
    of="train",
    kind="misses_point",
    any_of={"start": (True, False)},
    hint="You return the mean of the parameters over all the steps. Return the parameters you have after the last "
    "step.",
)
def mean_of_the_parameters(params, batches, lr, loss_and_grads, *, start):
    losses, way = [], [params] if start else []
    for X, y in batches:
        loss, grads = loss_and_grads(params, X, y)
        params = {name: params[name] - lr * grads[name] for name in params}
        way.append(params)
        losses.append(loss)
    return {name: np.mean([each[name] for each in way], axis=0) for name in params} if way else params, losses


@misconception(
    of="train",
    kind="misses_point",
    any_of={"schedule": ("decay", "warmup", "warmup over 3", "warmup over 5", "warmup over 10", "cosine")},
    hint="You change the learning rate from step to step, with a warmup at the start or a decay toward the end. "
    "Every step should use the learning rate the caller asked for.",
)
def learning_rate_on_a_schedule(params, batches, lr, loss_and_grads, *, schedule):
    batches, losses = list(batches), []
    for i, (X, y) in enumerate(batches):
        n = len(batches)
        factor = {
            "decay": 1 - i / n,
            "warmup": (i + 1) / n,
            "warmup over 3": min(1.0, (i + 1) / 3),
            "warmup over 5": min(1.0, (i + 1) / 5),
            "warmup over 10": min(1.0, (i + 1) / 10),
            "cosine": 0.5 * (1 + np.cos(np.pi * i / n)),
        }[schedule]
        loss, grads = loss_and_grads(params, X, y)
        params = {name: params[name] - factor * lr * grads[name] for name in params}
        losses.append(loss)
    return params, losses


@misconception(
    of="train",
    kind="edge",
    hint="You leave out a loss of 0 (0 counts as false in a condition), so there are fewer losses than batches. "
    "Record every loss.",
)
def losses_of_0_left_out(params, batches, lr, loss_and_grads):
    losses = []
    for X, y in batches:
        loss, grads = loss_and_grads(params, X, y)
        params = {name: params[name] - lr * grads[name] for name in params}
        if loss:
            losses.append(loss)
    return params, losses


@misconception(
    of="train",
    kind="misses_point",
    any_of={"kind": ("AdaGrad", "RMSProp", "Adam")},
    hint="You divide each step by the size of the gradients so far (AdaGrad, RMSProp or Adam). Plain gradient descent "
    "only multiplies the gradient by the learning rate.",
)
def adaptive_training_steps(params, batches, lr, loss_and_grads, *, kind):
    losses, means, squares = [], dict.fromkeys(params, 0.0), dict.fromkeys(params, 0.0)
    for step, (X, y) in enumerate(batches, start=1):
        loss, grads = loss_and_grads(params, X, y)
        losses.append(loss)
        moved = {}
        for name, gradient in grads.items():
            if kind == "AdaGrad":
                squares[name] = squares[name] + gradient**2
                move = gradient / (np.sqrt(squares[name]) + 1e-8)
            elif kind == "RMSProp":
                squares[name] = 0.9 * squares[name] + 0.1 * gradient**2
                move = gradient / (np.sqrt(squares[name]) + 1e-8)
            else:
                means[name] = 0.9 * means[name] + 0.1 * gradient
                squares[name] = 0.999 * squares[name] + 0.001 * gradient**2
                move = means[name] / (1 - 0.9**step) / (np.sqrt(squares[name] / (1 - 0.999**step)) + 1e-8)
            moved[name] = params[name] - lr * move
        params = moved
    return params, losses
