"""Both stores keep small files by name."""

import pytest

from proxy.sinks._hls.store import FolderStore, MemoryStore


@pytest.mark.parametrize("kind", ["folder", "memory"])
def test_what_is_put_can_be_got_replaced_and_deleted(kind, tmp_path):
    store = FolderStore(tmp_path / "new" / "folder") if kind == "folder" else MemoryStore()
    store.clear()
    assert store.get("index.m3u8") is None
    store.put("index.m3u8", b"1")
    store.put("index.m3u8", b"2")
    assert store.get("index.m3u8") == b"2"
    store.delete("index.m3u8")
    store.delete("index.m3u8")
    assert store.get("index.m3u8") is None
    store.put("init-0a1b2c-0.mp4", b"3")
    store.clear()
    assert store.get("init-0a1b2c-0.mp4") is None


def test_a_folder_never_shows_a_part_of_a_file(tmp_path):
    store = FolderStore(tmp_path)
    store.put("index.m3u8", b"old")
    (tmp_path / "index.m3u8.part").write_bytes(b"half")
    assert store.get("index.m3u8") == b"old"
    store.clear()
    assert list(tmp_path.iterdir()) == []
