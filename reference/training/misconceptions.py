"""Wrong answers to the stubs of lab `training`."""

import numpy as np

from autograder.testing import misconception

# --- gradient_descent ---


@misconception(
    of="gradient_descent",
    hint="The walk goes uphill: a slope points to where the loss grows, so the step goes against it.",
    taught=True,
)
def walks_uphill(grad, x0, lr, steps):
    positions = [x0]
    for _ in range(steps):
        positions.append(positions[-1] + lr * grad(positions[-1]))
    return positions


@misconception(
    of="gradient_descent",
    hint="The slope is asked for only once, at the start; it is another one after every step.",
    taught=True,
)
def slope_of_the_start_only(grad, x0, lr, steps):
    positions, slope = [x0], grad(x0)
    for _ in range(steps):
        positions.append(positions[-1] - lr * slope)
    return positions


@misconception(
    of="gradient_descent",
    hint="Every step starts from x0 again; it should start from where the last one ended.",
    taught=True,
)
def every_step_from_the_start(grad, x0, lr, steps):
    positions = [x0]
    for _ in range(steps):
        positions.append(x0 - lr * grad(positions[-1]))
    return positions


@misconception(
    of="gradient_descent",
    hint="The learning rate is not used, so every step is as long as the slope is steep.",
)
def no_learning_rate(grad, x0, lr, steps):
    positions = [x0]
    for _ in range(steps):
        positions.append(positions[-1] - grad(positions[-1]))
    return positions


@misconception(
    of="gradient_descent",
    hint="The slope is divided by the learning rate; it is multiplied by it.",
)
def divides_by_the_learning_rate(grad, x0, lr, steps):
    positions = [x0]
    for _ in range(steps):
        positions.append(positions[-1] - grad(positions[-1]) / lr if lr else positions[-1])
    return positions


@misconception(
    of="gradient_descent",
    hint="Only the sign of the slope counts, so all steps have the same length; steep places should make long steps.",
)
def sign_of_the_slope(grad, x0, lr, steps):
    positions = [x0]
    for _ in range(steps):
        positions.append(positions[-1] - lr * np.sign(grad(positions[-1])))
    return positions


@misconception(
    of="gradient_descent",
    hint="The slope is cut off at 1; it is taken as it is, however steep.",
)
def slope_cut_off(grad, x0, lr, steps):
    positions = [x0]
    for _ in range(steps):
        positions.append(positions[-1] - lr * np.clip(grad(positions[-1]), -1.0, 1.0))
    return positions


@misconception(
    of="gradient_descent",
    hint="Long steps are cut off at 1, so the walk cannot show that its learning rate is too large.",
    taught=True,
)
def step_cut_off(grad, x0, lr, steps):
    positions = [x0]
    for _ in range(steps):
        positions.append(positions[-1] - np.clip(lr * grad(positions[-1]), -1.0, 1.0))
    return positions


@misconception(
    of="gradient_descent",
    hint="The learning rate is halved after every step; it stays the same.",
)
def learning_rate_halved(grad, x0, lr, steps):
    positions = [x0]
    for step in range(steps):
        positions.append(positions[-1] - lr / 2**step * grad(positions[-1]))
    return positions


@misconception(
    of="gradient_descent",
    hint="Some of the last step is added to the next one (momentum); plain gradient descent has no memory.",
)
def with_momentum(grad, x0, lr, steps):
    positions, step = [x0], 0.0
    for _ in range(steps):
        step = 0.9 * step - lr * grad(positions[-1])
        positions.append(positions[-1] + step)
    return positions


@misconception(
    of="gradient_descent",
    hint="The walk ends early where the slope gets steeper; it should take all its steps, also the wrong way.",
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
    hint="The walk ends early where the slope is almost 0; it should take all its steps, however short.",
)
def stops_near_the_bottom(grad, x0, lr, steps):
    positions = [x0]
    for _ in range(steps):
        slope = grad(positions[-1])
        if np.max(np.abs(slope)) < 1e-4:
            break
        positions.append(positions[-1] - lr * slope)
    return positions


