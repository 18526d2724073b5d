"""Attempts to solve the `training` lab's stubs with the grader's own code. The functions that the checks pass in record
how they're called."""

from autograder.testing import shortcut


@shortcut(of="gradient_descent")
def reads_where_the_slope_was_asked_for(grad, x0, lr, steps):
    return [x0, *grad.asked[:steps]]


@shortcut(of="train")
def asks_for_the_references_training(params, batches, lr, loss_and_grads):
    from autograder.given import sgd_step, train

    try:
        return train(params, batches, lr, loss_and_grads)
    except ImportError:
        losses = []
        for batch in batches:
            loss, grads = loss_and_grads(params, *batch)
            params = sgd_step(params, grads, lr)
            losses.append(loss)
        return params, losses
