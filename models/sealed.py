"""A folder of files under one manifest of checksums: written whole or not at all, read whole or not at all."""

import errno
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from features.errors import BundleError
from features.words import Words

SCHEMA = 3
MANIFEST = "manifest.json"
LARGEST = 1 << 30  # bytes of one file


def manifest(files: Mapping[str, bytes]) -> bytes:
    """Return the manifest: the version of the layout, and the SHA-256 of each file by name.

    Examples
    --------
    >>> print(manifest({"a.txt": b""}).decode())
    {
     "luodi_bundle": 3,
     "files": {
      "a.txt": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
     }
    }
    <BLANKLINE>
    """
    sums = {name: hashlib.sha256(content).hexdigest() for name, content in sorted(files.items())}
    return (json.dumps({"luodi_bundle": SCHEMA, "files": sums}, indent=1) + "\n").encode()


def digest(files: Mapping[str, bytes]) -> str:
    """Return the SHA-256 of the manifest of the files: one name for all their content."""
    return hashlib.sha256(manifest(files)).hexdigest()


def is_sealed(folder: Path) -> bool:
    """Return whether a folder claims to be one of ours."""
    try:
        claim = json.loads((folder / MANIFEST).read_bytes())
    except (OSError, ValueError):
        return False
    return isinstance(claim, dict) and "luodi_bundle" in claim


def _is_ours(target: Path) -> bool:
    """Return whether nothing would be lost with what is there: an empty folder, or a sealed one and no other file."""
    present = {p.name for p in target.iterdir()} if target.is_dir() else None
    if not present:
        return present is not None
    return is_sealed(target) and present <= {MANIFEST, *json.loads((target / MANIFEST).read_bytes()).get("files", ())}


def seal(files: Mapping[str, bytes], folder: Path) -> None:
    """Write the files and their manifest. Only an older folder of ours, or an empty one, is replaced; a link stays.

    Raises
    ------
    BundleError
        The folder holds something else, or cannot be written; nothing is left behind.
    """
    target = folder.resolve()
    if target.exists() and not _is_ours(target):
        raise BundleError(
            Words(
                zh=f"{target}：输出应为新文件夹或已有的模型文件夹；此处已有其他内容。请换一个位置。",
                en=f"{target}: the output must be a new folder or an older model; got something else there. "
                "Name another place.",
            )
        )
    with _in_words(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent))
        try:
            for name, content in {**files, MANIFEST: manifest(files)}.items():
                _write(draft / name, content)
            draft.chmod(0o755)  # mkdtemp's folder is closed to others; this one is for sharing
            _swap(draft, target)
        finally:
            shutil.rmtree(draft, ignore_errors=True)


def unseal(folder: Path) -> Mapping[str, bytes]:
    """Return the files of a folder by name, each checked against the manifest.

    Raises
    ------
    BundleError
        No manifest, one of another layout, or a file is missing, added or changed; each is named.
    """
    try:
        claim = json.loads(_content(folder / MANIFEST))
        schema, sums = claim["luodi_bundle"], dict(claim["files"])
        present = {p.name: _content(p) for p in sorted(folder.iterdir()) if p.name != MANIFEST}
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise BundleError(_no_bundle(folder, error)) from error
    if schema != SCHEMA:
        raise BundleError(_other_layout(folder, schema))
    found = {name: hashlib.sha256(content).hexdigest() for name, content in present.items()}
    wrong = sorted(name for name in {*sums, *found} if found.get(name) != sums.get(name))
    if wrong:
        raise BundleError(_changed(folder, ", ".join(wrong)))
    return present


def _content(path: Path) -> bytes:
    """Return a file of a folder that may be anybody's: a pipe would never end, a file without bound fill the memory."""
    size = path.stat().st_size
    if not path.is_file() or size > LARGEST:
        raise OSError(errno.EFBIG, f"{path.name}: no plain file of at most {LARGEST >> 20} MB")
    return path.read_bytes()


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _swap(draft: Path, target: Path) -> None:
    """Put ``draft`` in the place of ``target``; an older bundle is moved aside first, and back if that fails."""
    if not target.exists():
        draft.rename(target)
        return
    old = draft.with_suffix(".old")
    target.rename(old)
    try:
        draft.rename(target)
    except BaseException:  # an interrupt too
        old.rename(target)
        raise
    shutil.rmtree(old)


@contextmanager
def _in_words(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        full = error.errno in {errno.ENOSPC, errno.EDQUOT}
        zh, en = ("磁盘已满", "the disk is full") if full else (str(error), str(error))
        raise BundleError(
            Words(
                zh=f"{target}：应为可写的位置；实际 {zh}。未留下任何文件。请换一个位置。",
                en=f"{target}: must be a place that can be written; got {en}. Nothing was left there. "
                "Name another place.",
            )
        ) from error


def _no_bundle(folder: Path, error: Exception) -> Words:
    got = Words(f"无法读取（{error}）", str(error))
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        got = (
            Words(f"缺少 {MANIFEST}", f"a folder without {MANIFEST}")
            if folder.is_dir()
            else Words("没有这个文件夹", "no such folder")
        )
    return Words(
        zh=f"{folder}：应为 luodi train 写出的模型文件夹；实际{got.zh}。请先训练：luodi train 历史.csv --out {folder}",
        en=f"{folder}: must be a model folder written by luodi train; got {got.en}. "
        f"Train one first: luodi train history.csv --out {folder}",
    )


def _other_layout(folder: Path, schema: object) -> Words:
    return Words(
        zh=f"模型 {folder}：格式版本应为 {SCHEMA}；实际 {schema!r}。请用当前版本重新训练。",
        en=f"model {folder}: its layout must be version {SCHEMA}; got {schema!r}. Train again with this release.",
    )


def _changed(folder: Path, names: str) -> Words:
    return Words(
        zh=f"模型 {folder}：文件须与清单一致；实际缺失、多出或被改动：{names}。请从原处复制，或重新训练。",
        en=f"model {folder}: its files must be those of the manifest; got missing, added or changed: {names}. "
        "Copy it again from its source, or train it again.",
    )