@misconception(
    of="gradient_descent",
    hint="Only the last position comes back; all of them are wanted, the start first.",
)
def last_position_only(grad, x0, lr, steps):
    x = x0
    for _ in range(steps):
        x = x - lr * grad(x)
    return x


@misconception(
    of="gradient_descent",
    hint="The start is missing: it is the first position.",
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
    hint="There is one step too few: so many positions are wanted as there are steps, and the start besides.",
)
def one_step_too_few(grad, x0, lr, steps):
    positions = [x0]
    for _ in range(steps - 1):
        positions.append(positions[-1] - lr * grad(positions[-1]))
    return positions


@misconception(
    of="gradient_descent",
    hint="The slopes come back; the positions are wanted.",
)
def slopes_instead_of_positions(grad, x0, lr, steps):
    x, slopes = x0, []
    for _ in range(steps + 1):
        slopes.append(grad(x))
        x = x - lr * slopes[-1]
    return slopes


@misconception(
    of="gradient_descent",
    hint="The positions are rounded, so small steps vanish.",
)
def positions_rounded(grad, x0, lr, steps):
    positions = [x0]
    for _ in range(steps):
        positions.append(np.round(positions[-1] - lr * grad(positions[-1]), 3))
    return positions


@misconception(
    of="gradient_descent",
    hint="The walk is right, but the slope is asked for once more than there are steps, and asking is the dear part.",
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
    hint="The walk is right, but the slope is asked for twice in every step, and asking is the dear part.",
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
    hint="One array is changed in place and put into the list again and again, so all positions are the last one and "
    "the caller's start is lost, too; make a new array in every step.",
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
    hint="Positions are kept in an array of whole numbers where the start is one, so every fraction is cut off.",
)
def positions_in_the_type_of_the_start(grad, x0, lr, steps):
    positions = np.array([x0] * (steps + 1))
    for step in range(steps):
        positions[step + 1] = positions[step] - lr * grad(positions[step])
    return positions


# --- sgd_step ---


@misconception(
    of="sgd_step",
    hint="The gradients are added, which makes the loss grow; a gradient points uphill.",
    taught=True,
)
def adds_the_gradients(params, grads, lr):
    return {name: params[name] + lr * grads[name] for name in params}


@misconception(
    of="sgd_step",
    hint="The parameters become the step itself; the step is taken from where they are.",
)
def only_the_step(params, grads, lr):
    return {name: -lr * grads[name] for name in params}


@misconception(
    of="sgd_step",
    hint="The learning rate is not used, so every step is as long as its gradient.",
)
def step_without_learning_rate(params, grads, lr):
    return {name: params[name] - grads[name] for name in params}


@misconception(
    of="sgd_step",
    hint="The gradients are not used: every parameter falls by the learning rate.",
)
def step_without_gradients(params, grads, lr):
    return {name: params[name] - lr + 0 * grads[name] for name in params}


@misconception(
    of="sgd_step",
    hint="The learning rate is a fixed number in the code; it comes as an argument.",
)
def learning_rate_always_01(params, grads, lr):
    return {name: params[name] - 0.1 * grads[name] for name in params}


@misconception(
    of="sgd_step",
    hint="Only the signs of the gradients count; a steep slope should make a longer step than a gentle one.",
)
def signs_of_the_gradients(params, grads, lr):
    return {name: params[name] - lr * np.sign(grads[name]) for name in params}


@misconception(
    of="sgd_step",
    hint="Every gradient is brought to length 1 first, so all steps are equally long; take gradients as they are.",
)
def gradients_of_length_1(params, grads, lr):
    return {
        name: params[name] - lr * np.asarray(grads[name]) / max(np.sqrt(np.sum(np.square(grads[name]))), 1e-12)
        for name in params
    }


@misconception(
    of="sgd_step",
    hint="Steep gradients are cut off at 1; plain gradient descent takes them as they are.",
)
def gradients_cut_off(params, grads, lr):
    return {name: params[name] - lr * np.clip(grads[name], -1.0, 1.0) for name in params}


