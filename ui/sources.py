"""Importing on the Collect page: by drag and drop from the browser, or by a path on the server."""

from collections.abc import Sequence
from pathlib import PurePath

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from core.api.desk import Opened
from core.collect.uploads import save_uploads
from core.errors import InputError
from ui.words import plural
from ui.work import start_import

__all__ = ["Uploads", "import_path", "import_uploads", "path_form", "upload_form"]

_ROUND = "collect.uploads"
_KINDS = {"files": "Files or a zip", "folder": "A folder"}
_CLASS = "from the folders or file names"

Uploads = tuple[Sequence[UploadedFile], str]


def upload_form() -> Uploads:
    """Draws the drop zone; what lies in it, and the class that was named for all of it."""
    with st.container(border=True):
        kind = st.segmented_control(
            "What",
            list(_KINDS),
            format_func=_KINDS.__getitem__,
            default="files",
            required=True,
            key="collect.kind",
            label_visibility="collapsed",
        )
        sent = st.file_uploader(
            "Pictures, or a zip of them" if kind == "files" else "A folder; the folders in it are the classes",
            accept_multiple_files="directory" if kind == "folder" else True,
            key=f"collect.upload.{kind}.{st.session_state.get(_ROUND, 0)}",
        )
        name = st.text_input(
            "Class",
            key="collect.upload.class",
            placeholder=_CLASS,
            help="Name one when all these show the same; else folders, or names such as abra001.jpg, tell.",
        )
    return sent or [], name.strip()


def path_form() -> tuple[str, str]:
    """Draws the two lines; the path, and the class that was named for all of it."""
    with st.container(border=True):
        path = st.text_input(
            "Folder or zip on the machine that Specimen runs on",
            key="collect.path",
            placeholder="/home/me/pictures",
            help="Pictures are copied, the folder stays as it is. An annotations.csv in it is read, too.",
        )
        name = st.text_input("Class", key="collect.path.class", placeholder=_CLASS)
    return path.strip(), name.strip()


def import_uploads(here: Opened, uploads: Uploads) -> str:
    """Saves what was dropped and starts its import; the drop zone is empty afterwards."""
    sent, name = uploads
    for path in save_uploads(here.workspace, [(file.name, file) for file in sent]):
        start_import(here, str(path), class_name=name or None, title=f"Import {plural(len(sent), 'file')}")
    st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1
    return "The import has started"


def import_path(here: Opened, path: str, name: str) -> str:
    """Starts the import of a folder or zip."""
    if not path:
        raise InputError("Name the folder or zip to import, for example /home/me/pictures.")
    return start_import(here, path, class_name=name or None, title=f"Import {PurePath(path).name or path}")
