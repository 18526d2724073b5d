"""Measure what a command uses: seconds from start to end, and the memory of all its processes."""

import os
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

SAMPLE_SECONDS = 0.5
MB = 1_000_000


@dataclass(frozen=True)
class Usage:
    """What a command used, in seconds and MB.

    memory_mb: the peak of all processes together, counting shared memory once. main_mb: the peak of the first process.
    main_cpu_seconds: processor time of the first process.
    """

    seconds: float
    memory_mb: float
    main_mb: float
    main_cpu_seconds: float


def run(
    command: Sequence[str | Path], folder: Path, environment: Mapping[str, str], ends: Sequence[int] = (0,)
) -> Usage:
    """Run a command and return what it used. Raises RuntimeError unless its exit code is one of `ends`."""
    peak = {"memory_mb": 0.0, "main_mb": 0.0}
    log = folder / "command.log"
    with log.open("w") as output:
        begun = time.perf_counter()
        process = subprocess.Popen(command, cwd=folder, env={**os.environ, **environment}, stdout=output, stderr=output)
        sampler = threading.Thread(target=_sample, args=(process, peak))
        sampler.start()
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begun
        code = process.returncode = os.waitstatus_to_exitcode(status)
        sampler.join()
    if code not in ends:
        raise RuntimeError(f"{' '.join(map(str, command))} exited with code {code}:\n{log.read_text()[-2000:]}")
    return Usage(seconds, **peak, main_cpu_seconds=used.ru_utime + used.ru_stime)


def _sample(process: "subprocess.Popen[bytes]", peak: dict[str, float]) -> None:
    while process.returncode is None:
        with suppress(psutil.NoSuchProcess):
            main = psutil.Process(process.pid)
            held = [_memory_mb(each.pid) for each in (main, *main.children(recursive=True))]
            peak["memory_mb"] = max(peak["memory_mb"], sum(held))
            peak["main_mb"] = max(peak["main_mb"], held[0])
        time.sleep(SAMPLE_SECONDS)


def _memory_mb(pid: int) -> float:
    """Return the process's memory in MB, with its proportional share of shared memory; 0 if it has just ended."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) * 1024 / MB for line in lines if line.startswith("Pss:")), 0.0)
