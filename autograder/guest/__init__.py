"""Code that runs in the same process as a student's code. It needs only numpy and msgpack."""