@misconception(
    of="sgd_step",
    hint="All gradients together are shortened to a norm of 1, as some training scripts do; here a steep slope makes a "
    "long step.",
)
def gradients_shortened_to_norm_1(params, grads, lr):
    norm = np.sqrt(sum(np.sum(np.square(grads[name])) for name in params))
    return {name: param - lr * np.asarray(grads[name]) / max(norm, 1.0) for name, param in params.items()}


@misconception(
    of="sgd_step",
    hint="All numbers of an array move by the mean of its gradient; each has a slope of its own.",
)
def mean_of_each_gradient(params, grads, lr):
    return {name: params[name] - lr * np.mean(grads[name]) for name in params}


@misconception(
    of="sgd_step",
    hint="The parameters are made smaller by the learning rate as well (weight decay); only the gradients move them.",
)
def with_weight_decay(params, grads, lr):
    return {name: params[name] - lr * (grads[name] + 0.01 * params[name]) for name in params}


@misconception(
    of="sgd_step",
    hint="Only the first parameter takes its step, because the function returns inside the loop.",
)
def only_the_first_parameter(params, grads, lr):
    stepped = dict(params)
    for name in params:
        stepped[name] = params[name] - lr * grads[name]
        return stepped
    return stepped


@misconception(
    of="sgd_step",
    hint="Biases are left as they are; every parameter takes a step.",
)
def biases_left_out(params, grads, lr):
    return {name: param if name.startswith("b") else param - lr * grads[name] for name, param in params.items()}


@misconception(
    of="sgd_step",
    hint="Parameters and gradients are paired in the order in which they come; they belong together by name.",
    taught=True,
)
def paired_by_order(params, grads, lr):
    if len(params) != len(grads):
        raise KeyError("a gradient is missing")
    return {name: param - lr * grad for (name, param), grad in zip(params.items(), grads.values(), strict=True)}


@misconception(
    of="sgd_step",
    hint="The names are lost: a list comes back, and the caller looks parameters up by name.",
)
def list_without_names(params, grads, lr):
    return [params[name] - lr * grads[name] for name in params]


@misconception(
    of="sgd_step",
    hint="The parameters as they were come back: the new ones only have a name inside the function, or are in a dict "
    "that is not returned.",
    taught=True,
)
def returns_the_old_parameters(params, grads, lr):
    stepped = {}
    for name in params:
        stepped[name] = params[name] - lr * grads[name]
    return params


@misconception(
    of="sgd_step",
    hint="A parameter without a gradient is skipped, so it's never trained and nobody notices; let the KeyError come.",
    taught=True,
)
def skips_parameters_without_gradient(params, grads, lr):
    return {name: param - lr * grads[name] if name in grads else param for name, param in params.items()}


@misconception(
    of="sgd_step",
    hint="The step is right, but the caller's gradients are set to zero after it; they aren't yours to change.",
    taught=True,
)
def sets_the_gradients_to_zero(params, grads, lr):
    stepped = {name: param - lr * grads[name] for name, param in params.items()}
    for name in params:
        grads[name] = 0.0 * grads[name]
    return stepped


@misconception(
    of="sgd_step",
    hint="A missing gradient counts as 0, so a parameter that is never trained goes unnoticed; let the KeyError come.",
    taught=True,
)
def missing_gradients_are_0(params, grads, lr):
    return {name: param - lr * grads.get(name, 0.0) for name, param in params.items()}


@misconception(
    of="sgd_step",
    hint="The loop goes over the gradients, so a parameter without one is passed over in silence; go over the "
    "parameters, and let the KeyError come.",
    taught=True,
)
def goes_over_the_gradients(params, grads, lr):
    for name in grads:
        params[name] = params[name] - lr * grads[name]


@misconception(
    of="sgd_step",
    hint="The step is right, but the caller's gradients are multiplied on the way; work out the product beside them.",
    taught=True,
)
def changes_the_gradients(params, grads, lr):
    for name in params:
        grads[name] *= lr
        params[name] = params[name] - grads[name]
    return params


