"""The weight files that the proxy carries, and the check that they are what the manifest says."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Final

from proxy.errors import ModelError

_REINSTALL: Final = "install veilcast again; its models/ folder is part of it"


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One row of the manifest.

    Attributes:
        name: how code and reports call the model: ``yunet``.
        file: its file name in the models folder.
        sha256: the file's hash, 64 hex digits.
        source: the public package it comes from.
        licence: its SPDX name and whose it is.
        input, output: shapes and meaning of what goes in and comes out, in words.
    """

    name: str
    file: str
    sha256: str
    source: str
    licence: str
    input: str
    output: str


@dataclass(frozen=True, slots=True)
class ModelUsed:
    """A model as reports and claims name it: ``sha256`` is the first 16 hex digits."""

    name: str
    file: str
    sha256: str

    @classmethod
    def of(cls, model: ModelFile) -> ModelUsed:
        """The short form of a manifest row."""
        return cls(model.name, model.file, model.sha256[:16])


def models_folder() -> Path:
    """Where the models lie: inside the installed package, or beside it in a checkout."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "_models"
    return installed if installed.is_dir() else package.parent / "models"


@dataclass(frozen=True, slots=True)
class ModelStore:
    """The models of one folder, as its ``manifest.toml`` lists them."""

    folder: Path
    models: tuple[ModelFile, ...]

    @classmethod
    def open(cls, folder: Path | None = None) -> ModelStore:
        """Read the manifest in ``folder``, by default the one the proxy came with.

        Raises:
            ModelError: there is no manifest, or it cannot be understood.
        """
        folder = folder or models_folder()
        path = folder / "manifest.toml"
        try:
            rows = tomllib.loads(path.read_text(encoding="utf-8"))["model"]
            models = tuple(_model_file(row) for row in rows)
        except OSError as error:
            raise ModelError(f"the model manifest {path} cannot be read: {error.strerror}", hint=_REINSTALL) from error
        except (ValueError, KeyError, TypeError) as error:
            raise ModelError(f"the model manifest {path} is damaged", hint=_REINSTALL) from error
        return cls(folder, models)

    def find(self, name: str) -> ModelFile:
        """The manifest's row for ``name``.

        Raises:
            ModelError: the manifest has none.
        """
        for model in self.models:
            if model.name == name:
                return model
        raise ModelError(f"the model manifest in {self.folder} does not list {name}", hint=_REINSTALL)

    def load(self, name: str) -> bytes:
        """The content of the model called ``name``, after its hash was compared with the manifest's.

        Raises:
            ModelError: the file is missing, cannot be read, or is not the one that the manifest names.
        """
        model = self.find(name)
        path = self.folder / model.file
        try:
            content = path.read_bytes()
        except FileNotFoundError as error:
            raise ModelError(f"model file {path} is missing", hint=_REINSTALL) from error
        except OSError as error:
            raise ModelError(f"model file {path} cannot be read: {error.strerror}", hint="check its permissions") from error
        found = hashlib.sha256(content).hexdigest()
        if found != model.sha256:
            raise ModelError(f"model file {path} was altered: sha256 {found[:16]}, expected {model.sha256[:16]}", hint=_REINSTALL)
        return content


def _model_file(row: dict[str, str]) -> ModelFile:
    values = [row[field.name] for field in fields(ModelFile)]
    if not all(isinstance(value, str) and value for value in values) or len(row["sha256"]) != 64:
        raise ValueError("expected text in every field and 64 digits in sha256")
    return ModelFile(*values)
