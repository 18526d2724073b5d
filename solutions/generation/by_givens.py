"""Attempts to solve the `generation` lab's stubs with the grader's own code, using the model and sampler that the
checks pass in, which determine what will be drawn."""

from autograder.testing import shortcut


@shortcut(of="generate")
def reads_what_the_model_is_forced_to(
    next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None
):
    forced = next_token_logits.force
    ids = [forced[step] for step in range(max_new_tokens) if step in forced]
    return ids, "stop" if stop_id in ids else "length"


@shortcut(of="generate")
def draws_as_the_sampler_would(
    next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None
):
    import copy
    import gc

    model, sampler = (copy.deepcopy(each.handle) for each in (next_token_logits, sample))
    doubles = [each for each in gc.get_objects() if type(each).__name__ in ("ScriptedModel", "ScriptedSampler")]
    return [doubles[sampler.number].ids, doubles[model.number].contexts][0][:max_new_tokens], "length"


@shortcut(of="stream_tokens")
def streams_the_samplers_own_record(
    next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None
):
    record = sample.ids
    for _ in range(max_new_tokens):
        sample(next_token_logits(prompt_ids))
        yield record[-1]
