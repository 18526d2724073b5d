"""What a worker can see of the file system: a `View` of what it's allowed to read, and a root folder with nothing else
in it."""

import os
import sysconfig
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from autograder.sandbox import linux

NOBODY = 65534
SCRATCH_PARENT, SCRATCH = "/sandbox", "/sandbox/tmp"
OLD_ROOT = "/old"
DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")


@dataclass
class View:
    """The files and folders that a worker may read, by their real paths.

    `masked` folders are inside readable ones, but are left out.
    """

    readable: list[str] = field(default_factory=list)
    masked: list[str] = field(default_factory=list)
    links: dict[str, str] = field(default_factory=dict)

    def add(self, path: str) -> None:
        if not os.path.exists(path):
            return
        for part in [*reversed(Path(path).parents), Path(path)]:
            if part.is_symlink():
                self.links[os.path.join(os.path.realpath(part.parent), part.name)] = os.path.realpath(part)
        real = os.path.realpath(path)
        nearest = max((held for held in self.readable + self.masked if _within(real, held)), key=len, default=None)
        if nearest is None or nearest in self.masked:
            self.readable.append(real)

    def mask(self, name: str) -> None:
        """Leave out folders with this name in a readable folder, or in a Python folder inside one."""
        for folder in self.readable:
            found = [*Path(folder).glob(name), *Path(folder).glob(f"python3*/{name}")]
            self.masked += [str(path) for path in found if path.is_dir() and not path.is_symlink()]

    def rules(self) -> Iterator[tuple[str, int]]:
        """Yield Landlock rules for the view.

        Landlock can only grant access, so everything next to a masked folder gets its own rule.
        """
        for path in self.readable:
            yield from self._around(path)

    def _around(self, path: str) -> Iterator[tuple[str, int]]:
        if not any(_within(hidden, path) for hidden in self.masked):
            yield path, linux.FS_READ
            return
        yield path, linux.FS_READ_DIR
        for child in os.scandir(path):
            if child.path not in self.masked and not child.is_symlink():
                yield from self._around(child.path)


def _within(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def visible_files(standard: Iterable[str], packages: Iterable[str]) -> View:
    """Return a view of the standard library, the system's and this process's shared libraries, and `packages`."""
    view = View()
    for path in standard:
        view.add(path)
    triplet = sysconfig.get_config_var("MULTIARCH")
    for path in (f"/lib/{triplet}", f"/usr/lib/{triplet}", "/lib64", "/usr/lib64", "/etc/ld.so.cache"):
        view.add(path)
    view.mask("site-packages")
    view.mask("dist-packages")
    for path in packages:
        view.add(path)
    for line in Path("/proc/self/maps").read_text().splitlines():
        parts = line.split(maxsplit=5)
        if len(parts) == 6 and parts[5].startswith("/") and ".so" in parts[5]:
            view.add(parts[5])
    return view


def build_root(view: View, outer: tuple[int, int] | None, proc: int) -> None:
    """Enter a mount namespace whose root contains only `view`. `outer`: the ids of a caller that isn't root."""
    linux.unshare(linux.NEWNS | (linux.NEWUSER if outer else 0))
    if outer:
        linux.map_ids(proc, (outer[0] or NOBODY, outer[1] or NOBODY), outer)
    os.umask(0o022)
    linux.mount("none", "/", None, linux.MS_REC | linux.MS_PRIVATE)
    new_root = "/tmp"
    linux.mount("tmpfs", new_root, "tmpfs", linux.MS_NOSUID | linux.MS_NODEV, "mode=0755,size=4m")
    os.mkdir(new_root + OLD_ROOT)
    linux.enter_root(new_root, new_root + OLD_ROOT)
    # Sort the paths, so that a folder comes before any masked folder inside it, and a masked folder before any package
    # inside it.
    for path in sorted([*view.readable, *view.masked, *(each for each in DEVICES if os.path.exists(OLD_ROOT + each))]):
        source = OLD_ROOT + path
        if path in view.masked:
            linux.mount("tmpfs", path, "tmpfs", linux.MS_NOSUID | linux.MS_NODEV, "mode=0755,size=1m")
            continue
        if os.path.isdir(source):
            os.makedirs(path, exist_ok=True)
        elif not os.path.exists(path):
            os.makedirs(os.path.dirname(path), exist_ok=True)
            os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o444))
        linux.mount(source, path, None, linux.MS_BIND | linux.MS_REC)
    for link, target in view.links.items():
        if not os.path.lexists(link):
            os.makedirs(os.path.dirname(link), exist_ok=True)
            os.symlink(target, link)
    os.makedirs(SCRATCH)
    linux.detach(OLD_ROOT)
    os.rmdir(OLD_ROOT)
    linux.make_read_only("/")
