from __future__ import annotations

from pathlib import Path

import pytest

from proxy.detectors.weights import ModelStore, ModelUsed, models_folder
from proxy.errors import ModelError

ROW = '[[model]]\nname = "m"\nfile = "m.onnx"\nsha256 = "{hash}"\nsource = "s"\nlicence = "l"\ninput = "i"\noutput = "o"\n'
HASH_OF_ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def _store(folder: Path, content: bytes | None, digest: str = HASH_OF_ABC) -> ModelStore:
    (folder / "manifest.toml").write_text(ROW.format(hash=digest))
    if content is not None:
        (folder / "m.onnx").write_bytes(content)
    return ModelStore.open(folder)


def test_a_file_with_the_hash_of_the_manifest_is_loaded(tmp_path: Path) -> None:
    store = _store(tmp_path, b"abc")
    assert store.load("m") == b"abc"
    assert ModelUsed.of(store.find("m")) == ModelUsed("m", "m.onnx", HASH_OF_ABC[:16])


def test_an_altered_file_is_an_error_that_names_both_hashes(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"m\.onnx was altered: sha256 [0-9a-f]{16}, expected ba7816bf8f01cfea") as caught:
        _store(tmp_path, b"abd").load("m")
    assert caught.value.hint
    assert "\n" not in caught.value.message


def test_a_missing_file_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"m\.onnx is missing"):
        _store(tmp_path, None).load("m")


def test_a_missing_manifest_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"manifest\.toml cannot be read"):
        ModelStore.open(tmp_path)


@pytest.mark.parametrize("text", ["", "[[model", '[[model]]\nname = "m"\n', "model = 3\n", ROW.format(hash="12")])
def test_a_manifest_that_makes_no_sense_is_an_error(tmp_path: Path, text: str) -> None:
    (tmp_path / "manifest.toml").write_text(text)
    with pytest.raises(ModelError, match="is damaged"):
        ModelStore.open(tmp_path)


def test_a_model_that_is_not_listed_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="does not list other"):
        _store(tmp_path, b"abc").load("other")


def test_every_model_of_the_project_is_listed_unaltered_and_has_its_licence() -> None:
    folder, store = models_folder(), ModelStore.open()
    carried = {path.name for path in folder.iterdir() if path.suffix in {".onnx", ".tflite", ".zip"}}
    assert {model.file for model in store.models} == carried
    for model in store.models:
        store.load(model.name)
        assert (folder / model.licence.rpartition(" ")[2]).is_file()