# --- train ---


@misconception(
    of="train",
    hint="The gradients of all batches so far are added up, as if never set back to zero; a step goes by those of its "
    "own batch.",
)
def gradients_add_up(params, batches, lr, loss_and_grads):
    losses, total = [], dict.fromkeys(params, 0.0)
    for X, y in batches:
        loss, grads = loss_and_grads(params, X, y)
        total = {name: total[name] + grads[name] for name in params}
        params = {name: params[name] - lr * total[name] for name in params}
        losses.append(loss)
    return params, losses


@misconception(
    of="train",
    hint="The first batch is used again and again; each batch has its turn.",
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
    hint="The batches are gone through from the last to the first; keep their order.",
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
    hint="The last batch is left out; every batch has its turn.",
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
    hint="The batches are gone through twice; how often they come is decided by whoever calls.",
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
    hint="The batches are counted first, and from an iterator nothing is left after that; a for loop needs no number.",
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
    hint="The training ends after the first batch, because the function returns inside the loop.",
)
def ends_after_the_first_batch(params, batches, lr, loss_and_grads):
    for X, y in batches:
        loss, grads = loss_and_grads(params, X, y)
        return {name: params[name] - lr * grads[name] for name in params}, [loss]
    return params, []


@misconception(
    of="train",
    hint="The gradients are added, so the loss grows; a gradient points uphill.",
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
    hint="The losses are told, but no parameter is ever changed: the update is missing.",
)
def never_updates(params, batches, lr, loss_and_grads):
    return params, [loss_and_grads(params, X, y)[0] for X, y in batches]


@misconception(
    of="train",
    hint="Every batch meets the parameters of the start; each should meet what the last step has made of them.",
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
    hint="The training is right, but the parameters of the start come back.",
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
    hint="Only every second batch leads to a step; each of them should.",
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
    hint="The loss is worked out again after the step; the loss that is wanted is the one before it, which the "
    "gradients belong to.",
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
    hint="The losses are sorted so that they fall; tell them as they come, for a hard batch may follow an easy one.",
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
    hint="The lowest loss so far is told instead of the loss of the batch.",
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
    hint="The mean of the losses so far is told instead of the loss of the batch.",
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
    hint="Only the last loss comes back; one for each batch is wanted.",
)
def last_loss_only(params, batches, lr, loss_and_grads):
    loss = 0.0
    for X, y in batches:
        loss, grads = loss_and_grads(params, X, y)
        params = {name: params[name] - lr * grads[name] for name in params}
    return params, loss


@misconception(
    of="train",
    hint="Only the mean of all losses comes back, so nobody sees how they fell; one for each batch is wanted.",
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
    hint="The two results are in the wrong order: the parameters first, then the losses.",
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
    hint="The training stops where the loss rises; it goes through all batches, whatever comes.",
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
    hint="The gradients of all batches are gathered for one step at the end; there is a step after every batch.",
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
    hint="The learning rate shrinks from step to step; it stays the same.",
)
def learning_rate_shrinks(params, batches, lr, loss_and_grads):
    losses = []
    for step, (X, y) in enumerate(batches):
        loss, grads = loss_and_grads(params, X, y)
        params = {name: params[name] - lr / (step + 1) * grads[name] for name in params}
        losses.append(loss)
    return params, losses


@misconception(
    of="train",
    hint="The loss and the gradients are asked for one after the other, so each batch costs twice the work; one call "
    "gives both.",
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
    hint="The training is right, but each batch is taken out of the caller's own list, which is empty in the end.",
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
    hint="Only the first parameter is trained; every one takes its step.",
)
def trains_the_first_parameter_only(params, batches, lr, loss_and_grads):
    losses, first = [], next(iter(params))
    for X, y in batches:
        loss, grads = loss_and_grads(params, X, y)
        params = {**params, first: params[first] - lr * grads[first]}
        losses.append(loss)
    return params, losses
