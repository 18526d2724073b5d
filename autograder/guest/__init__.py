"""Code that runs beside a student's code. It needs numpy and msgpack only."""
